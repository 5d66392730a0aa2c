//! A secret, which nobody prints.
//!
//! Job: hold key material and wipe it when it is dropped. Input: bytes. Output: the same bytes to
//! whoever derives keys.

use std::fmt;

use zeroize::Zeroize;

/// A secret of at most 48 bytes: a master secret, or a traffic secret of TLS 1.3.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret {
    bytes: [u8; Self::MOST],
    len: u8,
}

impl Secret {
    /// The longest secret there is.
    pub(super) const MOST: usize = 48;

    /// `None` where `bytes` is longer than any secret is.
    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        let mut kept = [0; Self::MOST];
        kept.get_mut(..bytes.len())?.copy_from_slice(bytes);
        Some(Self {
            bytes: kept,
            len: u8::try_from(bytes.len()).ok()?,
        })
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes
            .get(..usize::from(self.len))
            .unwrap_or(&self.bytes)
    }

    pub(super) fn len(&self) -> usize {
        usize::from(self.len)
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret of {} bytes", self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let secret = Secret::new(&[0xab; 32]).unwrap();
        assert_eq!(format!("{secret:?}"), "Secret of 32 bytes");
        assert_eq!(secret.bytes(), [0xab; 32]);
        assert!(Secret::new(&[0; 49]).is_none());
    }
}
