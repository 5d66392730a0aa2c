use super::*;
use crate::capture::bytes::Endian;
use crate::capture::testing::{PcapFile, Run, bodies, body, read, small_pcap};

#[test]
fn all_variants_are_read() {
    for endian in [Endian::Little, Endian::Big] {
        for (magic, nanos) in [
            (PcapFile::MICRO, 7000),
            (PcapFile::NANO, 7),
            (PcapFile::KUZNETZOV, 7000),
        ] {
            let mut file = PcapFile::new(endian, magic, 0xf400_0071);
            file.packet(1_700_000_000, 7, b"abc", 60);
            file.packet(1_700_000_001, 7, b"", 0);
            let run = read(&file.bytes);
            let [packet, empty] = &run.packets[..] else {
                panic!("{run:?}")
            };
            assert_eq!(packet.time, 1_700_000_000_000_000_000 + nanos);
            assert_eq!((packet.link, packet.wire, packet.number), (113, 60, 1));
            assert_eq!(&packet.data[..], b"abc");
            let offset = usize::try_from(packet.offset).unwrap();
            assert_eq!(&file.bytes[offset..offset + 3], b"abc");
            assert_eq!((empty.number, empty.data.len()), (2, 0));
            assert!(run.warnings.is_empty() && run.errors.is_empty());
        }
    }
}

#[test]
fn old_numbers_of_raw_ip_are_known() {
    for number in [12, 14, 101] {
        let mut file = PcapFile::new(Endian::Little, PcapFile::MICRO, number);
        file.packet(1, 1, b"E", 1);
        assert_eq!(read(&file.bytes).packets[0].link, 101);
    }
}

#[test]
fn another_version_is_said() {
    let mut file = small_pcap(2);
    file[6] = 9;
    let run = read(&file);
    assert_eq!(
        run.warnings,
        ["in: has pcap version 2.9, which is not known; read as 2.4"]
    );
    assert_eq!(run.data(), bodies(2));
}

#[test]
fn a_cut_file_yields_what_is_before_the_cut() {
    let file = small_pcap(9);
    let run = read(&file[..file.len() - 2]);
    assert_eq!(
        run.warnings,
        ["in: cut off inside packet 9: 2 bytes are missing; the 8 packets were read before it"]
    );
    assert_eq!(run.data(), bodies(8));
    let run = read(&file[..file.len() - 10]);
    assert!(run.warnings[0].contains("1 byte is missing"), "{run:?}");
}

/// Where the record of packet `n` begins in a small file.
fn record_at(n: u32) -> usize {
    24 + (1..n).map(|n| 16 + index(n)).sum::<usize>()
}

fn without(mut bodies: Vec<Vec<u8>>, n: usize) -> Vec<Vec<u8>> {
    bodies.remove(n - 1);
    bodies
}

#[test]
fn a_damaged_length_costs_one_packet() {
    for value in [0xffff_ffff_u32, 0x7fff_ffff, 0x0100_0000] {
        let mut file = small_pcap(40);
        let at = record_at(20);
        file[at + 8..at + 12].copy_from_slice(&value.to_le_bytes());
        let run = read(&file);
        assert_eq!(run.warnings.len(), 1, "{:?}", run.warnings);
        assert!(
            run.warnings[0]
                .contains("damaged after packet 19, at byte 518: the packet record claims")
                && run.warnings[0].ends_with("36 bytes were skipped, reading went on"),
            "{:?}",
            run.warnings
        );
        assert_eq!(run.packets[19].number, 20);
        assert_eq!(run.data(), without(bodies(40), 20));
    }
}

#[test]
fn overwritten_and_missing_bytes_cost_what_they_hit() {
    let mut file = small_pcap(60);
    let (from, to) = (record_at(30) + 5, record_at(33) + 20);
    file[from..to].fill(0xa5);
    let run = read(&file);
    assert_eq!(run.warnings.len(), 1, "{:?}", run.warnings);
    let mut rest = bodies(60);
    rest.drain(29..33);
    assert_eq!(run.data(), rest);

    let mut file = small_pcap(60);
    file.drain(record_at(30) + 3..record_at(31) + 7);
    let run = read(&file);
    assert_eq!(run.warnings.len(), 1, "{:?}", run.warnings);
    let mut rest = bodies(60);
    rest.drain(29..31);
    assert_eq!(run.data(), rest);
}

#[test]
fn a_length_past_the_end_does_not_hide_the_packets_in_it() {
    // Captured more than was on the wire, up to past the end of the file.
    let mut file = small_pcap(40);
    let at = record_at(20);
    file[at + 8..at + 12].copy_from_slice(&100_000_u32.to_le_bytes());
    let run = read(&file);
    assert!(run.warnings[0].contains("makes little sense"), "{run:?}");
    assert_eq!(run.data(), without(bodies(40), 20));
}

#[test]
fn a_writer_that_claims_less_than_it_captured_is_believed() {
    let mut file = PcapFile::new(Endian::Big, PcapFile::MICRO, 1);
    for n in 1..30 {
        file.packet(n, 2_000_000, &body(n), 0);
    }
    let run = read(&file.bytes);
    assert_eq!(run.packets[4].time, 7_000_000_000);
    assert_eq!(run.clean(), bodies(29));
}

#[test]
fn zeros_at_the_end_are_called_so() {
    for count in [1, 7, 16, 4096] {
        let mut file = small_pcap(5);
        file.extend(vec![0; count]);
        let run = read(&file);
        let start = format!("in: ends in {count} zero bytes after packet 5, from byte 119 on");
        assert!(run.warnings[0].starts_with(&start), "{:?}", run.warnings);
        assert_eq!(run.warnings.len(), 1);
        assert_eq!(run.data(), bodies(5));
    }
}

#[test]
fn garbage_to_the_end_is_given_up() {
    let mut file = small_pcap(5);
    file.extend((0..5000_u32).map(|n| u8::try_from(n * n % 253).unwrap() | 0x80));
    let run = read(&file);
    assert!(
        run.warnings[0].contains("in the 5000 bytes from there to the end"),
        "{:?}",
        run.warnings
    );
    assert_eq!(run.data(), bodies(5));
}

#[test]
fn a_huge_packet_within_the_snaplen_is_read() {
    let mut file = PcapFile::new(Endian::Little, PcapFile::MICRO, 1);
    file.bytes[16..20].copy_from_slice(&(8_u32 << 20).to_le_bytes());
    let huge = vec![7; 5 << 20];
    file.packet(1, 1, b"before", 6);
    file.packet(1, 2, &huge, 5 << 20);
    file.packet(1, 3, b"after", 5);
    assert_eq!(
        read(&file.bytes).clean(),
        [b"before".to_vec(), huge, b"after".to_vec()]
    );
}

#[test]
fn no_packets_is_worth_a_word() {
    let run = read(&small_pcap(0));
    let expected = Run {
        warnings: vec!["in: holds no packets".to_owned()],
        ..Run::default()
    };
    assert_eq!(run, expected);
}

#[test]
fn a_clock_that_is_set_is_believed() {
    let mut file = PcapFile::new(Endian::Little, PcapFile::MICRO, 1);
    file.packet(5, 0, &body(3), 3);
    file.packet(1_700_000_000, 0, &body(4), 4);
    file.packet(1_700_000_001, 0, &body(5), 5);
    file.packet(9, 0, &body(6), 6);
    let run = read(&file.bytes);
    assert_eq!(
        run.warnings,
        ["in: the clock steps back by 1699999992.000 s at packet 4; \
          if packets are out of order, `reordercap` sorts them"]
    );
    assert_eq!(run.packets.len(), 4);
}
