use std::io::Write;

use flate2::write::GzEncoder;

use crate::capture::testing::{
    Failing, Pieces, bodies, read, read_file, read_from, small_pcap, small_pcapng,
};

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ::zstd::bulk::compress(bytes, 1).unwrap()
}

/// Two packed parts of a file in a row, with a frame to be skipped for zstd.
fn parts(file: &[u8]) -> [Vec<u8>; 2] {
    let (first, second) = file.split_at(file.len() / 2);
    let skipped: &[u8] = &[0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 9, 9, 9];
    [
        [gzip(first), gzip(second)].concat(),
        [skipped, &zstd(first), skipped, &zstd(second)].concat(),
    ]
}

#[test]
fn members_and_frames_are_one_stream() {
    for file in [small_pcap(90), small_pcapng(90)] {
        for packed in parts(&file) {
            assert_eq!(read(&packed), read(&file));
            assert_eq!(read_file(&packed), read(&file));
            assert_eq!(read_from(Pieces::new(&packed, &[1, 7])), read(&file));
        }
    }
}

#[test]
fn a_cut_at_any_byte_is_no_panic_and_one_warning() {
    let file = small_pcap(90);
    let all = bodies(90);
    for packed in parts(&file) {
        let mut best = 0;
        for cut in 1..packed.len() {
            let run = read(&packed[..cut]);
            assert!(run.warnings.len() + run.errors.len() >= 1, "{cut}: {run:?}");
            assert!(run.warnings.len() + run.errors.len() <= 2, "{cut}: {run:?}");
            let data = run.data();
            assert!(all.starts_with(&data), "{cut}");
            assert!(data.len() >= best, "{cut}");
            best = data.len();
        }
    }
}

#[test]
fn all_before_a_cut_is_there() {
    // Incompressible, so that bytes of the packed file and of the file go together.
    let mut state = 1_u32;
    let mut file = crate::capture::testing::PcapFile::new(
        crate::capture::bytes::Endian::Little,
        crate::capture::testing::PcapFile::MICRO,
        1,
    );
    for _ in 0..3000 {
        let data: Vec<u8> = (0..1000)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state.to_be_bytes()[0]
            })
            .collect();
        file.packet(1, 1, &data, 1000);
    }
    for (packed, format, least) in [
        (gzip(&file.bytes), "gzip", 1900),
        // A frame's blocks have 128 KiB each.
        (zstd(&file.bytes), "zstd", 1750),
    ] {
        let cut = packed.len() * 2 / 3;
        let run = read(&packed[..cut]);
        let expected = format!(
            "in: the {format} stream is cut off after packet {}; what came before was read",
            run.packets.len()
        );
        assert_eq!(run.warnings, [expected]);
        assert!(run.packets.len() > least, "{format} {}", run.packets.len());
        let mut broken = packed.clone();
        broken[cut..cut + 140_000].fill(0xff);
        let run = read(&broken);
        assert!(
            run.warnings
                .iter()
                .any(|warning| warning.contains("is broken after packet")),
            "{format} {:?} {:?}",
            run.warnings,
            run.errors,
        );
        assert!(
            run.packets.len() + 150 > least,
            "{format} {}",
            run.packets.len()
        );
    }
}

#[test]
fn a_wrong_checksum_is_said() {
    let file = small_pcap(9);
    let mut packed = gzip(&file);
    let at = packed.len() - 6;
    packed[at] ^= 1;
    let run = read(&packed);
    assert!(
        run.warnings[0].starts_with("in: the gzip stream is broken after packet 9: "),
        "{:?}",
        run.warnings
    );
    assert_eq!(run.data(), bodies(9));
}

#[test]
fn what_is_inside_is_told() {
    let run = read(&gzip(b"GET / HTTP/1.1\r\n"));
    assert!(
        run.errors[0].starts_with("in: is no capture: it looks like plain text, inside gzip;"),
        "{run:?}"
    );
    let run = read(&zstd(&gzip(b"x")));
    assert!(
        run.errors[0].contains("another compressed file, inside zstd"),
        "{run:?}"
    );
    let run = read(&gzip(b""));
    assert!(run.errors[0].contains("nothing, inside gzip"), "{run:?}");
    let run = read(&[0x1f, 0x8b, 8, 0]);
    assert!(run.errors[0].contains("cannot be decompressed"), "{run:?}");
    let run = read(&[
        0x28, 0xb5, 0x2f, 0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    ]);
    assert!(run.errors[0].contains("test it with `zstd -t`"), "{run:?}");
}

#[test]
fn a_failing_disk_is_not_a_damaged_file() {
    for packed in parts(&small_pcap(90)) {
        let half = std::io::Cursor::new(packed[..packed.len() - 10].to_vec());
        let run = read_from(Failing(half));
        assert!(
            run.errors[0].contains("reading failed after")
                && run.errors[0].contains("the disk is gone"),
            "{run:?}"
        );
        assert!(run.warnings.is_empty(), "{run:?}");
        assert!(!run.packets.is_empty());
    }
}
