use std::io::{self, Cursor};
use std::sync::mpsc;

use pcap_parser::{PcapBlockOwned, PcapError};
use proptest::prelude::*;

use super::*;
use crate::capture::bytes::Endian;
use crate::capture::testing::{
    Failing, NgFile, PcapFile, Pieces, bodies, body, drain, read, read_file, read_from, small_pcap,
    small_pcapng,
};

#[test]
fn a_source_can_go_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<Source>();
    is_send::<Block>();
    is_send::<crate::capture::Filter>();
}

#[test]
fn a_cut_at_any_byte_yields_all_packets_before_it() {
    for file in [small_pcap(40), small_pcapng(40)] {
        let whole = read(&file);
        let pcap = file[0] == 0xd4;
        for cut in 0..file.len() {
            let run = read(&file[..cut]);
            // A packet of a pcapng file is whole with its block: data, padding, length.
            let ends = |at: u64, len: usize| {
                let end = usize::try_from(at).unwrap() + len;
                if pcap {
                    end
                } else {
                    end.next_multiple_of(4) + 4
                }
            };
            let before = whole
                .packets
                .iter()
                .filter(|packet| ends(packet.offset, packet.data.len()) <= cut)
                .count();
            assert_eq!(run.packets, whole.packets[..before], "{cut}");
            let words = run.warnings.len() + run.errors.len();
            let boundary = before > 0 && {
                let last = &whole.packets[before - 1];
                ends(last.offset, last.data.len()) == cut
            };
            assert_eq!(words, usize::from(!boundary), "{cut} {run:?}");
        }
    }
}

#[test]
fn what_cannot_be_opened_is_told_and_the_rest_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    std::fs::write(path("a"), small_pcap(3)).unwrap();
    std::fs::write(path("empty"), b"").unwrap();
    std::fs::write(path("text"), b"hello").unwrap();
    std::fs::write(path("z"), small_pcapng(4)).unwrap();
    let inputs = ["a", "missing", "empty", "text", ".", "z"].map(|name| Input::File(path(name)));
    let mut source = Source::new(inputs.to_vec(), Limits::default());
    assert_eq!(source.progress().total, None);
    let run = drain(&mut source);
    let prefix = format!("{}/", dir.path().display());
    let errors: Vec<_> = run
        .errors
        .iter()
        .map(|error| error.replace(&prefix, ""))
        .collect();
    assert!(
        errors[0].starts_with("missing: cannot be opened: No such file"),
        "{errors:?}"
    );
    assert!(errors[1].starts_with("empty: is empty"));
    assert!(errors[2].starts_with("text: is no capture: it looks like plain text;"));
    assert!(errors[3].contains("is a directory"));
    let places: Vec<_> = run
        .packets
        .iter()
        .map(|got| (got.file, got.number))
        .collect();
    assert_eq!(
        places,
        [(0, 1), (0, 2), (0, 3), (5, 1), (5, 2), (5, 3), (5, 4)]
    );
    // The second file begins at the second at which the first does: before its end.
    assert!(
        run.warnings[0].contains("begins before"),
        "{:?}",
        run.warnings
    );
}

#[test]
fn progress_reaches_the_total() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a");
    std::fs::write(&path, small_pcap(50)).unwrap();
    let size = std::fs::metadata(&path).unwrap().len();
    let inputs = vec![Input::File(path.clone()), Input::File(path)];
    let mut source = Source::new(inputs, Limits::default());
    drain(&mut source);
    let done = Progress {
        read: 2 * size,
        total: Some(2 * size),
    };
    assert_eq!(source.progress(), done);
}

#[test]
fn a_read_error_comes_after_the_packets_before_it() {
    let file = small_pcap(9);
    let run = read_from(Failing(Cursor::new(file[..file.len() - 1].to_vec())));
    assert_eq!(
        run.errors,
        [format!(
            "in: reading failed after 8 packets, at byte {} of the input: the disk is gone; \
             what came before was used",
            file.len() - 1
        )]
    );
    assert!(run.warnings.is_empty());
    assert_eq!(run.data(), bodies(8));
    let run = read_from(Failing(Cursor::new(Vec::new())));
    assert!(run.errors[0].contains("reading failed after 0 packets"));
}

/// Gives what is sent to it, and fails the test if asked for more than that.
struct Live(mpsc::Receiver<Vec<u8>>);

impl io::Read for Live {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bytes = self.0.try_recv().expect("a read would have waited");
        into[..bytes.len()].copy_from_slice(&bytes);
        Ok(bytes.len())
    }
}

