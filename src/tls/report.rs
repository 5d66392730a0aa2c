//! What is told of a TLS connection.
//!
//! Job: the values that events carry and sinks show. Input and output: none. Secrets are not among
//! them.

use std::fmt;

use strum::IntoStaticStr;

use super::alert::Alert;
use super::certificate::Certificate;
use super::suite::Suite;
use super::version::{ContentType, Version};
use crate::base::{Peer, PerPeer};

/// What is known of a TLS connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The version that was agreed on, where the hello that says it was seen or a secret tells.
    pub version: Option<Version>,
    /// The suite that was agreed on.
    pub suite: Option<Suite>,
    /// The server's name, as the client sent it.
    pub name: Option<String>,
    /// The protocol inside (ALPN), as far as it can be seen.
    pub protocol: Option<String>,
    /// Where the secrets were found that fit.
    pub keys: Option<KeySource>,
    /// How much of it was read.
    pub status: Status,
    /// Why not all of it was read.
    pub why: Option<Why>,
    /// The last alert, and who sent it.
    pub alert: Option<(Peer, Alert)>,
    /// The server's certificate, where it could be seen.
    pub certificate: Option<Certificate>,
    /// What was read of each direction.
    pub counts: PerPeer<Counts>,
}

/// Where secrets were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum KeySource {
    /// A line of a key log names the connection.
    KeyLog,
    /// A secrets block of the capture does.
    SecretsBlock,
    /// A secret of another line fitted.
    Trial,
}

impl KeySource {
    /// As the JSON contract spells it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// How much of a connection was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Status {
    /// All.
    Read,
    /// Some.
    Partly,
    /// Nothing.
    Unread,
}

impl Status {
    /// As the JSON contract spells it.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// Why a connection was not read, or not wholly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Why {
    /// There are no secrets at all.
    NoKeyLog,
    /// No line names this connection.
    NoLine,
    /// Its lines are for the other direction, another phase or another version.
    OtherLines,
    /// A line names it, and does not fit.
    LineDoesNotFit,
    /// The handshake was not captured, and without it no secret helps.
    HandshakeNotCaptured,
    /// The handshake was not captured, and no secret of the log fits within the bound.
    NothingFits,
    /// The handshake was not captured, and secrets were not tried.
    NotTried,
    /// wscope does not know how the suite encrypts.
    UnsupportedSuite(Suite),
    /// No line names the client random, and the true one may be hidden in an encrypted hello.
    PerhapsEncryptedHello,
    /// Early data have a secret of their own, which is not there.
    EarlyData,
    /// Keys changed where the capture has a gap, and reading did not go on.
    KeyUpdateLost,
    /// The key log grew, and its lines came when records had gone by.
    LinesCameLate,
    /// The peers agreed on new keys, which are not there.
    Renegotiated,
    /// The capture lacks bytes.
    CaptureLoss,
    /// The connection ended before it carried anything.
    NoData,
}

impl Why {
    /// The stable code, as it is printed.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// What to do about it, in one sentence.
    pub fn advice(self) -> &'static str {
        match self {
            Self::NoKeyLog => {
                "Have one of the peers log its secrets (SSLKEYLOGFILE) and give the file with --keylog."
            }
            Self::NoLine => {
                "Check that the program that wrote the key log is an end of this connection, and that it ran when it began."
            }
            Self::OtherLines => {
                "The key log lacks the traffic secrets of this direction; log all labels."
            }
            Self::LineDoesNotFit => {
                "The line belongs to another leg of the same connection, as behind a proxy that opens TLS; take the key log of this leg's ends."
            }
            Self::HandshakeNotCaptured => {
                "Start the capture before the connection; TLS 1.2 cannot be read without both hellos."
            }
            Self::NothingFits => {
                "Start the capture before the connection, or give the key log that has its secrets."
            }
            Self::NotTried => {
                "Start the capture before the connection; secrets are tried for the first connections only."
            }
            Self::UnsupportedSuite(_) => "Have one of the peers offer other cipher suites.",
            Self::PerhapsEncryptedHello => {
                "Switch encrypted client hellos off in the client, or give a key log of this connection."
            }
            Self::EarlyData => "Log CLIENT_EARLY_TRAFFIC_SECRET, too, or switch early data off.",
            Self::LinesCameLate => {
                "Write the packets to a file (-w) and read that: by then the key log is whole."
            }
            Self::Renegotiated => {
                "Use a library that logs the keys of each handshake, or switch renegotiation off."
            }
            Self::KeyUpdateLost | Self::CaptureLoss => {
                "Capture closer to the peers or with a larger buffer."
            }
            Self::NoData => "Nothing was sent under TLS; an alert may say why.",
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoKeyLog => f.write_str("no key log was given"),
            Self::NoLine => f.write_str("no line of the key log is for this connection"),
            Self::OtherLines => f.write_str("the key log has only other secrets of this connection"),
            Self::LineDoesNotFit => f.write_str("the key log's line for this connection does not fit"),
            Self::HandshakeNotCaptured => f.write_str("the handshake was not captured"),
            Self::NothingFits => {
                f.write_str("the handshake was not captured, and no secret of the key log fits")
            }
            Self::NotTried => {
                f.write_str("the handshake was not captured, and secrets were not tried")
            }
            Self::UnsupportedSuite(suite) => write!(f, "the cipher suite {suite} is not supported"),
            Self::PerhapsEncryptedHello => f.write_str(
                "no line of the key log is for this connection, whose client hello may be encrypted",
            ),
            Self::EarlyData => f.write_str("the secret of early data is not in the key log"),
            Self::KeyUpdateLost => f.write_str("keys changed where the capture has a gap"),
            Self::LinesCameLate => f.write_str("the key log got its lines when records had gone by"),
            Self::Renegotiated => f.write_str("the peers agreed on new keys that are not in the key log"),
            Self::CaptureLoss => f.write_str("the capture lacks bytes"),
            Self::NoData => f.write_str("it carried nothing"),
        }
    }
}

/// A record that carries application data, as explanations show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordLayer {
    /// The type in its header; application data for all that TLS 1.3 protects.
    pub content: ContentType,
    /// The version in its header: TLS 1.2 for TLS 1.3, too.
    pub version: Version,
    /// Bytes after the header.
    pub length: u16,
    /// Records before it under the same keys.
    pub number: u64,
    /// What it was encrypted with beside the key: a nonce, or the vector that CBC begins with;
    /// empty where neither is known.
    pub nonce: Vec<u8>,
    /// What authenticates it, where that is in the clear.
    pub tag: Vec<u8>,
    /// RFC 8446 §5.2: the type inside, in TLS 1.3 only.
    pub inner: Option<ContentType>,
    /// Bytes of padding, where they are known.
    pub padding: Option<u64>,
    /// Bytes of application data; of a cut record those that are known.
    pub data: u64,
    /// The tag was seen, and fits. Without it only the records around prove the number.
    pub authentic: bool,
}

/// What of a direction was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Records that opened.
    pub opened: u64,
    /// Protected records that did not open, or were cut, whatever they held.
    pub unopened: u64,
    /// Application data records that opened.
    pub data: u64,
    /// Bytes of application data that were read, with those of cut records.
    pub data_bytes: u64,
    /// Cut records whose bytes were read without a tag.
    pub unauthenticated: u64,
    /// Gaps in what was read.
    pub gaps: u64,
    /// Losses after which reading went on.
    pub recoveries: u64,
}
