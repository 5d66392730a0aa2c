//! What is known of a TLS connection, and why it cannot be read.
//!
//! Job: sum up a connection for who lists it. Input: the state of [`Records`].
//! Output: [`Facts`], with one [`Why`] where not everything was read.

use std::fmt;

use super::direction::{Counts, Direction, Found};
use super::handshake::{ClientHello, ServerHello};
use super::keylog::{KeyLog, Source};
use super::known::{Known, Order};
use super::suite::Suite;
use super::version::Version;
use crate::base::{Peer, PerPeer};

/// What goes by and is told at the end.
#[derive(Debug, Clone, Default)]
pub(super) struct Story {
    name: Option<String>,
    /// The protocol inside that the server chose.
    pub(super) protocol: Option<String>,
    found: PerPeer<Option<Found>>,
    alert: Option<(Peer, u8, u8)>,
    renegotiated: bool,
    resumed: bool,
}

impl Story {
    pub(super) fn client_hello(&mut self, hello: &ClientHello) {
        if hello.name.is_some() {
            self.name.clone_from(&hello.name);
        }
        self.resumed |= hello.resumes;
    }

    pub(super) fn server_hello(&mut self, hello: &ServerHello) {
        if hello.protocol.is_some() {
            self.protocol.clone_from(&hello.protocol);
        }
    }

    pub(super) fn found(&mut self, from: Peer, found: Found) {
        self.found[from] = Some(found);
    }

    pub(super) fn alert(&mut self, from: Peer, level: u8, description: u8) {
        self.alert = Some((from, level, description));
    }

    pub(super) fn renegotiated(&mut self) {
        self.renegotiated = true;
    }
}

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
    /// The last alert: who sent it, level, description.
    pub alert: Option<(Peer, u8, u8)>,
    /// What was read of each direction.
    pub counts: PerPeer<Counts>,
}

/// Where secrets were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
        match self {
            Self::KeyLog => "key-log",
            Self::SecretsBlock => "secrets-block",
            Self::Trial => "trial",
        }
    }
}

/// How much of a connection was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
        match self {
            Self::Read => "read",
            Self::Partly => "partly",
            Self::Unread => "unread",
        }
    }
}

/// Why a connection was not read, or not wholly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
        match self {
            Self::NoKeyLog => "no-key-log",
            Self::NoLine => "no-line",
            Self::OtherLines => "other-lines",
            Self::LineDoesNotFit => "line-does-not-fit",
            Self::HandshakeNotCaptured => "handshake-not-captured",
            Self::NothingFits => "nothing-fits",
            Self::NotTried => "not-tried",
            Self::UnsupportedSuite(_) => "unsupported-suite",
            Self::PerhapsEncryptedHello => "perhaps-encrypted-hello",
            Self::EarlyData => "early-data",
            Self::KeyUpdateLost => "key-update-lost",
            Self::Renegotiated => "renegotiated",
            Self::CaptureLoss => "capture-loss",
            Self::NoData => "no-data",
        }
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
            Self::KeyUpdateLost => "Capture closer to the peers or with a larger buffer.",
            Self::Renegotiated => {
                "Use a library that logs the keys of each handshake, or switch renegotiation off."
            }
            Self::CaptureLoss => "Capture closer to the peers or with a larger buffer.",
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
            Self::Renegotiated => f.write_str("the peers agreed on new keys that are not in the key log"),
            Self::CaptureLoss => f.write_str("the capture lacks bytes"),
            Self::NoData => f.write_str("it carried nothing"),
        }
    }
}

/// How much of one direction was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Nothing,
    Unread,
    Partly,
    Read,
}

fn part(direction: &Direction) -> Part {
    let data = direction.current.as_ref().is_some_and(|epoch| {
        epoch.order >= Order::APPLICATION || !epoch.protection.hides_type()
    });
    let missing = direction.unread || direction.counts.gaps > 0;
    let failed = direction.unread || direction.since.in_step() > 0;
    match (data || direction.counts.data > 0, missing, failed) {
        (true, true, _) => Part::Partly,
        (true, false, _) => Part::Read,
        (false, _, true) => Part::Unread,
        (false, _, false) if !direction.waiting.is_empty() || direction.framing.is_lost() => Part::Unread,
        (false, _, false) => Part::Nothing,
    }
}

