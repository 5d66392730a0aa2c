use super::*;
use crate::capture::testing::{
    NgFile, Pieces, Run, bodies, body, drain, read, read_from, small_pcap, small_pcapng, u32b,
};
use crate::capture::{Source, testing};

#[test]
fn the_same_packets_as_in_pcap() {
    let strip = |bytes: &[u8]| {
        let mut run = read(bytes);
        for packet in &mut run.packets {
            packet.offset = 0;
        }
        run
    };
    assert_eq!(strip(&small_pcapng(30)), strip(&small_pcap(30)));
    assert_eq!(read(&small_pcapng(30)).clean(), bodies(30));
}

#[test]
fn sections_have_their_own_order_and_interfaces() {
    let mut file = NgFile::new(Endian::Little);
    file.interface(1, 0, &[]).packet(0, 3_000_001, b"one", 3);
    file.section(Endian::Big);
    file.interface(101, 0, &file.option(9, &[9]));
    file.interface(113, 0, &[]);
    file.packet(1, 5_000_000, b"two", 3);
    file.packet(0, 6_000_000_001, b"three", 9);
    let run = read(&file.bytes);
    let seen: Vec<_> = run
        .packets
        .iter()
        .map(|packet| (packet.link, packet.time, packet.wire, &packet.data[..]))
        .collect();
    assert_eq!(
        seen,
        [
            (1, 3_000_001_000, 3, &b"one"[..]),
            (113, 5_000_000_000, 3, b"two"),
            (101, 6_000_000_001, 9, b"three"),
        ]
    );
    for packet in &run.packets {
        let offset = usize::try_from(packet.offset).unwrap();
        assert!(file.bytes[offset..].starts_with(&packet.data));
    }
    assert!(run.warnings.is_empty());
}

#[test]
fn any_resolution_and_offset() {
    for endian in [Endian::Little, Endian::Big] {
        for (resolution, ticks, nanos) in [
            (0, 3, 3_000_000_000),
            (3, 3_500, 3_500_000_000),
            (6, 3_500_000, 3_500_000_000),
            (9, 3_500_000_001, 3_500_000_001),
            (12, 3_500_000_001_999, 3_500_000_001),
            (19, 35_000_000_000_000_000, 3_500_000),
            (127, u64::MAX, 0),
            (0x80, 3, 3_000_000_000),
            (0x8a, 3 * 1024 + 512, 3_500_000_000),
            (0xa0, (3 << 32) + (1 << 31), 3_500_000_000),
            (0xbf, 3 << 62, 1_500_000_000),
            (0xff, u64::MAX, 0),
        ] {
            let mut file = NgFile::new(endian);
            let mut options = file.option(2, b"eth0!");
            options.extend(file.option(9, &[resolution]));
            file.interface(1, 0, &options).packet(0, ticks, b"x", 1);
            let mut seconds = 100_i64.to_le_bytes();
            if endian == Endian::Big {
                seconds.reverse();
            }
            options.extend(file.option(14, &seconds));
            options.extend(file.option(0, &[]));
            options.extend(file.option(9, &[1]));
            file.interface(1, 0, &options).packet(1, ticks, b"y", 1);
            let run = read(&file.bytes);
            assert_eq!(run.packets[0].time, nanos, "{resolution}");
            assert_eq!(run.packets[1].time, nanos + 100_000_000_000, "{resolution}");
        }
    }
}

#[test]
fn a_negative_offset_stops_at_zero() {
    let mut file = NgFile::new(Endian::Little);
    let options = file.option(14, &(-2_i64).to_le_bytes());
    file.interface(1, 0, &options);
    file.packet(0, 3_000_000, b"x", 1).packet(0, 1, b"y", 1);
    let run = read(&file.bytes);
    assert_eq!(
        (run.packets[0].time, run.packets[1].time),
        (1_000_000_000, 0)
    );
}

