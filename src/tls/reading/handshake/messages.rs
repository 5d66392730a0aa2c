//! Handshake messages out of records.
//!
//! Job: put together what is split over records, and take apart what is packed into one.
//! Input: the contents of handshake records of one direction. Output: whole messages.
//! RFC 8446 §4 and §5.1.

/// The kind of a handshake message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct MessageType(pub(in super::super) u8);

impl MessageType {
    pub(in super::super) const CLIENT_HELLO: Self = Self(1);
    pub(in super::super) const SERVER_HELLO: Self = Self(2);
    pub(in super::super) const ENCRYPTED_EXTENSIONS: Self = Self(8);
    pub(in super::super) const CERTIFICATE: Self = Self(11);
    pub(in super::super) const FINISHED: Self = Self(20);
    pub(in super::super) const KEY_UPDATE: Self = Self(24);

    /// Whether a message of TLS 1.3 that can follow the handshake begins with this byte.
    pub(in super::super) fn follows_handshake(byte: u8) -> bool {
        // Tickets, what a client answers to a late request for its certificate, key updates.
        matches!(byte, 4 | 11 | 13 | 15 | 20 | 24)
    }
}

/// The messages of one direction.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Messages {
    bytes: Vec<u8>,
    /// Bytes of a message that is too long to keep, yet to come.
    skip: usize,
    /// Bytes were lost: what follows may begin anywhere.
    lost: bool,
}

impl Messages {
    const HEADER: usize = 4;
    /// The longest message that is kept; longer ones hold certificates.
    const MOST: usize = 64 << 10;

    /// Takes what a record holds.
    pub(in super::super) fn feed(&mut self, bytes: &[u8]) {
        if self.lost {
            return;
        }
        let skipped = self.skip.min(bytes.len());
        self.skip -= skipped;
        let rest = bytes.get(skipped..).unwrap_or_default();
        if self.bytes.len() + rest.len() <= Self::MOST + Self::HEADER + (1 << 14) {
            self.bytes.extend_from_slice(rest);
        }
    }

    /// The next whole message.
    pub(in super::super) fn next(&mut self) -> Option<(MessageType, Vec<u8>)> {
        let [kind, high, middle, low, ..] = *self.bytes else {
            return None;
        };
        let length = usize::try_from(u32::from_be_bytes([0, high, middle, low])).ok()?;
        if length > Self::MOST {
            self.skip = (Self::HEADER + length).saturating_sub(self.bytes.len());
            self.bytes.clear();
            return None;
        }
        let end = Self::HEADER + length;
        let body = self.bytes.get(Self::HEADER..end)?.to_vec();
        self.bytes.drain(..end);
        Some((MessageType(kind), body))
    }

    /// Whether a message has begun and not ended.
    pub(in super::super) fn is_within(&self) -> bool {
        !self.bytes.is_empty() || self.skip > 0
    }

    /// A record was lost: nobody knows where the next message begins, until keys change.
    pub(in super::super) fn lose(&mut self) {
        let within = self.is_within();
        self.restart();
        self.lost = within;
    }

    /// What follows begins with a message.
    pub(in super::super) fn restart(&mut self) {
        *self = Self::default();
    }
}
