//! DATA: bytes of a stream, with padding around them.
//!
//! Job: tell data from padding while a frame goes by. Input: its head and bytes. Output: how many of the
//! next bytes are data. RFC 9113 §6.1.

use super::head::Head;

/// What is left of a DATA frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataLayout {
    /// The length of the padding comes first.
    measure: bool,
    /// Bytes of data to come, as far as is known.
    data: u32,
    /// Bytes of padding to come.
    padding: u32,
}

impl DataLayout {
    /// A frame of which only the head has gone by.
    pub fn new(head: Head) -> Self {
        Self {
            measure: head.flags.padded() && head.length > 0,
            data: head.length,
            padding: 0,
        }
    }

    /// Bytes of data that come next.
    pub fn data(self) -> u32 {
        if self.measure { 0 } else { self.data }
    }

    /// Bytes of payload to come.
    pub fn left(self) -> u32 {
        self.data + self.padding
    }

    /// The next byte is the length of the padding, and it is `length`. False where the payload is
    /// shorter than that.
    ///
    /// RFC 9113 §6.1: padding as long as the payload or longer is an error.
    pub fn measured(&mut self, length: u8) -> bool {
        self.measure = false;
        let length = u32::from(length);
        let rest = self.data.saturating_sub(1);
        self.padding = length.min(rest);
        self.data = rest - self.padding;
        length <= rest
    }

    /// Whether the next byte is the length of the padding.
    pub fn awaits_length(self) -> bool {
        self.measure
    }

    /// So many bytes of payload went by, seen or not; says how many of them were data.
    pub fn pass(&mut self, bytes: u32) -> u32 {
        let data = bytes.min(self.data);
        self.data -= data;
        self.padding = self.padding.saturating_sub(bytes - data);
        data
    }

    /// The length of the padding is not in the capture, so that nobody can tell data from padding:
    /// all of it is passed over. Says how many bytes of data that were at the most.
    pub fn unmeasured(&mut self) -> u32 {
        self.measure = false;
        self.padding = self.data;
        std::mem::take(&mut self.data).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(length: u8, flags: u8) -> DataLayout {
        DataLayout::new(Head::read(&[0, 0, length, 0, flags, 0, 0, 0, 1]))
    }

    #[test]
    fn data_and_padding_are_told_apart() {
        let mut plain = layout(10, 0);
        assert_eq!((plain.data(), plain.pass(4), plain.left()), (10, 4, 6));
        let mut padded = layout(10, 8);
        assert!(padded.awaits_length() && padded.measured(4));
        assert_eq!((padded.data(), padded.left()), (5, 9));
        assert_eq!((padded.pass(7), padded.left()), (5, 2));
    }

    #[test]
    fn padding_is_shorter_than_the_payload() {
        assert!(layout(10, 8).measured(9));
        let mut wrong = layout(10, 8);
        assert!(!wrong.measured(10));
        assert_eq!((wrong.data(), wrong.left()), (0, 9));
        assert!(!layout(0, 8).awaits_length());
    }
}
