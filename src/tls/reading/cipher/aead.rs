//! Authenticated encryption.
//!
//! Job: open GCM, CCM and ChaCha20-Poly1305 with a nonce, tell whether a tag fits without opening,
//! and decrypt without a tag what a capture cut. Input: nonce, associated data, bytes.
//! Output: plain bytes, or that the tag does not fit.
//! NIST SP 800-38D, RFC 3610, RFC 8439.

use chacha20::ChaCha20;
use chacha20::cipher::{Array, KeyIvInit, StreamCipher, StreamCipherSeek};
use ghash::GHash;
use ghash::universal_hash::{KeyInit, UniversalHash};
use poly1305::Poly1305;
use zeroize::Zeroizing;

use super::block::Block;

/// A nonce of all of TLS's AEAD ciphers.
pub(super) type Nonce = [u8; 12];

/// An AEAD cipher that has its key.
#[derive(Clone)]
pub(super) enum Aead {
    Gcm(Block, GHash),
    Ccm(Block, usize),
    ChaCha(Box<Zeroizing<[u8; 32]>>),
}

impl Aead {
    pub(super) fn gcm(block: Block) -> Self {
        // SP 800-38D §6.3: the hash's key is the encrypted block of zeros.
        let hash = GHash::new(&Array(block.encrypt([0; 16])));
        Self::Gcm(block, hash)
    }

    /// The length of the tag after the encrypted bytes.
    pub(super) fn tag_bytes(&self) -> usize {
        match self {
            Self::Ccm(_, tag) => *tag,
            Self::Gcm(..) | Self::ChaCha(_) => 16,
        }
    }

    /// Decrypts `sealed`, encrypted bytes and tag, into `out`; false where the tag does not fit.
    pub(super) fn open(&self, nonce: &Nonce, aad: &[u8], sealed: &[u8], out: &mut Vec<u8>) -> bool {
        let Some((text, tag)) = self.parts(sealed) else {
            return false;
        };
        let fits = match self {
            Self::Ccm(block, _) => {
                out.clear();
                out.extend_from_slice(text);
                self.apply(nonce, out);
                return ccm_tag(block, nonce, aad, out, tag.len()).starts_with_all(tag);
            }
            Self::Gcm(block, hash) => {
                let sum = ghash(hash, aad, text);
                add(sum, block.encrypt(counter(nonce, 1))) == *tag
            }
            Self::ChaCha(key) => poly1305(key, nonce, aad, text) == *tag,
        };
        if fits {
            out.clear();
            out.extend_from_slice(text);
            self.apply(nonce, out);
        }
        fits
    }

    /// The first of `nonces` whose tag fits, where the associated data are the same for all;
    /// `budget` is in bytes hashed, and tries end when it does.
    pub(super) fn find(
        &self,
        nonces: impl Iterator<Item = (u64, Nonce)>,
        (aad, sealed): (&[u8], &[u8]),
        out: &mut Vec<u8>,
        budget: &mut u64,
    ) -> Option<u64> {
        let (text, tag) = self.parts(sealed)?;
        if let Self::Gcm(block, hash) = self {
            // What GCM hashes does not depend on the nonce: only one block a try does.
            let want = add(ghash(hash, aad, text), tag.try_into().ok()?);
            *budget = budget.saturating_sub(text.len() as u64);
            for (number, nonce) in nonces {
                *budget = budget.checked_sub(16)?;
                if block.encrypt(counter(&nonce, 1)) == want {
                    return self.open(&nonce, aad, sealed, out).then_some(number);
                }
            }
            return None;
        }
        for (number, nonce) in nonces {
            *budget = budget.checked_sub(text.len() as u64 + 64)?;
            if self.open(&nonce, aad, sealed, out) {
                return Some(number);
            }
        }
        None
    }

    /// Adds the key stream of `nonce` to `bytes`, which are the beginning of a record's.
    pub(super) fn apply(&self, nonce: &Nonce, bytes: &mut [u8]) {
        match self {
            Self::Gcm(block, _) => block.count(counter(nonce, 2), bytes),
            // RFC 3610 §2.3: the first byte says how long the counter is, here three bytes.
            Self::Ccm(block, _) => block.count(ccm_block(2, nonce, 1), bytes),
            Self::ChaCha(key) => {
                let mut stream = ChaCha20::new(&Array(***key), &Array(*nonce));
                // RFC 8439 §2.8: block 0 makes the key of the tag.
                if stream.try_seek(64_u32).is_ok() {
                    stream.apply_keystream(bytes);
                }
            }
        }
    }

