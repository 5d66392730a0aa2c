//! The header of a record.
//!
//! Job: read five bytes, and say whether they can be a header. Input: bytes. Output: [`Header`].
//! RFC 8446 §5.1, RFC 5246 §6.2.

use crate::tls::version::{ContentType, Version};

/// What stands in front of each record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// What the record carries; application data for all that TLS 1.3 protects.
    pub content: ContentType,
    /// TLS 1.2 for TLS 1.3, too; TLS 1.0 is usual on the first record.
    pub version: Version,
    /// Bytes after the header.
    pub length: u16,
}

impl Header {
    /// The length of a header.
    pub const BYTES: usize = 5;
    /// RFC 5246 §6.2.3: 2^14 and what compression and encryption may add.
    pub const LONGEST: u16 = (1 << 14) + 2048;

    /// Reads a header; `None` where there are less than five bytes.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let [content, high, low, long, short, ..] = *bytes else {
            return None;
        };
        Some(Self {
            content: ContentType(content),
            version: Version(u16::from_be_bytes([high, low])),
            length: u16::from_be_bytes([long, short]),
        })
    }

    /// The header as it was on the wire.
    pub(super) fn bytes(self) -> [u8; Self::BYTES] {
        let [high, low] = self.version.0.to_be_bytes();
        let [long, short] = self.length.to_be_bytes();
        [self.content.0, high, low, long, short]
    }

    /// RFC 5246 §6.2.3.1: what is authenticated besides the content: number, type, version, and
    /// the length that is the content's. `None` where that is too long.
    pub(super) fn numbered(self, number: u64, length: usize) -> Option<[u8; 13]> {
        let length = u16::try_from(length).ok()?;
        let header = Self { length, ..self }.bytes();
        let mut numbered = [0; 13];
        let parts = number.to_be_bytes().into_iter().chain(header);
        for (to, from) in numbered.iter_mut().zip(parts) {
            *to = from;
        }
        Some(numbered)
    }

    /// Whether a record can begin like this.
    pub fn is_plausible(self) -> bool {
        self.content.is_known()
            && (Version::SSL_3_0..=Version::TLS_1_3).contains(&self.version)
            && self.length <= Self::LONGEST
            // RFC 8446 §5.1, RFC 5246 §6.2.1: only application data may be empty.
            && (self.length > 0 || self.content == ContentType::APPLICATION_DATA)
            && (self.content != ContentType::CHANGE_CIPHER_SPEC || self.length <= 256)
    }

    /// The length of the whole record.
    pub(super) fn whole(self) -> usize {
        Self::BYTES + usize::from(self.length)
    }
}

/// Whether bytes, few as they may be, can be the beginning of a record.
pub fn may_begin_record(bytes: &[u8]) -> bool {
    match *bytes {
        [] => true,
        [content] | [content, 3] => ContentType(content).is_known(),
        [content, 3, minor] => ContentType(content).is_known() && minor <= 4,
        [content, 3, minor, long] => {
            ContentType(content).is_known() && minor <= 4 && u16::from(long) <= Header::LONGEST >> 8
        }
        [_, _, _, _, ..] => Header::read(bytes).is_some_and(Header::is_plausible),
        _ => false,
    }
}