#[test]
fn simple_and_old_packets() {
    let mut file = NgFile::new(Endian::Big);
    file.interface(1, 4, &[]).interface(101, 0, &[]);
    file.words(3, &[9], b"abcd");
    file.words(2, &[0x0001_ffff, 0, 7_000_000, 3, 8], b"old");
    file.words(3, &[2], b"ab");
    let run = read(&file.bytes);
    let seen: Vec<_> = run
        .packets
        .iter()
        .map(|packet| (packet.link, packet.time, packet.wire, &packet.data[..]))
        .collect();
    assert_eq!(
        seen,
        [
            (1, 7_000_000_000, 9, &b"abcd"[..]),
            (101, 7_000_000_000, 8, b"old"),
            (1, 7_000_000_000, 2, b"ab"),
        ]
    );
    assert_eq!(run.warnings.len(), 1);
    assert!(
        run.warnings[0].contains("packet 1 has no time"),
        "{:?}",
        run.warnings
    );
}

#[test]
fn packets_without_a_time_take_the_nearest() {
    let mut file = NgFile::new(Endian::Little);
    file.interface(1, 0, &[]);
    file.words(3, &[1], b"a").words(3, &[1], b"b");
    file.packet(0, 5_000_000, b"c", 1).words(3, &[1], b"d");
    file.section(Endian::Big);
    file.interface(1, 0, &[]).words(3, &[1], b"e");
    file.packet(0, 6_000_000, b"f", 1);
    let times = |run: Run| -> Vec<u64> { run.packets.iter().map(|packet| packet.time).collect() };
    let expected = [5, 5, 5, 5, 5, 6].map(|seconds| seconds * 1_000_000_000);
    assert_eq!(times(read(&file.bytes)), expected);
    // Reads of any size tell the same.
    for size in [1, 7, 64] {
        let run = read_from(Pieces::new(&file.bytes, &[size]));
        assert_eq!(times(run), expected, "{size}");
    }
}

#[test]
fn without_any_time_there_is_none() {
    let mut file = NgFile::new(Endian::Little);
    file.interface(1, 0, &[]);
    for _ in 0..3 {
        file.words(3, &[1], b"a");
    }
    let run = read(&file.bytes);
    assert!(run.packets.iter().all(|packet| packet.time == 0));
    assert_eq!(run.packets.len(), 3);
    assert_eq!(run.warnings.len(), 1);
}

#[test]
fn a_time_is_not_looked_for_without_end() {
    let mut file = NgFile::new(Endian::Little);
    file.interface(1, 0, &[]).words(3, &[1], b"a");
    file.words(0x7777, &[], &vec![0; TIME_SEARCH]);
    file.packet(0, 5_000_000, b"c", 1);
    let run = read(&file.bytes);
    assert_eq!(
        (run.packets[0].time, run.packets[1].time),
        (0, 5_000_000_000)
    );
}

/// A packet block whose length does not count its padding, with or without that.
fn unpadded(file: &mut NgFile, kind: u32, words: &[u32], data: &[u8], padded: bool) {
    let from = file.bytes.len();
    file.words(kind, words, data);
    let padding = data.len().next_multiple_of(4) - data.len();
    let total = file.bytes.len() - from - padding;
    if !padded {
        let end = file.bytes.len() - 4;
        file.bytes.drain(end - padding..end);
    }
    let length = u32b(file.endian, u32::try_from(total).unwrap());
    let end = file.bytes.len() - 4;
    file.bytes[from + 4..from + 8].copy_from_slice(&length);
    file.bytes[end..].copy_from_slice(&length);
}

