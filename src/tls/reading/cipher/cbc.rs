//! Chained blocks with an HMAC.
//!
//! Job: open a record of the suites before AEAD, with the HMAC over plain or over encrypted bytes.
//! Input: a record's body and its number. Output: its plain bytes, or that the HMAC does not fit.
//! RFC 5246 §6.2.3.2, RFC 2246 §6.2.3.2, RFC 7366.

use super::super::algorithm::Mac;
use super::super::record::Header;
use super::super::schedule::Keyed;
use super::block::Block;
use crate::tls::version::Version;

/// Chained blocks, or no encryption at all, with an HMAC.
#[derive(Clone)]
pub(super) struct Cbc {
    /// `None` encrypts nothing.
    pub(super) block: Option<Block>,
    pub(super) mac: Keyed,
    pub(super) mac_kind: Mac,
    /// RFC 7366: the HMAC is over encrypted bytes.
    pub(super) encrypt_then_mac: bool,
    pub(super) version: Version,
}

impl Cbc {
    /// Opens the record with this number; `iv` is the first vector, or more than a
    /// block of the end of the record before it.
    pub(super) fn open(
        &self,
        number: u64,
        header: Header,
        body: &[u8],
        iv: Option<&[u8]>,
        out: &mut Vec<u8>,
    ) -> bool {
        self.try_open(number, header, body, iv, out).is_some()
    }

    fn try_open(
        &self,
        number: u64,
        header: Header,
        body: &[u8],
        iv: Option<&[u8]>,
        out: &mut Vec<u8>,
    ) -> Option<()> {
        let mac_bytes = self.mac_kind.bytes();
        let Some(block) = &self.block else {
            let (text, mac) = body.split_at_checked(body.len().checked_sub(mac_bytes)?)?;
            self.verify(number, header, &[text], mac)?;
            out.clear();
            out.extend_from_slice(text);
            return Some(());
        };
        let mut sealed = body;
        if self.encrypt_then_mac {
            let (text, mac) = body.split_at_checked(body.len().checked_sub(mac_bytes)?)?;
            self.verify(number, header, &[text], mac)?;
            sealed = text;
        }
        // RFC 4346 §6.2.3.2: from TLS 1.1 on the record begins with its own vector.
        let (iv, text) = if self.version >= Version::TLS_1_1 {
            sealed.split_at_checked(block.block_bytes())?
        } else {
            (self.chained(iv?, block)?, sealed)
        };
        out.clear();
        out.extend_from_slice(text);
        if !block.unchain(iv, out) {
            return None;
        }
        // RFC 5246 §6.2.3.2: each byte of the padding says how long it is.
        let padding = *out.last()?;
        let kept = out.len().checked_sub(usize::from(padding) + 1)?;
        if out.get(kept..)?.iter().any(|&byte| byte != padding) {
            return None;
        }
        out.truncate(kept);
        if !self.encrypt_then_mac {
            let (text, mac) = out.split_at_checked(kept.checked_sub(mac_bytes)?)?;
            self.verify(number, header, &[text], mac)?;
            out.truncate(kept - mac_bytes);
        }
        Some(())
    }

    /// RFC 2246 §6.2.3.2: the vector is the last block of the record before.
    fn chained<'a>(&self, before: &'a [u8], block: &Block) -> Option<&'a [u8]> {
        if before.len() <= block.block_bytes() {
            return Some(before);
        }
        let after = if self.encrypt_then_mac {
            self.mac_kind.bytes()
        } else {
            0
        };
        let blocks = before.get(..before.len().checked_sub(after)?)?;
        blocks.get(blocks.len().checked_sub(block.block_bytes())?..)
    }

    fn verify(&self, number: u64, header: Header, text: &[&[u8]], mac: &[u8]) -> Option<()> {
        let length = text.iter().map(|part| part.len()).sum::<usize>();
        let head = header.numbered(number, length)?;
        let mut parts: Vec<&[u8]> = vec![&head];
        parts.extend(text);
        (self.mac.over(&parts).bytes() == mac).then_some(())
    }
}