#[test]
fn whole_packets_never_wait_for_more() {
    for file in [small_pcap(3), small_pcapng(3)] {
        let (sender, receiver) = mpsc::channel();
        let mut source = Source::from_reader("live", Box::new(Live(receiver)), Limits::default());
        let mut block = Block::default();
        // The last packet is not whole yet: two are there, in one piece with the header.
        sender.send(file[..file.len() - 9].to_vec()).unwrap();
        assert!(source.read(&mut block).unwrap());
        assert_eq!(block.len(), 2);
        sender.send(file[file.len() - 9..].to_vec()).unwrap();
        assert!(source.read(&mut block).unwrap());
        assert_eq!(block.packets().next().unwrap().data, body(3));
        assert_eq!(block.records()[0].place.number, 3);
    }
}

#[test]
fn a_file_of_many_blocks_is_whole() {
    let mut file = NgFile::new(Endian::Big);
    file.interface(1, 0, &[]);
    let sizes = (0..4000_u32).map(|n| n * 7919 % 1500);
    for (time, size) in (0..).zip(sizes.clone()) {
        file.packet(0, time, &body(size), size);
    }
    let expected: Vec<_> = sizes.map(body).collect();
    assert!(file.bytes.len() > 2 * Block::BYTES);
    let run = read_file(&file.bytes);
    assert_eq!(run, read(&file.bytes));
    assert_eq!(run, read_from(Pieces::new(&file.bytes, &[65_536, 1])));
    assert_eq!(run.clean(), expected);
}

/// Sizes of packets, and which byte order and kind of file.
fn files() -> impl Strategy<Value = Vec<u8>> {
    let packets = proptest::collection::vec((0_u32..2000, 0_u32..1_000_000), 0..40);
    (packets, any::<bool>(), 0..4_u32).prop_map(|(packets, big, kind)| {
        let endian = if big { Endian::Big } else { Endian::Little };
        let magic = match kind {
            0 => PcapFile::MICRO,
            1 => PcapFile::NANO,
            2 => PcapFile::KUZNETZOV,
            _ => {
                let mut file = NgFile::new(endian);
                file.interface(1, 0, &[]);
                for (n, (size, micros)) in (0..).zip(packets) {
                    file.packet(0, n * 1_000_000 + u64::from(micros), &body(size), size + 1);
                }
                return file.bytes;
            }
        };
        let mut file = PcapFile::new(endian, magic, 1);
        for (n, (size, micros)) in (1..).zip(packets) {
            file.packet(n, micros, &body(size), size + 1);
        }
        file.bytes
    })
}