pub(super) fn facts(
    keys: &KeyLog,
    known: &Known,
    story: &Story,
    directions: &PerPeer<Direction>,
) -> Facts {
    let parts = [part(&directions.client), part(&directions.server)];
    let any = |wanted| parts.contains(&wanted);
    let status = if any(Part::Partly) || any(Part::Read) && any(Part::Unread) {
        Status::Partly
    } else if any(Part::Read) {
        Status::Read
    } else {
        Status::Unread
    };
    let found = story.found.client.or(story.found.server);
    let of_trial = found.filter(|_| known.server.is_none());
    Facts {
        version: known.version().or(of_trial.map(|_| Version::TLS_1_3)),
        suite: known.server.as_ref().map(|hello| hello.suite).or(of_trial.map(|it| it.suite)),
        name: story.name.clone(),
        protocol: story.protocol.clone(),
        keys: found.map(|found| match found.source {
            _ if found.trial => KeySource::Trial,
            Source::File => KeySource::KeyLog,
            Source::Block => KeySource::SecretsBlock,
        }),
        status,
        why: (status != Status::Read).then(|| why(keys, known, story, directions, parts)),
        alert: story.alert,
        counts: PerPeer {
            client: directions.client.counts,
            server: directions.server.counts,
        },
    }
}

fn why(
    keys: &KeyLog,
    known: &Known,
    story: &Story,
    directions: &PerPeer<Direction>,
    parts: [Part; 2],
) -> Why {
    if parts == [Part::Nothing; 2] {
        return Why::NoData;
    }
    if let Some(suite) = known.server.as_ref().map(|hello| hello.suite)
        && suite.algorithm().is_none()
    {
        return Why::UnsupportedSuite(suite);
    }
    if keys.is_empty() {
        return Why::NoKeyLog;
    }
    let nothing_found = story.found.client.is_none() && story.found.server.is_none();
    if nothing_found {
        return nothing_fits(keys, known, directions);
    }
    if story.renegotiated && (directions.client.unread || directions.server.unread) {
        return Why::Renegotiated;
    }
    if parts.contains(&Part::Unread) {
        return Why::OtherLines;
    }
    let out_of_tries = |direction: &Direction| direction.unread && direction.budget == 0;
    if out_of_tries(&directions.client) || out_of_tries(&directions.server) {
        return Why::KeyUpdateLost;
    }
    if directions.client.unread || directions.server.unread {
        return Why::OtherLines;
    }
    let early = known.client.as_ref().is_some_and(|hello| hello.early_data);
    if early && parts == [Part::Partly, Part::Read] {
        return Why::EarlyData;
    }
    Why::CaptureLoss
}

/// Why no secret opened any record.
fn nothing_fits(keys: &KeyLog, known: &Known, directions: &PerPeer<Direction>) -> Why {
    let old = known.version().is_some_and(|version| version < Version::TLS_1_3);
    let Some(client) = &known.client else {
        return match (old, known.trials) {
            (true, _) => Why::HandshakeNotCaptured,
            (false, true) => Why::NothingFits,
            (false, false) => Why::NotTried,
        };
    };
    if !keys.names(&client.random) {
        return if client.encrypted_hello && !old {
            Why::PerhapsEncryptedHello
        } else {
            Why::NoLine
        };
    }
    let leads = |from| known.leads(keys, from, None).next().is_some();
    if leads(Peer::Client) || leads(Peer::Server) {
        return Why::LineDoesNotFit;
    }
    let lost = |direction: &Direction| direction.since.is_loss() || direction.framing.is_lost();
    if known.server.is_none() && (lost(&directions.server) || known.missed[Peer::Server]) {
        Why::HandshakeNotCaptured
    } else {
        Why::OtherLines
    }
}