#[test]
fn lengths_may_leave_the_padding_out() {
    for endian in [Endian::Little, Endian::Big] {
        for padded in [false, true] {
            let mut file = NgFile::new(endian);
            file.interface(1, 0, &[]);
            let mut expected = Vec::new();
            for len in 1_u32..9 {
                let data = vec![b'x'; len as usize];
                let interface = if endian == Endian::Big {
                    0xffff
                } else {
                    0xffff << 16
                };
                unpadded(&mut file, 2, &[interface, 0, len, len, len], &data, padded);
                unpadded(&mut file, 6, &[0, 0, len, len, len], &data, padded);
                unpadded(&mut file, 3, &[len], &data, padded);
                expected.extend([data.clone(), data.clone(), data]);
            }
            let run = read(&file.bytes);
            assert_eq!(run.warnings.len(), 1, "{:?}", run.warnings);
            assert_eq!(run.data(), expected, "{endian:?} {padded}");
            // Reads of any size tell the same, and an end in mid-block is one.
            let run = read_from(Pieces::new(&file.bytes, &[3]));
            assert_eq!(run.data(), expected, "{endian:?} {padded}");
            let run = read(&file.bytes[..file.bytes.len() - 5]);
            assert_eq!(run.packets.len(), expected.len() - 1);
            assert_eq!(run.warnings.len(), 2, "{:?}", run.warnings);
        }
    }
}

#[test]
fn other_blocks_are_passed_over() {
    let mut file = NgFile::new(Endian::Little);
    file.interface(1, 0, &[]);
    for kind in [4, 9, 0x0bad, 0x7777, 0x4000_0bad, 0x8000_0001] {
        file.words(kind, &[1, 2, 3], b"rest");
        file.packet(0, u64::from(kind), b"x", 1);
    }
    assert_eq!(read(&file.bytes).clean().len(), 6);
}

#[test]
fn secrets_are_kept_and_bounded() {
    let mut file = NgFile::new(Endian::Little);
    file.words(10, &[Secrets::TLS_KEY_LOG, 5], b"CLIEN");
    file.interface(1, 0, &[]).packet(0, 1, b"x", 1);
    file.words(10, &[7, 20], &[1; 20]);
    file.words(10, &[7, 21], &[1; 20]);
    let limits = Limits {
        packet_bytes: 22,
        ..Limits::default()
    };
    let mut source = Source::from_reader("in", Box::new(std::io::Cursor::new(file.bytes)), limits);
    let run = drain(&mut source);
    let secrets = source.secrets();
    assert_eq!(secrets.len(), 1);
    assert_eq!(
        (secrets[0].kind, &secrets[0].bytes[..]),
        (0x544c_534b, &b"CLIEN"[..])
    );
    assert!(run.warnings[0].contains("more than 22 bytes of decryption secrets"));
    assert!(run.warnings[1].contains("the decryption secrets reach past their block"));
}

#[test]
fn drops_are_added_up() {
    let mut file = NgFile::new(Endian::Little);
    for _ in 0..2 {
        file.section(Endian::Little).interface(1, 0, &[]);
        for drops in [1_u64, 4] {
            let mut options = file.option(4, &900_u64.to_le_bytes());
            options.extend(file.option(5, &drops.to_le_bytes()));
            options.extend(file.option(7, &1_u64.to_le_bytes()));
            file.words(5, &[0, 0, 0], &options);
        }
        file.packet(0, 1, b"x", 1);
    }
    let mut source = Source::from_reader(
        "in",
        Box::new(std::io::Cursor::new(file.bytes)),
        Limits::default(),
    );
    drain(&mut source);
    assert_eq!(source.dropped(), 10);
}

/// Where the block of packet `n` begins in a small file.
fn block_at(n: u32) -> usize {
    28 + 20
        + (1..n)
            .map(|n| 32 + index(n).next_multiple_of(4))
            .sum::<usize>()
}

#[test]
fn a_damaged_block_costs_one_packet() {
    let mut rest = bodies(40);
    rest.remove(19);
    for (place, value) in [
        (4, 0xffff_ffff_u32),
        (4, 0),
        (4, 33),
        (4, 60),
        (4, 0x0200_0000),
        (20, 0x0100_0000),
        (8, 77),
        (48, 3),
    ] {
        let mut file = small_pcapng(40);
        let at = block_at(20) + place;
        file[at..at + 4].copy_from_slice(&value.to_le_bytes());
        let run = read(&file);
        assert_eq!(run.warnings.len(), 1, "{:?}", run.warnings);
        let start = format!("in: damaged after packet 19, at byte {}: ", block_at(20));
        assert!(run.warnings[0].starts_with(&start), "{:?}", run.warnings);
        assert!(run.warnings[0].ends_with("52 bytes were skipped, reading went on"));
        assert_eq!(run.data(), rest);
    }
}

