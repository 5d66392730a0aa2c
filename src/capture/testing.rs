//! Building captures, and reading them, for tests.

use std::io::{self, Read};

use super::bytes::{Endian, index};
use super::{Block, Input, Source};
use crate::base::Limits;

/// Packet as read, with its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Got {
    pub(super) file: u32,
    pub(super) number: u64,
    pub(super) time: u64,
    pub(super) link: u16,
    pub(super) wire: u32,
    pub(super) offset: u64,
    pub(super) data: Vec<u8>,
}

/// All that came of reading.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) packets: Vec<Got>,
    pub(super) warnings: Vec<String>,
    pub(super) errors: Vec<String>,
}

impl Run {
    /// The packets' bytes, of a run that went without a word.
    pub(super) fn clean(self) -> Vec<Vec<u8>> {
        assert_eq!((&self.warnings, &self.errors), (&vec![], &vec![]));
        self.data()
    }

    /// The packets of a run that went without a word.
    pub(super) fn clean_packets(self) -> Vec<Got> {
        assert_eq!((&self.warnings, &self.errors), (&vec![], &vec![]));
        self.packets
    }

    pub(super) fn data(self) -> Vec<Vec<u8>> {
        self.packets.into_iter().map(|packet| packet.data).collect()
    }
}

/// Reads a source to its end.
pub(super) fn drain(source: &mut Source) -> Run {
    let mut run = Run::default();
    let mut block = Block::default();
    loop {
        match source.read(&mut block) {
            Ok(true) => assert!(!block.is_empty()),
            Ok(false) => break,
            Err(error) => {
                assert!(block.is_empty());
                run.errors.push(error.to_string());
            }
        }
        assert_eq!(block.packets().count(), block.len());
        for (packet, record) in block.packets().zip(block.records()) {
            assert!(index(packet.wire_len) >= packet.data.len());
            run.packets.push(Got {
                file: packet.place.file,
                number: packet.place.number,
                time: packet.time.0,
                link: packet.link.0,
                wire: packet.wire_len,
                offset: record.offset,
                data: packet.data.to_vec(),
            });
        }
    }
    run.warnings = source
        .take_warnings()
        .iter()
        .map(ToString::to_string)
        .collect();
    run
}

pub(super) fn read_from(reader: impl Read + Send + 'static) -> Run {
    drain(&mut Source::from_reader(
        "in",
        Box::new(reader),
        Limits::default(),
    ))
}

pub(super) fn read(bytes: &[u8]) -> Run {
    read_from(io::Cursor::new(bytes.to_vec()))
}

/// The same from a regular file, which is read in another way.
pub(super) fn read_file(bytes: &[u8]) -> Run {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("in");
    std::fs::write(&path, bytes).unwrap();
    let mut run = drain(&mut Source::new(vec![Input::File(path)], Limits::default()));
    let prefix = format!("{}/", dir.path().display());
    for text in run.warnings.iter_mut().chain(&mut run.errors) {
        *text = text.replace(&prefix, "");
    }
    run
}

/// Gives its bytes in pieces of the given sizes, which repeat.
pub(super) struct Pieces {
    pub(super) bytes: io::Cursor<Vec<u8>>,
    pub(super) sizes: Vec<usize>,
    pub(super) turn: usize,
}

impl Pieces {
    pub(super) fn new(bytes: &[u8], sizes: &[usize]) -> Self {
        Self {
            bytes: io::Cursor::new(bytes.to_vec()),
            sizes: sizes.to_vec(),
            turn: 0,
        }
    }
}

impl Read for Pieces {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.turn % self.sizes.len()].max(1);
        self.turn += 1;
        let size = size.min(into.len());
        self.bytes.read(&mut into[..size])
    }
}

/// Fails after its bytes.
pub(super) struct Failing(pub(super) io::Cursor<Vec<u8>>);

impl Read for Failing {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.0.read(into)? {
            0 => Err(io::Error::other("the disk is gone")),
            count => Ok(count),
        }
    }
}

pub(super) fn u16b(endian: Endian, value: u16) -> [u8; 2] {
    match endian {
        Endian::Little => value.to_le_bytes(),
        Endian::Big => value.to_be_bytes(),
    }
}

pub(super) fn u32b(endian: Endian, value: u32) -> [u8; 4] {
    match endian {
        Endian::Little => value.to_le_bytes(),
        Endian::Big => value.to_be_bytes(),
    }
}

/// A pcap file in the making.
pub(super) struct PcapFile {
    endian: Endian,
    magic: u32,
    pub(super) bytes: Vec<u8>,
}

impl PcapFile {
    pub(super) const MICRO: u32 = 0xa1b2_c3d4;
    pub(super) const NANO: u32 = 0xa1b2_3c4d;
    pub(super) const KUZNETZOV: u32 = 0xa1b2_cd34;

