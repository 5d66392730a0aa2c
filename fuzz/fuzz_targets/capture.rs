//! Capture files: any bytes, read at once and in pieces.
//!
//! Holds that how many bytes a read gives changes neither packets nor warnings nor errors.
#![no_main]

use std::io::Read;

use libfuzzer_sys::fuzz_target;
use wscope::base::Limits;
use wscope::capture::{Block, Source};
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

fuzz_target!(|data: &[u8]| {
    let whole = all(Box::new(std::io::Cursor::new(data.to_vec())));
    let pieces = all(Box::new(Trickle {
        bytes: std::io::Cursor::new(data.to_vec()),
        row: Row::new(data.len() as u64),
    }));
    // A damaged stream gives as much as its decompressor does: that depends on the pieces.
    let broken = |remark: &String| remark.contains("stream is broken");
    if whole.1.iter().chain(&pieces.1).any(broken) {
        return;
    }
    assert_eq!(whole, pieces, "the size of a read changed the outcome");
});
