//! How cipher suites protect records.
//!
//! Job: read off a suite's name what it uses. Input: a [`Suite`]. Output: its [`Algorithm`].
//! RFC 5246 §A.5 and §C, RFC 8446 §B.4.

use crate::tls::suite::Suite;

/// How a suite protects records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Algorithm {
    pub(super) bulk: Bulk,
    /// The hash of the key schedule: of HKDF in TLS 1.3, of the PRF in TLS 1.2.
    pub(super) hash: Hash,
}

/// What encrypts, and what authenticates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bulk {
    /// Galois/Counter Mode with a tag of 16 bytes.
    Gcm(Block),
    /// Counter with CBC-MAC; the length of the tag, 16 or 8.
    Ccm(Block, usize),
    /// `ChaCha20` with Poly1305.
    ChaCha,
    /// Cipher block chaining with an HMAC.
    Cbc(Block, Mac),
    /// No encryption, an HMAC only.
    Null(Mac),
}

/// A block cipher with its key's length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Block {
    Aes128,
    Aes256,
    Camellia128,
    Camellia256,
    Aria128,
    Aria256,
    TripleDes,
}

impl Block {
    pub(super) fn key_bytes(self) -> usize {
        match self {
            Self::Aes128 | Self::Camellia128 | Self::Aria128 => 16,
            Self::Aes256 | Self::Camellia256 | Self::Aria256 => 32,
            Self::TripleDes => 24,
        }
    }

    pub(super) fn block_bytes(self) -> usize {
        match self {
            Self::TripleDes => 8,
            _ => 16,
        }
    }
}

/// The hash under an HMAC over records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mac {
    Md5,
    Sha1,
    Sha256,
    Sha384,
}

impl Mac {
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }
}

/// The hash of a key schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
}

impl Hash {
    /// The length of a digest, and of a secret of TLS 1.3.
    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }
}

impl Suite {
    /// The suites of TLS 1.3 in the order in which they are tried.
    pub(super) const OF_TLS_1_3: [Self; 5] = [
        Self(0x1301),
        Self(0x1302),
        Self(0x1303),
        Self(0x1304),
        Self(0x1305),
    ];

    /// What the suite uses; `None` where wscope cannot do it.
    pub(super) fn algorithm(self) -> Option<Algorithm> {
        let name = self.short_name()?;
        let spelled = name.split_once("WITH_").map_or(name, |(_, after)| after);
        let (cipher, mac) = ["_SHA384", "_SHA256", "_SHA", "_MD5"]
            .into_iter()
            .find_map(|end| Some((spelled.strip_suffix(end)?, end)))
            .unwrap_or((spelled, ""));
        let hash = match mac {
            "_SHA384" => Hash::Sha384,
            _ => Hash::Sha256,
        };
        let mac = match mac {
            "_SHA384" => Mac::Sha384,
            "_SHA256" => Mac::Sha256,
            "_MD5" => Mac::Md5,
            _ => Mac::Sha1,
        };
        let bulk = match cipher {
            "CHACHA20_POLY1305" => Bulk::ChaCha,
            "NULL" => Bulk::Null(mac),
            "3DES_EDE_CBC" => Bulk::Cbc(Block::TripleDes, mac),
            _ => of_block_cipher(cipher, mac)?,
        };
        Some(Algorithm { bulk, hash })
    }
}

fn of_block_cipher(cipher: &str, mac: Mac) -> Option<Bulk> {
    let (block, mode) = [
        ("AES_128_", Block::Aes128),
        ("AES_256_", Block::Aes256),
        ("CAMELLIA_128_", Block::Camellia128),
        ("CAMELLIA_256_", Block::Camellia256),
        ("ARIA_128_", Block::Aria128),
        ("ARIA_256_", Block::Aria256),
    ]
    .into_iter()
    .find_map(|(begin, block)| Some((block, cipher.strip_prefix(begin)?)))?;
    match mode {
        "GCM" => Some(Bulk::Gcm(block)),
        "CCM" => Some(Bulk::Ccm(block, 16)),
        "CCM_8" => Some(Bulk::Ccm(block, 8)),
        "CBC" => Some(Bulk::Cbc(block, mac)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_spell_algorithms() {
        let of = |id| Suite(id).algorithm().map(|found| (found.bulk, found.hash));
        assert_eq!(of(0x1302), Some((Bulk::Gcm(Block::Aes256), Hash::Sha384)));
        assert_eq!(of(0x1303), Some((Bulk::ChaCha, Hash::Sha256)));
        assert_eq!(
            of(0x1305),
            Some((Bulk::Ccm(Block::Aes128, 8), Hash::Sha256))
        );
        let cbc = Bulk::Cbc(Block::Aes256, Mac::Sha384);
        assert_eq!(of(0xc028), Some((cbc, Hash::Sha384)));
        assert_eq!(
            of(0x000a),
            Some((Bulk::Cbc(Block::TripleDes, Mac::Sha1), Hash::Sha256))
        );
        assert_eq!(
            of(0xc0ac),
            Some((Bulk::Ccm(Block::Aes128, 16), Hash::Sha256))
        );
        assert_eq!(of(0x0005), None, "RC4 is only named");
        assert_eq!(Suite(0x0005).to_string(), "TLS_RSA_WITH_RC4_128_SHA");
        assert_eq!(Suite(0xabcd).to_string(), "0xabcd");
    }
}
