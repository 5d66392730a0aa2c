//! From secrets to keys.
//!
//! Job: the key schedules of TLS 1.3 and of TLS 1.0 to 1.2. Input: logged secrets.
//! Output: key material. RFC 8446 §7, RFC 5246 §5 and §6.3, RFC 2246 §5.

use hmac::digest::{FixedOutput, Update};
use hmac::{Hmac, KeyInit};
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha384};
use zeroize::Zeroizing;

use super::algorithm::{Hash, Mac};
use super::secret::Secret;
use crate::tls::version::Version;

/// An HMAC that has its key.
#[derive(Clone)]
pub(super) enum Keyed {
    Md5(Box<Hmac<Md5>>),
    Sha1(Box<Hmac<Sha1>>),
    Sha256(Box<Hmac<Sha256>>),
    Sha384(Box<Hmac<Sha384>>),
}

impl Keyed {
    /// HMAC takes keys of any length.
    pub(super) fn new(mac: Mac, key: &[u8]) -> Option<Self> {
        Some(match mac {
            Mac::Md5 => Self::Md5(Box::new(Hmac::new_from_slice(key).ok()?)),
            Mac::Sha1 => Self::Sha1(Box::new(Hmac::new_from_slice(key).ok()?)),
            Mac::Sha256 => Self::Sha256(Box::new(Hmac::new_from_slice(key).ok()?)),
            Mac::Sha384 => Self::Sha384(Box::new(Hmac::new_from_slice(key).ok()?)),
        })
    }

    /// The code over `parts`, put behind one another.
    pub(super) fn over(&self, parts: &[&[u8]]) -> Code {
        fn run<M: Clone + Update + FixedOutput>(mac: &M, parts: &[&[u8]]) -> Code {
            let mut mac = mac.clone();
            for part in parts {
                mac.update(part);
            }
            Code::new(&mac.finalize_fixed())
        }
        match self {
            Self::Md5(mac) => run(&**mac, parts),
            Self::Sha1(mac) => run(&**mac, parts),
            Self::Sha256(mac) => run(&**mac, parts),
            Self::Sha384(mac) => run(&**mac, parts),
        }
    }
}

/// What an HMAC puts out.
pub(super) struct Code {
    bytes: Zeroizing<[u8; 48]>,
    len: usize,
}

impl Code {
    fn new(digest: &[u8]) -> Self {
        let mut bytes = Zeroizing::new([0; 48]);
        for (to, from) in bytes.iter_mut().zip(digest) {
            *to = *from;
        }
        Self {
            bytes,
            len: digest.len().min(48),
        }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// RFC 8446 §7.1: HKDF-Expand-Label with an empty context; `None` where more than a digest's
/// length is asked for, which no key of TLS 1.3 is.
pub(super) fn expand_label(
    hash: Hash,
    secret: &Secret,
    label: &[u8],
    length: usize,
) -> Option<Secret> {
    let keyed = Keyed::new(mac_of(hash), secret.bytes())?;
    let short = u8::try_from(length).ok()?;
    let named = u8::try_from(label.len() + 6).ok()?;
    // RFC 5869 §2.3: T(1) = HMAC(PRK, info | 0x01).
    let code = keyed.over(&[&[0, short, named], b"tls13 ", label, &[0, 1]]);
    Secret::new(code.bytes().get(..length)?)
}

fn mac_of(hash: Hash) -> Mac {
    match hash {
        Hash::Sha256 => Mac::Sha256,
        Hash::Sha384 => Mac::Sha384,
    }
}

/// RFC 8446 §7.2: the traffic secret after a key update.
pub(super) fn next_generation(hash: Hash, secret: &Secret) -> Option<Secret> {
    expand_label(hash, secret, b"traffic upd", hash.bytes())
}

/// The two random values of a handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Randoms {
    pub(super) client: [u8; 32],
    pub(super) server: [u8; 32],
}

/// RFC 5246 §6.3: the key block, from which both directions' keys are cut.
pub(super) fn key_block(
    version: Version,
    hash: Hash,
    master: &Secret,
    randoms: &Randoms,
    length: usize,
) -> Option<Zeroizing<Vec<u8>>> {
    let mut block = Zeroizing::new(vec![0; length]);
    let seed: [&[u8]; 3] = [b"key expansion", &randoms.server, &randoms.client];
    if version >= Version::TLS_1_2 {
        let keyed = Keyed::new(mac_of(hash), master.bytes())?;
        mix(&keyed, &seed, &mut block);
    } else {
        // RFC 2246 §5: half of the secret for each hash; halves of odd secrets share a byte.
        let half = master.len().div_ceil(2);
        let first = Keyed::new(Mac::Md5, master.bytes().get(..half)?)?;
        let second = Keyed::new(Mac::Sha1, master.bytes().get(master.len() - half..)?)?;
        mix(&first, &seed, &mut block);
        mix(&second, &seed, &mut block);
    }
    Some(block)
}

/// RFC 5246 §5: `P_hash`, added to what `out` holds.
fn mix(keyed: &Keyed, seed: &[&[u8]; 3], out: &mut [u8]) {
    let [label, one, other] = *seed;
    let mut chain = keyed.over(&[label, one, other]);
    let each = chain.bytes().len().max(1);
    for part in out.chunks_mut(each) {
        let code = keyed.over(&[chain.bytes(), label, one, other]);
        for (to, from) in part.iter_mut().zip(code.bytes()) {
            *to ^= from;
        }
        chain = keyed.over(&[chain.bytes()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        hex.as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
            .collect()
    }

    #[test]
    fn traffic_keys_of_rfc_8448() {
        // RFC 8448 §3: the server's handshake traffic secret, its key and its IV.
        let secret = Secret::new(&bytes(
            "b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38",
        ))
        .unwrap();
        let key = expand_label(Hash::Sha256, &secret, b"key", 16).unwrap();
        let iv = expand_label(Hash::Sha256, &secret, b"iv", 12).unwrap();
        assert_eq!(key.bytes(), bytes("3fce516009c21727d0f2e4e86ee403bc"));
        assert_eq!(iv.bytes(), bytes("5d313eb2671276ee13000b30"));
    }
}
