//! The first messages of both peers.
//!
//! Job: read of them what keys, names and versions depend on. Input: bodies of handshake messages.
//! Output: [`ClientHello`], [`ServerHello`], the protocol that was agreed on.
//! RFC 8446 §4.1 to §4.3, RFC 5246 §7.4.1, RFC 6066 §3, RFC 7301, RFC 7366, RFC 9849.

use super::cursor::Cursor;
use crate::tls::suite::Suite;
use crate::tls::version::Version;

/// What the client offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct ClientHello {
    pub(in super::super) random: [u8; 32],
    /// The session or ticket that it wants to go on with; empty where none.
    pub(in super::super) session: Vec<u8>,
    /// The name of the server, as it was sent.
    pub(in super::super) name: Option<String>,
    /// Data follow before the server answers.
    pub(in super::super) early_data: bool,
    /// A ticket or a pre-shared key was offered.
    pub(in super::super) resumes: bool,
    /// The true hello may be hidden inside; browsers send this also where there is none.
    pub(in super::super) encrypted_hello: bool,
    /// The greatest version that it speaks.
    pub(in super::super) offers: Version,
}

/// What the server chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) struct ServerHello {
    pub(in super::super) random: [u8; 32],
    pub(in super::super) session: Vec<u8>,
    pub(in super::super) version: Version,
    pub(in super::super) suite: Suite,
    pub(in super::super) encrypt_then_mac: bool,
    /// The protocol inside, which TLS 1.3 says later.
    pub(in super::super) protocol: Option<String>,
    /// It asks for another `ClientHello`.
    pub(in super::super) retry: bool,
    /// It goes on with a session of before: RFC 8446 §4.2.10, only then there may be early data.
    pub(in super::super) resumes: bool,
}

const SERVER_NAME: u16 = 0;
const PROTOCOLS: u16 = 16;
const ENCRYPT_THEN_MAC: u16 = 22;
const SESSION_TICKET: u16 = 35;
const PRE_SHARED_KEY: u16 = 41;
const EARLY_DATA: u16 = 42;
const SUPPORTED_VERSIONS: u16 = 43;
const ENCRYPTED_CLIENT_HELLO: u16 = 0xfe0d;

/// RFC 8446 §4.1.3: SHA-256 of `HelloRetryRequest`, in the place of the random value.
const RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

impl ClientHello {
    pub(in super::super) fn read(body: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(body);
        let offers = Version(cursor.short()?);
        let mut hello = Self {
            offers,
            random: cursor.array()?,
            session: session(&mut cursor)?,
            name: None,
            early_data: false,
            resumes: false,
            encrypted_hello: false,
        };
        cursor.vector16()?;
        cursor.vector8()?;
        each_extension(cursor, |kind, mut data| match kind {
            SERVER_NAME => hello.name = server_name(data),
            SESSION_TICKET => hello.resumes |= !data.is_empty(),
            PRE_SHARED_KEY => hello.resumes = true,
            EARLY_DATA => hello.early_data = true,
            SUPPORTED_VERSIONS => hello.offers = greatest(data).unwrap_or(offers),
            // RFC 9849 §5: type 0 is the hello that is seen from outside.
            ENCRYPTED_CLIENT_HELLO => hello.encrypted_hello = data.byte() == Some(0),
            _ => {}
        });
        Some(hello)
    }
}

impl ServerHello {
    pub(in super::super) fn read(body: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(body);
        let version = Version(cursor.short()?);
        let random = cursor.array()?;
        let mut hello = Self {
            random,
            session: session(&mut cursor)?,
            version,
            suite: Suite(cursor.short()?),
            encrypt_then_mac: false,
            protocol: None,
            retry: random == RETRY,
            resumes: false,
        };
        cursor.byte()?;
        each_extension(cursor, |kind, mut data| match kind {
            // RFC 8446 §4.2.1: this counts, where it is there.
            SUPPORTED_VERSIONS => hello.version = data.short().map_or(version, Version),
            ENCRYPT_THEN_MAC => hello.encrypt_then_mac = true,
            PRE_SHARED_KEY => hello.resumes = true,
            PROTOCOLS => hello.protocol = protocol(data),
            _ => {}
        });
        Some(hello)
    }

    /// RFC 8446 §4.1.3: the version that the server speaks, as far as it says so in its random value
    /// where it agrees on less: at least TLS 1.3, or at least TLS 1.2.
    pub(in super::super) fn could_speak(&self) -> Option<Version> {
        let sentinels = [
            (b"DOWNGRD\x01", Version::TLS_1_3),
            (b"DOWNGRD\x00", Version::TLS_1_2),
        ];
        sentinels
            .into_iter()
            .find(|(end, could)| self.version < *could && self.random.ends_with(*end))
            .map(|(_, could)| could)
    }
}

/// RFC 8446 §4.3.1: the protocol that `EncryptedExtensions` name.
pub(in super::super) fn agreed_protocol(body: &[u8]) -> Option<String> {
    let mut found = None;
    each_extension(Cursor(body), |kind, data| {
        if kind == PROTOCOLS {
            found = protocol(data);
        }
    });
    found
}

fn session(cursor: &mut Cursor<'_>) -> Option<Vec<u8>> {
    let id = cursor.vector8()?;
    // RFC 8446 §4.1.2: at most 32 bytes.
    (id.0.len() <= 32).then(|| id.0.to_vec())
}

fn each_extension<'a>(mut cursor: Cursor<'a>, mut each: impl FnMut(u16, Cursor<'a>)) {
    let Some(length) = cursor.short() else {
        return;
    };
    // A hello that the capture cut says what is there of it.
    let mut list = Cursor(cursor.0.get(..usize::from(length)).unwrap_or(cursor.0));
    while let (Some(kind), Some(data)) = (list.short(), list.vector16()) {
        each(kind, data);
    }
}

/// RFC 8446 §4.2.1: a list of versions, made-up ones (RFC 8701) among them.
fn greatest(mut data: Cursor<'_>) -> Option<Version> {
    let mut list = data.vector8()?;
    let versions = std::iter::from_fn(|| list.short().map(Version));
    versions.filter(|version| version.0 >> 8 == 3).max()
}

/// RFC 8446 §4.4.2, RFC 5246 §7.4.2: the first certificate of the list, its sender's own. TLS 1.3
/// has a context in front.
pub(in super::super) fn first_certificate(body: &[u8], is_1_3: bool) -> Option<&[u8]> {
    let mut cursor = Cursor(body);
    if is_1_3 {
        cursor.vector8()?;
    }
    cursor.vector24()?.vector24().map(|first| first.0)
}

/// RFC 6066 §3: a list of names, of which type 0 is a host's.
fn server_name(mut data: Cursor<'_>) -> Option<String> {
    let mut list = data.vector16()?;
    while let (Some(kind), Some(name)) = (list.byte(), list.vector16()) {
        if kind == 0 {
            return Some(String::from_utf8_lossy(name.0).into_owned());
        }
    }
    None
}

/// RFC 7301 §3.1: a list, with one entry where it is an answer.
fn protocol(mut data: Cursor<'_>) -> Option<String> {
    let name = data.vector16()?.vector8()?;
    Some(String::from_utf8_lossy(name.0).into_owned())
}