    pub(super) fn new(endian: Endian, magic: u32, link: u32) -> Self {
        let mut bytes = Vec::new();
        bytes.extend(u32b(endian, magic));
        bytes.extend(u16b(endian, 2));
        bytes.extend(u16b(endian, 4));
        for word in [0, 0, 65535, link] {
            bytes.extend(u32b(endian, word));
        }
        Self {
            endian,
            magic,
            bytes,
        }
    }

    pub(super) fn packet(
        &mut self,
        seconds: u32,
        fraction: u32,
        data: &[u8],
        wire: u32,
    ) -> &mut Self {
        let captured = u32::try_from(data.len()).unwrap();
        for word in [seconds, fraction, captured, wire] {
            self.bytes.extend(u32b(self.endian, word));
        }
        if self.magic == Self::KUZNETZOV {
            self.bytes.extend([0xee; 8]);
        }
        self.bytes.extend(data);
        self
    }
}

/// A small file of `count` packets, packet `n` having `n` bytes and being one second later.
pub(super) fn small_pcap(count: u32) -> Vec<u8> {
    let mut file = PcapFile::new(Endian::Little, PcapFile::MICRO, 1);
    for n in 1..=count {
        file.packet(1_700_000_000 + n, 5, &body(n), n + 3);
    }
    file.bytes
}

/// Bytes of packet `n` of the small files.
pub(super) fn body(n: u32) -> Vec<u8> {
    (0..n)
        .map(|at| u8::try_from((n + at) % 251).unwrap())
        .collect()
}

/// The bodies of `count` packets.
pub(super) fn bodies(count: u32) -> Vec<Vec<u8>> {
    (1..=count).map(body).collect()
}

/// A pcapng file in the making.
pub(super) struct NgFile {
    pub(super) endian: Endian,
    pub(super) bytes: Vec<u8>,
}

impl NgFile {
    /// A file that begins with a section header.
    pub(super) fn new(endian: Endian) -> Self {
        let mut file = Self {
            endian,
            bytes: Vec::new(),
        };
        file.section(endian);
        file
    }

    pub(super) fn section(&mut self, endian: Endian) -> &mut Self {
        self.endian = endian;
        let mut body = Vec::new();
        body.extend(u32b(endian, 0x1a2b_3c4d));
        body.extend(u16b(endian, 1));
        body.extend(u16b(endian, 0));
        body.extend([0xff; 8]);
        self.block(0x0a0d_0d0a, &body)
    }

    pub(super) fn block(&mut self, kind: u32, body: &[u8]) -> &mut Self {
        let padded = body.len().next_multiple_of(4);
        let total = u32b(self.endian, u32::try_from(padded + 12).unwrap());
        self.bytes.extend(u32b(self.endian, kind));
        self.bytes.extend(total);
        self.bytes.extend(body);
        self.bytes.extend(vec![0; padded - body.len()]);
        self.bytes.extend(total);
        self
    }

    /// A block of words and then bytes.
    pub(super) fn words(&mut self, kind: u32, words: &[u32], bytes: &[u8]) -> &mut Self {
        let mut body = Vec::new();
        for &word in words {
            body.extend(u32b(self.endian, word));
        }
        body.extend(bytes);
        self.block(kind, &body)
    }

    pub(super) fn option(&self, code: u16, value: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(u16b(self.endian, code));
        bytes.extend(u16b(self.endian, u16::try_from(value.len()).unwrap()));
        bytes.extend(value);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    pub(super) fn interface(&mut self, link: u16, snaplen: u32, options: &[u8]) -> &mut Self {
        let mut body = Vec::new();
        body.extend(u16b(self.endian, link));
        body.extend([0, 0]);
        body.extend(u32b(self.endian, snaplen));
        body.extend(options);
        self.block(1, &body)
    }

    pub(super) fn packet(
        &mut self,
        interface: u32,
        ticks: u64,
        data: &[u8],
        wire: u32,
    ) -> &mut Self {
        let high = u32::try_from(ticks >> 32).unwrap();
        let low = u32::try_from(ticks & 0xffff_ffff).unwrap();
        let captured = u32::try_from(data.len()).unwrap();
        self.words(6, &[interface, high, low, captured, wire], data)
    }
}

/// The same packets as [`small_pcap`].
pub(super) fn small_pcapng(count: u32) -> Vec<u8> {
    let mut file = NgFile::new(Endian::Little);
    file.interface(1, 65535, &[]);
    for n in 1..=count {
        let ticks = (1_700_000_000 + u64::from(n)) * 1_000_000 + 5;
        file.packet(0, ticks, &body(n), n + 3);
    }
    file.bytes
}
