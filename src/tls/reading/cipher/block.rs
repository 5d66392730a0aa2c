//! Block ciphers, and the two modes that TLS runs them in.
//!
//! Job: counter mode, chaining mode and single blocks over any of the ciphers.
//! Input: key, counter block or initial vector, bytes. Output: the bytes, changed where they lie.
//! NIST SP 800-38A.

use aes::cipher::consts::{U8, U16};
use aes::cipher::{
    Array, BlockCipherDecrypt, BlockCipherEncrypt, InnerIvInit, KeyInit, StreamCipherCore,
};
use aes::{Aes128, Aes256};
use aria::{Aria128, Aria256};
use camellia::{Camellia128, Camellia256};
use des::TdesEde3;

use super::super::algorithm;

/// A block cipher that has its key.
#[derive(Clone)]
pub(super) enum Block {
    Aes128(Box<Aes128>),
    Aes256(Box<Aes256>),
    Camellia128(Box<Camellia128>),
    Camellia256(Box<Camellia256>),
    Aria128(Box<Aria128>),
    Aria256(Box<Aria256>),
    TripleDes(Box<TdesEde3>),
}

/// Runs a body for whichever of the ciphers with blocks of sixteen bytes it is.
macro_rules! sixteen {
    ($block:expr, $cipher:ident => $body:expr, $otherwise:expr) => {
        match $block {
            Block::Aes128($cipher) => $body,
            Block::Aes256($cipher) => $body,
            Block::Camellia128($cipher) => $body,
            Block::Camellia256($cipher) => $body,
            Block::Aria128($cipher) => $body,
            Block::Aria256($cipher) => $body,
            Block::TripleDes(_) => $otherwise,
        }
    };
}

impl Block {
    /// `None` where `key` has another length than the cipher's.
    pub(super) fn new(kind: algorithm::Block, key: &[u8]) -> Option<Self> {
        fn boxed<C: KeyInit>(key: &[u8]) -> Option<Box<C>> {
            Some(Box::new(C::new_from_slice(key).ok()?))
        }
        Some(match kind {
            algorithm::Block::Aes128 => Self::Aes128(boxed(key)?),
            algorithm::Block::Aes256 => Self::Aes256(boxed(key)?),
            algorithm::Block::Camellia128 => Self::Camellia128(boxed(key)?),
            algorithm::Block::Camellia256 => Self::Camellia256(boxed(key)?),
            algorithm::Block::Aria128 => Self::Aria128(boxed(key)?),
            algorithm::Block::Aria256 => Self::Aria256(boxed(key)?),
            algorithm::Block::TripleDes => Self::TripleDes(boxed(key)?),
        })
    }

    /// Encrypts one block of sixteen bytes; no mode that needs it runs with shorter blocks.
    pub(super) fn encrypt(&self, bytes: [u8; 16]) -> [u8; 16] {
        fn run(cipher: &impl BlockCipherEncrypt<BlockSize = U16>, bytes: [u8; 16]) -> [u8; 16] {
            let mut block = Array(bytes);
            cipher.encrypt_block(&mut block);
            block.0
        }
        sixteen!(self, cipher => run(&**cipher, bytes), bytes)
    }

    /// Counter mode from `counter` on, of which the last four bytes count.
    pub(super) fn count(&self, counter: [u8; 16], bytes: &mut [u8]) {
        fn run(
            cipher: &impl BlockCipherEncrypt<BlockSize = U16>,
            counter: [u8; 16],
            bytes: &mut [u8],
        ) {
            type Counter<C> = ctr::CtrCore<C, ctr::flavors::Ctr32BE>;
            Counter::inner_iv_init(cipher, &Array(counter)).apply_keystream_partial(bytes.into());
        }
        sixteen!(self, cipher => run(&**cipher, counter, bytes), ());
    }

    /// Decrypts whole blocks that were chained after `iv`; false where they are not whole.
    pub(super) fn unchain(&self, iv: &[u8], bytes: &mut [u8]) -> bool {
        match self {
            Self::TripleDes(cipher) => unchain::<U8, 8>(&**cipher, iv, bytes),
            _ => sixteen!(self, cipher => unchain::<U16, 16>(&**cipher, iv, bytes), false),
        }
    }

    pub(super) fn block_bytes(&self) -> usize {
        match self {
            Self::TripleDes(_) => 8,
            _ => 16,
        }
    }
}

/// SP 800-38A §6.2: each block is decrypted and added to the encrypted one before it.
fn unchain<S, const N: usize>(
    cipher: &impl BlockCipherDecrypt<BlockSize = S>,
    iv: &[u8],
    bytes: &mut [u8],
) -> bool
where
    S: aes::cipher::array::ArraySize<ArrayType<u8> = [u8; N]>,
{
    let Ok(mut before) = <[u8; N]>::try_from(iv) else {
        return false;
    };
    let (blocks, rest) = bytes.as_chunks_mut::<N>();
    if !rest.is_empty() {
        return false;
    }
    // Eight at a time, so that the cipher's pipeline is full.
    for group in blocks.chunks_mut(8) {
        let mut plain = [Array::<u8, S>::default(); 8];
        let Some(plain) = plain.get_mut(..group.len()) else {
            return false;
        };
        for (to, from) in plain.iter_mut().zip(group.iter()) {
            to.0 = *from;
        }
        cipher.decrypt_blocks(plain);
        for (block, plain) in group.iter_mut().zip(plain.iter()) {
            let encrypted = std::mem::replace(block, plain.0);
            for (byte, other) in block.iter_mut().zip(before) {
                *byte ^= other;
            }
            before = encrypted;
        }
    }
    true
}