/// The packets as another program's reader gives them.
fn oracle(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut reader = pcap_parser::create_reader(1 << 16, Cursor::new(bytes.to_vec())).unwrap();
    let mut packets = Vec::new();
    loop {
        match reader.next() {
            Ok((used, block)) => {
                match block {
                    PcapBlockOwned::Legacy(packet) => packets.push(packet.data.to_vec()),
                    PcapBlockOwned::NG(pcap_parser::Block::EnhancedPacket(packet)) => {
                        let len = usize::try_from(packet.caplen).unwrap();
                        packets.push(packet.data[..len].to_vec());
                    }
                    _ => {}
                }
                reader.consume(used);
            }
            Err(PcapError::Eof) => return packets,
            Err(PcapError::Incomplete(_)) => reader.refill().unwrap(),
            Err(error) => panic!("{error:?}"),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn pieces_do_not_matter(
        file in files(),
        sizes in proptest::collection::vec(1_usize..3000, 1..9),
    ) {
        let run = read(&file);
        prop_assert_eq!(&run, &read_from(Pieces::new(&file, &sizes)));
        prop_assert_eq!(run, read_file(&file));
    }

    #[test]
    fn pieces_do_not_matter_in_damaged_files(
        file in files(),
        sizes in proptest::collection::vec(1_usize..3000, 1..9),
        hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
    ) {
        let mut file = file;
        for (at, value) in hits {
            let at = at.index(file.len());
            file[at] = value;
        }
        let run = read(&file);
        prop_assert_eq!(&run, &read_from(Pieces::new(&file, &sizes)));
    }

    #[test]
    fn another_reader_agrees(file in files()) {
        // Its reader does not know the variant with longer records.
        let magic = &file[..4];
        prop_assume!(magic != [0x34, 0xcd, 0xb2, 0xa1] && magic != [0xa1, 0xb2, 0xcd, 0x34]);
        prop_assert_eq!(read(&file).data(), oracle(&file));
    }

    #[test]
    fn any_bytes_are_survived(
        start in 0..6_usize,
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let small = [small_pcap(2), small_pcapng(2)];
        let start: &[u8] = match start {
            0 => &[],
            1 => &small[0],
            2 => &small[1],
            3 => &[0x0a, 0x0d, 0x0d, 0x0a],
            4 => &[0x1f, 0x8b, 8, 0],
            _ => &[0x28, 0xb5, 0x2f, 0xfd],
        };
        read(&[start, &bytes].concat());
    }
}

#[test]
fn reading_goes_on_at_a_mark() {
    let dir = tempfile::tempdir().unwrap();
    let files: Vec<Input> = [small_pcap(2_000), small_pcapng(2_000), small_pcap(5)]
        .into_iter()
        .enumerate()
        .map(|(index, bytes)| {
            let path = dir.path().join(index.to_string());
            std::fs::write(&path, bytes).unwrap();
            Input::from(path)
        })
        .collect();
    let mut source = Source::new(files.clone(), Limits::default());
    let mut block = Block::default();
    let mut marks = Vec::new();
    while source.read(&mut block).unwrap() {
        marks.extend(source.mark());
    }
    let all = drain(&mut Source::new(files.clone(), Limits::default())).packets;
    assert!(marks.len() > 4, "{}", marks.len());
    for mark in marks {
        let mut again = Source::resume(files.clone(), Limits::default(), &mark).unwrap();
        let rest = drain(&mut again);
        assert_eq!(rest.errors, Vec::<String>::new());
        let behind = (mark.behind.file, mark.behind.number);
        let place = all.partition_point(|packet| (packet.file, packet.number) <= behind);
        assert!(rest.packets == all[place..], "{behind:?}");
    }
}

#[test]
fn what_is_compressed_has_no_marks() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/gzipped.pcapng.gz");
    let mut source = Source::new(vec![Input::from(path)], Limits::default());
    let mut block = Block::default();
    while source.read(&mut block).unwrap() {
        assert!(source.mark().is_none());
    }
}

/// A capture with one packet, captured so many seconds after the epoch.
fn at(seconds: u32) -> Vec<u8> {
    let mut bytes = small_pcap(1);
    bytes[24..28].copy_from_slice(&seconds.to_le_bytes());
    bytes
}

/// The input and the turn of each packet.
fn read_in(order: &[(&str, Option<Vec<u8>>)]) -> (Vec<(u32, u32)>, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let inputs = order.iter().map(|(name, bytes)| {
        let path = dir.path().join(name);
        if let Some(bytes) = bytes {
            std::fs::write(&path, bytes).unwrap();
        }
        Input::from(path)
    });
    let mut source = Source::new(inputs.collect(), Limits::default());
    let mut block = Block::default();
    let (mut places, mut errors) = (Vec::new(), Vec::new());
    loop {
        match source.read(&mut block) {
            Ok(true) => places.extend(block.packets().map(|one| (one.place.file, one.place.turn))),
            Ok(false) => break,
            Err(error) => errors.push(error.to_string()),
        }
    }
    errors.extend(source.take_warnings().iter().map(ToString::to_string));
    (places, errors)
}

#[test]
fn files_are_read_in_the_order_of_their_first_packets() {
    let (places, errors) = read_in(&[
        ("cap.pcap", Some(at(10))),
        ("cap.pcap10", Some(at(30))),
        ("cap.pcap2", Some(at(20))),
    ]);
    // The number of a file is its place on the command line.
    assert_eq!(places, [(0, 0), (2, 1), (1, 2)]);
    assert_eq!(errors, Vec::<String>::new());
    // One that is missing or has no packet keeps its place, and is reported.
    let (places, errors) = read_in(&[
        ("late", Some(at(30))),
        ("missing", None),
        ("early", Some(at(20))),
    ]);
    assert_eq!(places, [(2, 0), (0, 2)]);
    assert_eq!(errors.len(), 1, "{errors:?}");
}

#[test]
fn files_of_the_same_time_are_told_and_not_merged() {
    let long = [at(10), at(100)[24..].to_vec()].concat();
    let (places, warnings) = read_in(&[("other", Some(at(50))), ("long", Some(long))]);
    assert_eq!(places, [(1, 0), (1, 0), (0, 1)]);
    assert!(warnings[0].contains("begins before"), "{warnings:?}");
}
