//! TLS of which only a middle was captured.
//!
//! Job: know the records of TLS by their headers, so that nobody looks for frames in what is
//! encrypted. Input: what is delivered. Output: whether it is TLS. RFC 8446 §5.1.
//!
//! A header says where the next one stands. Encrypted bytes look like a header once in 2^26 places;
//! so one that is where a segment begins, or where another header leads, is no chance, and two
//! of them decide.

use crate::base::{Peer, PerPeer};
use crate::stream::Delivery;

/// Bytes of a header.
const HEADER: usize = 5;

/// RFC 8446 §5.2, RFC 5246 §6.2.3: 2^14 bytes, and what protecting them adds.
const LONGEST: u64 = (1 << 14) + 2048;

/// Headers that lie where they should.
const ENOUGH: u32 = 2;

/// Headers whose successor is waited for.
const LEADS: usize = 8;

/// Records of both directions.
#[derive(Debug, Default)]
pub(super) struct Records {
    sides: PerPeer<Side>,
    fitting: u32,
}

/// One direction.
#[derive(Debug, Default)]
struct Side {
    /// Bytes that came, gaps included.
    seen: u64,
    /// The last bytes that came, too few for a header.
    tail: Vec<u8>,
    /// Where the next header should stand.
    leads: Vec<u64>,
}

impl Records {
    /// Takes what is delivered.
    pub(super) fn delivery(&mut self, from: Peer, delivery: Delivery<'_>) {
        match delivery {
            Delivery::Chunk { bytes, begins } => {
                self.fitting += self.sides[from].chunk(bytes, begins);
            }
            Delivery::Gap(missing) => self.sides[from].gap(missing.exactly()),
            Delivery::Conflict { .. } => {}
        }
    }

    /// Whether it is TLS.
    pub(super) fn are_there(&self) -> bool {
        self.fitting >= ENOUGH
    }
}

impl Side {
    /// How many headers stand where one should.
    fn chunk(&mut self, bytes: &[u8], begins: bool) -> u32 {
        let start = self.seen - self.tail.len() as u64;
        let fresh = self.seen;
        self.seen += bytes.len() as u64;
        let mut fitting = 0;
        let mut take = |place: u64, header: &[u8], leads: &mut Vec<u64>| {
            let known = leads.iter().position(|lead| *lead == place);
            known.map(|known| leads.swap_remove(known));
            let Some(len) = record(header) else { return };
            fitting += u32::from(known.is_some() || begins && place == fresh);
            if leads.len() == LEADS {
                leads.remove(0);
            }
            leads.push(place + HEADER as u64 + len);
        };
        // A header that began in the chunk before.
        let mut joined = std::mem::take(&mut self.tail);
        let before = joined.len();
        joined.extend(bytes.iter().take(HEADER - 1));
        for (offset, header) in joined.windows(HEADER).enumerate().take(before) {
            take(start + offset as u64, header, &mut self.leads);
        }
        for (offset, header) in bytes.windows(HEADER).enumerate() {
            let place = fresh + offset as u64;
            if matches!(header, [20..=23, 3, ..]) || self.leads.contains(&place) {
                take(place, header, &mut self.leads);
            }
        }
        self.tail = if bytes.len() < HEADER - 1 {
            joined
        } else {
            bytes.to_vec()
        };
        let old = self.tail.len().saturating_sub(HEADER - 1);
        self.tail.drain(..old);
        self.tail.shrink_to_fit();
        fitting
    }

    fn gap(&mut self, len: Option<u64>) {
        self.tail.clear();
        match len {
            Some(len) => self.seen = self.seen.saturating_add(len),
            None => self.leads.clear(),
        }
    }
}

/// The length of the record, where a header of one stands.
fn record(header: &[u8]) -> Option<u64> {
    match header {
        // Alerts and changes of the cipher are short, and so rare that they say nothing by chance.
        [20..=23, 3, 1..=4, high, low, ..] => {
            let len = u64::from(u16::from_be_bytes([*high, *low]));
            (1..=LONGEST).contains(&len).then_some(len)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Missing;

    /// So many records of `len` bytes.
    fn stream(records: usize, len: u16) -> Vec<u8> {
        let mut bytes = Vec::new();
        for number in 0..records {
            bytes.extend([23, 3, 3]);
            bytes.extend(len.to_be_bytes());
            bytes.extend(
                (0..len).map(|at| (usize::from(at) * 31 + number * 7).to_le_bytes()[0] | 0x80),
            );
        }
        bytes
    }

    fn are_found(bytes: &[u8], size: usize, begins: bool) -> bool {
        let mut records = Records::default();
        for bytes in bytes.chunks(size) {
            records.delivery(Peer::Server, Delivery::Chunk { bytes, begins });
        }
        records.are_there()
    }

    #[test]
    fn headers_lead_to_headers_wherever_segments_end() {
        let bytes = stream(4, 300);
        for size in [1, 2, 3, 4, 5, 7, 100, 305, 1448] {
            assert!(are_found(&bytes[90..], size, false), "{size}");
        }
        assert!(!are_found(&bytes[90..600], 100, false), "one leads nowhere");
    }

    #[test]
    fn headers_at_the_beginning_of_segments_need_no_other() {
        let bytes = stream(2, 300);
        assert!(are_found(&bytes[..310], 305, true));
        assert!(!are_found(&bytes[..305], 305, true));
    }

    #[test]
    fn gaps_of_known_length_keep_the_place() {
        let bytes = stream(4, 300);
        for (missing, found) in [(Missing::Bytes(200), true), (Missing::Unknown, false)] {
            let mut records = Records::default();
            let mut take = |bytes| {
                let begins = false;
                records.delivery(Peer::Client, Delivery::Chunk { bytes, begins });
            };
            take(&bytes[..10]);
            take(&bytes[10..400]);
            records.delivery(Peer::Client, Delivery::Gap(missing));
            let bytes = &bytes[600..620];
            let begins = false;
            records.delivery(Peer::Client, Delivery::Chunk { bytes, begins });
            assert_eq!(records.are_there(), found, "{missing:?}");
        }
    }

    #[test]
    fn what_looks_like_a_header_once_is_none() {
        let mut bytes = vec![0x41; 5000];
        bytes[1000..1005].copy_from_slice(&[23, 3, 3, 0, 200]);
        bytes[3000..3005].copy_from_slice(&[23, 3, 3, 0, 200]);
        assert!(!are_found(&bytes, 700, true));
    }
}
