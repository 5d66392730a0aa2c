//! What protects the records of one direction.
//!
//! Job: open a record under one set of keys; find the number of a record by its tag; decrypt what
//! is there of a cut one. Input: keys, headers, bodies. Output: plain bytes and their type.
//! RFC 8446 §5.2 and §5.3, RFC 5246 §6.2.3, RFC 5288, RFC 6655, RFC 7905.

mod aead;
mod block;
mod cbc;

use std::fmt;
use std::ops::RangeInclusive;

use zeroize::Zeroizing;

use self::aead::{Aead, Nonce};
use self::block::Block;
use self::cbc::Cbc;
use super::algorithm::{Algorithm, Bulk};
use super::record::Header;
use super::schedule::{Keyed, Randoms, expand_label, key_block};
use super::secret::Secret;
use crate::base::PerPeer;
use crate::tls::suite::Suite;
use crate::tls::version::{ContentType, Version};

/// The keys of one direction, until they change.
#[derive(Clone)]
pub(super) struct Protection {
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    /// TLS 1.3.
    Inner { aead: Aead, iv: Zeroizing<Nonce> },
    /// TLS 1.2 with an AEAD cipher; with `explicit` eight bytes of the nonce are in the record.
    Outer {
        aead: Aead,
        iv: Zeroizing<Nonce>,
        explicit: bool,
    },
    /// The end of the key block is the first vector of TLS 1.0.
    Cbc { cbc: Box<Cbc>, first: Vec<u8> },
}

/// A record as it came, with what opening it may need besides.
#[derive(Clone, Copy)]
pub(super) struct Sealed<'a> {
    pub(super) header: Header,
    pub(super) body: &'a [u8],
    /// The end of the record before it, [`Sealed::TAIL`] bytes or all, where that one is known:
    /// TLS 1.0 chains them.
    pub(super) before: Option<&'a [u8]>,
}

impl Sealed<'_> {
    /// A block and the longest HMAC after it.
    pub(super) const TAIL: usize = 64;
}

impl Protection {
    /// RFC 8446 §7.3: the keys that a traffic secret gives.
    pub(super) fn of_traffic_secret(suite: Suite, secret: &Secret) -> Option<Self> {
        let Algorithm { bulk, hash } = suite.algorithm()?;
        if secret.len() != hash.bytes() {
            return None;
        }
        let length = match bulk {
            Bulk::Gcm(block) | Bulk::Ccm(block, _) => block.key_bytes(),
            Bulk::ChaCha => 32,
            Bulk::Cbc(..) | Bulk::Null(_) => return None,
        };
        let key = expand_label(hash, secret, b"key", length)?;
        let iv = expand_label(hash, secret, b"iv", 12)?;
        Some(Self {
            kind: Kind::Inner {
                aead: aead(bulk, key.bytes())?,
                iv: Zeroizing::new(iv.bytes().try_into().ok()?),
            },
        })
    }

    /// RFC 5246 §6.3: both directions' keys, cut from the key block.
    pub(super) fn of_master_secret(
        version: Version,
        suite: Suite,
        encrypt_then_mac: bool,
        (master, randoms): (&Secret, &Randoms),
    ) -> Option<PerPeer<Self>> {
        let Algorithm { bulk, hash } = suite.algorithm()?;
        let (mac, key, iv) = match bulk {
            // RFC 5288 §3, RFC 6655 §3: four bytes of the nonce are secret; RFC 7905 §2: twelve.
            Bulk::Gcm(block) | Bulk::Ccm(block, _) => (0, block.key_bytes(), 4),
            Bulk::ChaCha => (0, 32, 12),
            Bulk::Cbc(block, mac) if version >= Version::TLS_1_1 => {
                (mac.bytes(), block.key_bytes(), 0)
            }
            Bulk::Cbc(block, mac) => (mac.bytes(), block.key_bytes(), block.block_bytes()),
            Bulk::Null(mac) => (mac.bytes(), 0, 0),
        };
        let material = key_block(version, hash, master, randoms, 2 * (mac + key + iv))?;
        let mut rest = material.as_slice();
        let mut cut = |length| {
            let (part, after) = rest.split_at_checked(length)?;
            rest = after;
            Some(part)
        };
        let mac = PerPeer {
            client: cut(mac)?,
            server: cut(mac)?,
        };
        let key = PerPeer {
            client: cut(key)?,
            server: cut(key)?,
        };
        let iv = PerPeer {
            client: cut(iv)?,
            server: cut(iv)?,
        };
        let make = |mac: &[u8], key: &[u8], iv: &[u8]| {
            let kind = match bulk {
                Bulk::Gcm(_) | Bulk::Ccm(..) | Bulk::ChaCha => Kind::Outer {
                    aead: aead(bulk, key)?,
                    iv: Zeroizing::new(padded(iv)),
                    explicit: bulk != Bulk::ChaCha,
                },
                Bulk::Cbc(_, kind) | Bulk::Null(kind) => Kind::Cbc {
                    cbc: Box::new(Cbc {
                        block: match bulk {
                            Bulk::Cbc(block, _) => Some(Block::new(block, key)?),
                            _ => None,
                        },
                        mac: Keyed::new(kind, mac)?,
                        mac_kind: kind,
                        encrypt_then_mac: encrypt_then_mac && !matches!(bulk, Bulk::Null(_)),
                        version,
                    }),
                    first: iv.to_vec(),
                },
            };
            Some(Self { kind })
        };
        Some(PerPeer {
            client: make(mac.client, key.client, iv.client)?,
            server: make(mac.server, key.server, iv.server)?,
        })
    }