#[test]
fn missing_bytes_move_the_rest() {
    let mut file = small_pcapng(40);
    file.drain(block_at(20) + 3..block_at(21) + 6);
    let run = read(&file);
    assert_eq!(run.warnings.len(), 1, "{:?}", run.warnings);
    let mut rest = bodies(40);
    rest.drain(19..21);
    assert_eq!(run.data(), rest);
}

#[test]
fn the_end_is_described() {
    let file = small_pcapng(3);
    let mut zeros = file.clone();
    zeros.extend([0; 100]);
    let run = read(&zeros);
    assert!(run.warnings[0].starts_with("in: ends in 100 zero bytes after packet 3"));
    let mut garbage = file.clone();
    garbage.extend([0xc3; 100]);
    let run = read(&garbage);
    assert!(run.warnings[0].contains("nothing readable was found in the 100 bytes"));
    let run = read(&file[..file.len() - 5]);
    assert!(run.warnings[0].starts_with("in: cut off inside packet 3: 5 bytes are missing"));
    assert_eq!(run.data(), bodies(2));
}

#[test]
fn after_a_damaged_section_header_its_packets_are_not_taken_for_others() {
    let mut file = NgFile::new(Endian::Little);
    file.interface(1, 0, &[]).packet(0, 1, b"one", 3);
    let second = file.bytes.len();
    file.section(Endian::Little);
    file.interface(101, 0, &[]).packet(0, 2, b"two", 3);
    file.section(Endian::Little);
    file.interface(113, 0, &[]).packet(0, 3, b"three", 5);
    file.bytes[second + 8] ^= 1;
    let run = read(&file.bytes);
    assert_eq!(run.warnings.len(), 1);
    assert_eq!(run.data(), [b"one".to_vec(), b"three".to_vec()]);
}

#[test]
fn a_file_without_a_section_is_an_error() {
    let mut file = small_pcapng(3);
    file[8] ^= 1;
    let run = read(&file);
    assert_eq!(
        run.errors,
        [
            "in: cannot be read as pcapng: no section header with a byte-order mark is here; \
          record or convert it again"
        ]
    );
    assert!(run.packets.is_empty() && run.warnings.is_empty());
    let run = read(&small_pcapng(3)[..20]);
    assert!(
        run.errors[0].starts_with("in: ends inside its pcapng file header, which has 28 bytes")
    );
}

#[test]
fn another_version_is_said() {
    let mut file = small_pcapng(2);
    file[12] = 3;
    let run = read(&file);
    assert!(run.warnings[0].contains("pcapng version 3.0"));
    assert_eq!(run.data(), bodies(2));
}

#[test]
fn warnings_do_not_flood() {
    let mut file = NgFile::new(Endian::Little);
    file.interface(1, 0, &[]);
    for n in 0..1000 {
        file.packet(9, n, b"x", 1);
    }
    file.packet(0, 5, &body(9), 9);
    let run = read(&file.bytes);
    assert_eq!(run.warnings.len(), 21);
    assert_eq!(run.warnings[20], "in: 980 more warnings like these");
    assert_eq!(run.data(), [body(9)]);
}

#[test]
fn tiny_limits_cannot_trap_the_search() {
    let mut file = NgFile::new(Endian::Little);
    file.interface(1, 0, &[]);
    file.packet(0, 1, &vec![1; 200_000], 200_000);
    file.packet(0, 2, b"x", 1);
    let limits = Limits {
        packet_bytes: 10,
        ..Limits::default()
    };
    let mut source = Source::from_reader("in", Box::new(std::io::Cursor::new(file.bytes)), limits);
    let run = testing::drain(&mut source);
    assert_eq!(run.data(), [b"x".to_vec()]);
    assert_eq!(u32b(Endian::Big, 1), [0, 0, 0, 1]);
}
