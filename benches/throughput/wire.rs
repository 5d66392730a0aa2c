//! A capture file that is written: pcap, with a clock of its own.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The capture file with its clock.
pub(crate) struct Wire {
    out: BufWriter<File>,
    written: u64,
    micros: u64,
}

impl Wire {
    /// A file without packets.
    pub(crate) fn create(path: &Path) -> io::Result<Self> {
        let mut wire = Self {
            out: BufWriter::with_capacity(1 << 20, File::create(path)?),
            written: 0,
            micros: 1_714_521_600_000_000,
        };
        let mut header = Vec::new();
        header.extend(0xa1b2_c3d4_u32.to_le_bytes());
        header.extend([2, 0, 4, 0]);
        header.extend([0; 8]);
        header.extend(262_144_u32.to_le_bytes());
        header.extend(1_u32.to_le_bytes());
        wire.put(&header)?;
        Ok(wire)
    }

    /// Bytes so far.
    pub(crate) fn written(&self) -> u64 {
        self.written
    }

    /// Milliseconds of the clock, as TCP timestamps have them.
    pub(crate) fn millis(&self) -> u32 {
        self.micros as u32 / 1000
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.written += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    /// A packet, `gap` microseconds after the last one.
    pub(crate) fn packet(&mut self, packet: &[u8], gap: u64) -> io::Result<()> {
        self.micros += gap;
        let seconds = u32::try_from(self.micros / 1_000_000).unwrap();
        let micros = u32::try_from(self.micros % 1_000_000).unwrap();
        let len = u32::try_from(packet.len()).unwrap();
        for word in [seconds, micros, len, len] {
            self.put(&word.to_le_bytes())?;
        }
        self.put(packet)
    }
}