    /// Opens the record with this number into `out`, without type and padding; `None` where its
    /// tag does not fit.
    pub(super) fn open(
        &self,
        number: u64,
        record: Sealed<'_>,
        out: &mut Vec<u8>,
    ) -> Option<ContentType> {
        let Sealed {
            header,
            body,
            before,
        } = record;
        match &self.kind {
            Kind::Inner { aead, iv } => {
                // RFC 8446 §5.2: the header, as it is on the wire, is authenticated.
                aead.open(&numbered_nonce(iv, number), &header.bytes(), body, out)
                    .then(|| inner_type(out))
            }
            Kind::Outer { aead, iv, explicit } => {
                let (nonce, sealed) = outer_nonce(iv, *explicit, number, body)?;
                let length = sealed.len().checked_sub(aead.tag_bytes())?;
                let aad = header.numbered(number, length)?;
                aead.open(&nonce, &aad, sealed, out)
                    .then_some(header.content)
            }
            Kind::Cbc { cbc, first } => {
                let iv = if number == 0 {
                    Some(first.as_slice())
                } else {
                    before
                };
                cbc.open(number, header, body, iv, out)
                    .then_some(header.content)
            }
        }
    }

    /// The first number of `numbers` under which the record opens; each try takes from `budget`
    /// what it hashes.
    pub(super) fn find(
        &self,
        numbers: RangeInclusive<u64>,
        record: Sealed<'_>,
        out: &mut Vec<u8>,
        budget: &mut u64,
    ) -> Option<(u64, ContentType)> {
        if let Kind::Inner { aead, iv } = &self.kind {
            let nonces = numbers.map(|number| (number, numbered_nonce(iv, number)));
            let sealed = (&record.header.bytes()[..], record.body);
            let number = aead.find(nonces, sealed, out, budget)?;
            return Some((number, inner_type(out)));
        }
        for number in numbers {
            *budget = budget.checked_sub(record.body.len() as u64 + 64)?;
            if let Some(content) = self.open(number, record, out) {
                return Some((number, content));
            }
        }
        None
    }

    /// Decrypts what is there of a record of a stream cipher, tag unseen: into `out` its plain
    /// bytes (in TLS 1.3 with the inner type and padding after them), all of it where `body` is as
    /// it was. Returns how many bytes stand before them in the body.
    pub(super) fn reveal(&self, number: u64, body: &[u8], out: &mut Vec<u8>) -> Option<usize> {
        let (aead, nonce, sealed) = match &self.kind {
            Kind::Inner { aead, iv } => (aead, numbered_nonce(iv, number), body),
            Kind::Outer { aead, iv, explicit } => {
                let (nonce, sealed) = outer_nonce(iv, *explicit, number, body)?;
                (aead, nonce, sealed)
            }
            Kind::Cbc { .. } => return None,
        };
        let text = sealed.get(..sealed.len().checked_sub(aead.tag_bytes())?)?;
        out.clear();
        out.extend_from_slice(text);
        aead.apply(&nonce, out);
        Some(body.len() - sealed.len())
    }

