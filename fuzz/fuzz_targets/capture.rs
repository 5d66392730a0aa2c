//! Capture files: any bytes, read at once and in pieces.
//!
//! Holds that how many bytes a read gives changes neither packets nor warnings nor errors, up to
//! the first damage.
#![no_main]

use std::io::Read;

use libfuzzer_sys::fuzz_target;
use wscope::base::Limits;
use wscope::capture::{Block, Source};
use wscope::error::Error;
use wscope_fuzz::Row;

/// Enough of what a small compressed file can hold.
const PACKETS: usize = 4096;

/// Gives a few bytes at a time.
struct Trickle {
    bytes: std::io::Cursor<Vec<u8>>,
    row: Row,
}

impl Read for Trickle {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let most = [1, 7, 64, 4096][self.row.below(4)].min(into.len());
        match into.get_mut(..most) {
            Some(part) => self.bytes.read(part),
            None => Ok(0),
        }
    }
}

/// Everything that a source says, as text.
fn all(reader: Box<dyn Read + Send>) -> (Vec<String>, Vec<String>) {
    let limits = Limits {
        packet_bytes: 1 << 18,
        ..Limits::default()
    };
    let mut source = Source::from_reader("fuzz", reader, limits);
    let mut block = Block::default();
    let mut packets = Vec::new();
    let mut remarks = Vec::new();
    loop {
        match source.read(&mut block) {
            Ok(true) => {
                assert!(!block.is_empty(), "a block without packets");
                assert_eq!(
                    block.packets().count(),
                    block.len(),
                    "a packet out of its block"
                );
                packets.extend(
                    block
                        .packets()
                        .zip(block.records())
                        .map(|(packet, record)| {
                            assert!(packet.data.len() <= limits.packet_bytes);
                            format!("{packet:?} {}", record.offset)
                        }),
                );
            }
            Ok(false) => break,
            // What a file without packets looks like is told from the bytes at hand.
            Err(Error::NotACapture { .. }) => remarks.push("no capture".to_owned()),
            Err(error) => remarks.push(error.to_string()),
        }
        if packets.len() >= PACKETS {
            packets.truncate(PACKETS);
            return (packets, Vec::new());
        }
    }
    remarks.extend(source.take_warnings().iter().map(ToString::to_string));
    remarks.push(format!("{:?} {}", source.secrets(), source.dropped()));
    (packets, remarks)
}

/// Packets before the first damage that is told of.
fn damage(remarks: &[String]) -> usize {
    let numbers = remarks.iter().filter_map(|remark| {
        if remark.contains("cannot be decompressed") {
            return Some(0);
        }
        let (what, number) = remark.split_once(" after packet ")?;
        let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
        let damage = what.contains("damaged") || what.contains("broken");
        damage.then(|| digits.parse().unwrap_or(0))
    });
    numbers.min().unwrap_or(usize::MAX)
}

fuzz_target!(|data: &[u8]| {
    let whole = all(Box::new(std::io::Cursor::new(data.to_vec())));
    let pieces = all(Box::new(Trickle {
        bytes: std::io::Cursor::new(data.to_vec()),
        row: Row::new(data.len() as u64),
    }));
    let same = "the size of a read changed the outcome";
    // Behind damage it does: what cannot be is not waited for, and a decompressor gives what it
    // has made before it fails.
    let sound = damage(&whole.1).min(damage(&pieces.1));
    if sound < usize::MAX {
        let (one, other) = (whole.0.get(..sound), pieces.0.get(..sound));
        assert!(one.is_some() && one == other, "{same}");
        return;
    }
    assert_eq!(whole.1, pieces.1, "{same}");
    for (one, other) in whole.0.iter().zip(&pieces.0) {
        assert_eq!(one, other, "{same}");
    }
    assert_eq!(whole.0.len(), pieces.0.len(), "{same}");
});