    fn parts<'a>(&self, sealed: &'a [u8]) -> Option<(&'a [u8], &'a [u8])> {
        sealed.split_at_checked(sealed.len().checked_sub(self.tag_bytes())?)
    }
}

/// SP 800-38D §7.1: the counter block of a nonce of twelve bytes.
fn counter(nonce: &Nonce, count: u8) -> [u8; 16] {
    block_of([], nonce, [0, 0, 0, count])
}

/// What stands before the nonce, the nonce, and what stands after it.
fn block_of<const N: usize, const M: usize>(
    before: [u8; N],
    nonce: &Nonce,
    after: [u8; M],
) -> [u8; 16] {
    let mut block = [0; 16];
    let parts = before.iter().chain(nonce).chain(&after);
    for (to, from) in block.iter_mut().zip(parts) {
        *to = *from;
    }
    block
}

fn add(one: [u8; 16], other: [u8; 16]) -> [u8; 16] {
    (u128::from_ne_bytes(one) ^ u128::from_ne_bytes(other)).to_ne_bytes()
}

/// SP 800-38D §7.1, step 5: the hash before the mask is added.
fn ghash(hash: &GHash, aad: &[u8], text: &[u8]) -> [u8; 16] {
    let mut hash = hash.clone();
    hash.update_padded(aad);
    hash.update_padded(text);
    let bits = (aad.len() as u128 * 8) << 64 | (text.len() as u128 * 8);
    hash.update(&[Array(bits.to_be_bytes())]);
    hash.finalize().0
}

/// RFC 8439 §2.8: the tag under a key that is made for this nonce alone.
fn poly1305(key: &[u8; 32], nonce: &Nonce, aad: &[u8], text: &[u8]) -> [u8; 16] {
    let mut once = Zeroizing::new([0; 32]);
    ChaCha20::new(&Array(*key), &Array(*nonce)).apply_keystream(&mut *once);
    let mut mac = Poly1305::new(&Array(*once));
    mac.update_padded(aad);
    mac.update_padded(text);
    let lengths = (aad.len() as u128) | (text.len() as u128) << 64;
    mac.update(&[Array(lengths.to_le_bytes())]);
    mac.finalize().0
}

/// RFC 3610 §2.2 and §2.3: a block of flags, nonce and a number of three bytes.
fn ccm_block(flags: u8, nonce: &Nonce, number: u32) -> [u8; 16] {
    let [_, high, middle, low] = number.to_be_bytes();
    block_of([flags], nonce, [high, middle, low])
}

/// RFC 3610 §2.2: the tag over associated data and plain text.
fn ccm_tag(block: &Block, nonce: &Nonce, aad: &[u8], plain: &[u8], tag: usize) -> [u8; 16] {
    let tag_flag = u8::try_from(tag.saturating_sub(2) / 2).unwrap_or(7) << 3;
    let length = u32::try_from(plain.len()).unwrap_or(u32::MAX);
    // Bit 6: there are associated data, with their length in two bytes before them.
    let mut chain = block.encrypt(ccm_block(0x40 | tag_flag | 2, nonce, length));
    let mut head = [0; 16];
    let size = u16::try_from(aad.len()).unwrap_or(u16::MAX).to_be_bytes();
    for (to, from) in head.iter_mut().zip(size.iter().chain(aad)) {
        *to = *from;
    }
    chain = block.encrypt(add(chain, head));
    for part in plain.chunks(16) {
        let mut padded = [0; 16];
        for (to, from) in padded.iter_mut().zip(part) {
            *to = *from;
        }
        chain = block.encrypt(add(chain, padded));
    }
    add(chain, block.encrypt(ccm_block(2, nonce, 0)))
}

trait Tag {
    /// Whether a tag, which may be cut off, is this one.
    fn starts_with_all(&self, tag: &[u8]) -> bool;
}

impl Tag for [u8; 16] {
    fn starts_with_all(&self, tag: &[u8]) -> bool {
        self.starts_with(tag)
    }
}