    /// What explanations show of the record with this number: nonce and tag, as far as they stand
    /// outside of what is encrypted.
    pub(super) fn nonce_and_tag(&self, number: u64, body: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let tail = |bytes: usize| {
            let start = body.len().saturating_sub(bytes);
            body.get(start..).unwrap_or_default().to_vec()
        };
        match &self.kind {
            Kind::Inner { aead, iv } => {
                (numbered_nonce(iv, number).to_vec(), tail(aead.tag_bytes()))
            }
            Kind::Outer { aead, iv, explicit } => {
                let nonce = outer_nonce(iv, *explicit, number, body);
                let nonce = nonce.map_or_else(Vec::new, |(nonce, _)| nonce.to_vec());
                (nonce, tail(aead.tag_bytes()))
            }
            Kind::Cbc { cbc, .. } => {
                // RFC 5246 §6.2.3.2: from TLS 1.1 on a vector is in front.
                let block = cbc
                    .block
                    .as_ref()
                    .filter(|_| cbc.version >= Version::TLS_1_1);
                let vector = block.and_then(|block| body.get(..block.block_bytes()));
                // RFC 7366 §3: only there, and where nothing is encrypted, the code is in the clear.
                let clear = cbc.encrypt_then_mac || cbc.block.is_none();
                let mac = if clear { cbc.mac_kind.bytes() } else { 0 };
                (vector.unwrap_or_default().to_vec(), tail(mac))
            }
        }
    }

    /// Bytes of padding in a body that holds so much content; `None` where the cipher has none.
    pub(super) fn padding(&self, body: usize, content: usize) -> Option<u64> {
        let around = match &self.kind {
            Kind::Inner { aead, .. } => aead.tag_bytes() + 1,
            Kind::Outer { .. } => return None,
            Kind::Cbc { cbc, .. } => {
                let block = cbc.block.as_ref()?;
                let vector = cbc.version >= Version::TLS_1_1;
                cbc.mac_kind.bytes() + if vector { block.block_bytes() } else { 0 }
            }
        };
        Some(body.checked_sub(around + content)? as u64)
    }

    /// The part of the nonce that the record itself says.
    pub(super) fn explicit_nonce(&self, body: &[u8]) -> Option<u64> {
        match &self.kind {
            Kind::Outer { explicit: true, .. } => Some(u64::from_be_bytes(*body.first_chunk()?)),
            _ => None,
        }
    }

    /// Whether the content's type is inside, as in TLS 1.3.
    pub(super) fn hides_type(&self) -> bool {
        matches!(self.kind, Kind::Inner { .. })
    }

    /// The least bytes that a record takes on the wire beyond the bytes in it, header included.
    pub(super) fn overhead(&self) -> u64 {
        let body = match &self.kind {
            Kind::Inner { aead, .. } => aead.tag_bytes() + 1,
            Kind::Outer { aead, explicit, .. } => aead.tag_bytes() + if *explicit { 8 } else { 0 },
            Kind::Cbc { cbc, .. } => cbc.mac_kind.bytes() + usize::from(cbc.block.is_some()),
        };
        (Header::BYTES + body) as u64
    }
}

impl fmt::Debug for Protection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Protection")
    }
}

fn aead(bulk: Bulk, key: &[u8]) -> Option<Aead> {
    Some(match bulk {
        Bulk::Gcm(block) => Aead::gcm(Block::new(block, key)?),
        Bulk::Ccm(block, tag) => Aead::Ccm(Block::new(block, key)?, tag),
        Bulk::ChaCha => Aead::ChaCha(Box::new(Zeroizing::new(key.try_into().ok()?))),
        Bulk::Cbc(..) | Bulk::Null(_) => return None,
    })
}

fn padded(iv: &[u8]) -> Nonce {
    let mut nonce = [0; 12];
    for (to, from) in nonce.iter_mut().zip(iv) {
        *to = *from;
    }
    nonce
}

/// RFC 8446 §5.3, RFC 7905 §2: the record's number is added to the end of the vector.
fn numbered_nonce(iv: &Nonce, number: u64) -> Nonce {
    let mut nonce = *iv;
    for (byte, other) in nonce.iter_mut().rev().zip(number.to_le_bytes()) {
        *byte ^= other;
    }
    nonce
}

/// The nonce of a record of TLS 1.2, and the body without what it says of it.
fn outer_nonce<'a>(
    iv: &Nonce,
    explicit: bool,
    number: u64,
    body: &'a [u8],
) -> Option<(Nonce, &'a [u8])> {
    if !explicit {
        return Some((numbered_nonce(iv, number), body));
    }
    let (said, sealed) = body.split_first_chunk::<8>()?;
    let mut nonce = *iv;
    for (to, from) in nonce.iter_mut().skip(4).zip(said) {
        *to = *from;
    }
    Some((nonce, sealed))
}

/// RFC 8446 §5.4: takes padding and type off; a record of zeros only has type 0, which no one has.
fn inner_type(out: &mut Vec<u8>) -> ContentType {
    let kept = out.iter().rposition(|&byte| byte != 0).unwrap_or(0);
    let content = out.get(kept).copied().unwrap_or(0);
    out.truncate(kept);
    ContentType(content)
}
