use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::base::{Limits, PacketRef};
use crate::capture::packet::PacketRecord;
use crate::capture::testing::{Got, drain};
use crate::capture::{Input, Source};

/// Packet `number`: its time, link type and bytes follow from the number.
fn data(number: u64, len: usize) -> Vec<u8> {
    let bytes = number.to_le_bytes();
    bytes.iter().copied().cycle().take(len).collect()
}

fn link(number: u64) -> LinkType {
    [LinkType::ETHERNET, LinkType::RAW][usize::from(number.is_multiple_of(3))]
}

fn block(first: u64, lens: &[usize]) -> Block {
    let mut block = Block::default();
    for (number, len) in (first..).zip(lens) {
        let start = block.bytes().len();
        block.append(&data(number, *len));
        block.packets.push(PacketRecord {
            place: PacketRef::new(0, number),
            time: Timestamp(number * 1000),
            link: link(number),
            wire_len: u32::try_from(*len).unwrap() + 7,
            start,
            len: *len,
            offset: 0,
        });
    }
    block
}

fn kept(store: &Store) -> Vec<Got> {
    let mut source = Source::new(vec![Input::Store(store.clone())], Limits::default());
    let run = drain(&mut source);
    assert_eq!(run.errors, Vec::<String>::new());
    run.packets
}

/// What is kept is the end of what was written, whole, under the same numbers.
fn check(packets: &[Got], lens: &[usize], first: u64) {
    let numbers: Vec<u64> = packets.iter().map(|packet| packet.number).collect();
    let last = lens.len() as u64;
    assert_eq!(numbers, (first..=last).collect::<Vec<u64>>());
    for packet in packets {
        let len = lens[usize::try_from(packet.number).unwrap() - 1];
        assert_eq!(packet.data, data(packet.number, len));
        assert_eq!(packet.time, packet.number * 1000);
        assert_eq!(packet.link, link(packet.number).0);
        assert_eq!(packet.wire, u32::try_from(len).unwrap() + 7);
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_scratch_store_keeps_the_end(
        blocks in prop::collection::vec(prop::collection::vec(0_usize..400, 1..20), 1..30),
        keep in 1_000_u64..40_000,
    ) {
        let store = Store::create(Target::Scratch(keep), Origin::default(), false).unwrap();
        let mut lens = Vec::new();
        let mut readers = Vec::new();
        let mut marks = Vec::new();
        for (index, block_lens) in blocks.iter().enumerate() {
            store.write(&block(lens.len() as u64 + 1, block_lens)).unwrap();
            lens.extend(block_lens);
            check(&kept(&store), &lens, store.first_packet());
            // A segment may be full of one packet that is larger than it should be.
            prop_assert!(store.len() <= keep + 8 * 600, "{} of {keep}", store.len());
            if index % 3 == 0 {
                // A reader that began now sees this moment, whatever is written or goes later.
                let source = Source::from_reader(
                    "early", store.open().unwrap().bytes, Limits::default());
                readers.push((source, store.first_packet(), store.last_packet()));
                marks.push(store.mark().unwrap());
            }
        }
        prop_assert_eq!(store.last_packet(), lens.len() as u64);
        store.finish().unwrap();
        check(&kept(&store), &lens, store.first_packet());
        for mark in marks {
            let inputs = vec![Input::Store(store.clone())];
            match Source::resume(inputs, Limits::default(), &mark) {
                Ok(mut source) => check(&drain(&mut source).packets, &lens, mark.behind.number + 1),
                Err(error) => {
                    // The packet behind it is gone, not only those before it.
                    prop_assert!(mark.behind.number + 1 < store.first_packet(), "{error}");
                    prop_assert!(error.to_string().contains("no longer kept"));
                }
            }
        }
        for (mut source, first, last) in readers {
            let run = drain(&mut source);
            prop_assert_eq!(run.packets.len() as u64, last + 1 - first);
            let start = usize::try_from(first).unwrap();
            for (packet, number) in run.packets.iter().zip(start..) {
                prop_assert_eq!(&packet.data, &data(number as u64, lens[number - 1]));
            }
        }
    }

    #[test]
    fn a_ring_keeps_the_last_files(
        lens in prop::collection::vec(0_usize..400, 1..200),
        size in 500_u64..4_000,
        most in 1_usize..6,
    ) {
        let folder = folder();
        let target = Target::Files(folder.path().join("x.pcapng"), size, Some(most));
        let store = Store::create(target, Origin::default(), false).unwrap();
        for (index, len) in lens.iter().enumerate() {
            store.write(&block(index as u64 + 1, &[*len])).unwrap();
        }
        store.finish().unwrap();
        check(&kept(&store), &lens, store.first_packet());
        let names = names(folder.path());
        prop_assert_eq!(names.len(), store.files().len());
        prop_assert!(names.len() <= most);
        // Every file is whole in itself.
        let files = names.iter().map(|name| Input::File(folder.path().join(name)));
        let run = drain(&mut Source::new(files.collect(), Limits::default()));
        prop_assert_eq!((&run.errors, &run.warnings), (&vec![], &vec![]));
        prop_assert_eq!(
            run.packets.len() as u64,
            lens.len() as u64 + 1 - store.first_packet()
        );
        for name in &names {
            let len = std::fs::metadata(folder.path().join(name)).unwrap().len();
            prop_assert!(len <= size + 600, "{len} of {size}");
        }
    }
}

#[test]
fn readers_and_the_writer_do_not_disturb_each_other() {
    let store = Store::create(Target::Scratch(200_000), Origin::default(), false).unwrap();
    let lens: Vec<usize> = (0..4_000).map(|index| index * 7 % 900).collect();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while store.last_packet() < lens.len() as u64 {
                    let packets = kept(&store);
                    let first = packets.first().map_or(1, |packet| packet.number);
                    check(
                        &packets,
                        &lens[..packets.len() + usize::try_from(first).unwrap() - 1],
                        first,
                    );
                }
            });
        }
        for (index, lens) in lens.chunks(10).enumerate() {
            store.write(&block(index as u64 * 10 + 1, lens)).unwrap();
        }
    });
    assert!(store.first_packet() > 1);
}

#[test]
fn a_file_is_a_capture_at_any_moment() {
    let folder = folder();
    let path = folder.path().join("x.pcapng");
    let origin = Origin {
        name: "eth0".to_owned(),
        filter: "tcp".to_owned(),
        snaplen: 100,
        link: Some(LinkType::ETHERNET),
        secrets: false,
    };
    let store = Store::create(Target::File(path.clone()), origin, false).unwrap();
    let read = || {
        drain(&mut Source::new(
            vec![Input::File(path.clone())],
            Limits::default(),
        ))
    };
    assert_eq!(read().packets.len(), 0);
    store.write(&block(1, &[3, 4])).unwrap();
    check(&read().packets, &[3, 4], 1);
    store.note_drops(Drops {
        kernel: 5,
        interface: 1,
    });
    store.finish().unwrap();
    let mut source = Source::new(vec![Input::File(path.clone())], Limits::default());
    check(&drain(&mut source).clean_packets(), &[3, 4], 1);
    assert_eq!(source.dropped(), 6);
    assert_eq!(names(folder.path()), ["x.pcapng"]);
    assert_eq!(store.files(), [path]);
}

#[test]
fn what_exists_is_not_overwritten_unless_that_is_asked_for() {
    let folder = folder();
    let path = folder.path().join("x.pcapng");
    std::fs::write(&path, "mine").unwrap();
    let one = Target::File(path.clone());
    let said = Store::create(one.clone(), Origin::default(), false).unwrap_err();
    assert!(said.to_string().contains("--overwrite"), "{said}");
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    Store::create(one, Origin::default(), true).unwrap();
    assert_ne!(std::fs::read(&path).unwrap(), b"mine");

    let old = folder.path().join("x-00009.pcapng");
    std::fs::write(&old, "old").unwrap();
    let many = Target::Files(path, 1000, None);
    let said = Store::create(many.clone(), Origin::default(), false).unwrap_err();
    assert!(said.to_string().contains("x-00009"), "{said}");
    Store::create(many, Origin::default(), true).unwrap();
    assert_eq!(names(folder.path()), ["x-00001.pcapng", "x.pcapng"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_told_and_what_was_kept_stays() {
    let target = Target::File("/dev/full".into());
    let said = Store::create(target, Origin::default(), false).unwrap_err();
    assert!(
        said.to_string().contains("/dev/full: cannot be written"),
        "{said}"
    );
    let target = Target::File("/dev/null".into());
    let store = Store::create(target, Origin::default(), false).unwrap();
    store.write(&block(1, &[3])).unwrap();
    store.finish().unwrap();
    assert!(store.write(&block(2, &[3])).is_err());
}

/// What was kept before can be read, and nothing else is made up.
#[cfg(target_os = "linux")]
#[test]
fn a_store_goes_on_without_keeping() {
    let folder = folder();
    let target = Target::File(folder.path().join("x.pcapng"));
    let store = Store::create(target, Origin::default(), false).unwrap();
    store.keep(&block(1, &[30, 40]));
    assert_eq!(store.unkept(), None);
    store.0.lock().segments.back_mut().unwrap().fill();
    store.keep(&block(3, &[50]));
    store.keep(&block(4, &[60]));
    let unkept = store.unkept().unwrap();
    assert_eq!(unkept.from, 3);
    let said = unkept.to_string();
    assert!(
        said.starts_with("packets from 3 on are not kept: No space"),
        "{said}"
    );
    assert_eq!((store.last_packet(), store.mark().is_none()), (2, true));
    store.finish().unwrap();
    check(&kept(&store), &[30, 40], 1);
}

/// All lines of the secrets blocks in a file, without empty ones.
fn lines(path: &Path) -> Vec<String> {
    let found = crate::capture::secrets(path, 0, Limits::default());
    let text: Vec<u8> = found
        .iter()
        .flat_map(|block| block.bytes.iter().copied())
        .collect();
    let text = String::from_utf8(text).unwrap();
    let lines = text.lines().filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

#[test]
fn secrets_stand_before_the_packets_of_each_file() {
    let folder = folder();
    let target = Target::Files(folder.path().join("x.pcapng"), 4096, None);
    let origin = Origin {
        secrets: true,
        ..Origin::default()
    };
    let store = Store::create(target, origin, false).unwrap();
    store.write(&block(1, &[300, 300])).unwrap();
    store.note_secrets(b"first\n").unwrap();
    // It takes several files.
    store.write(&block(3, &[300; 15])).unwrap();
    store.note_secrets(b"second\n").unwrap();
    store.write(&block(18, &[300; 15])).unwrap();
    store.finish().unwrap();
    // The last connection is reported after the end.
    store.note_secrets(b"third\n").unwrap();
    let files = store.files();
    let said: Vec<_> = files.iter().map(|file| lines(file)).collect();
    assert_eq!(said.len(), 4, "{said:?}");
    assert_eq!(said[0], ["first", "second"]);
    assert_eq!(said[1], ["first", "second"]);
    assert_eq!(said[2], ["first", "second", "third"]);
    assert_eq!(said[3], ["first", "second", "third"]);
    // They are in the block before the packets.
    for file in &files {
        let bytes = std::fs::read(file).unwrap();
        let at = |kind: u8| bytes.windows(4).position(|w| w == [kind, 0, 0, 0]).unwrap();
        let secrets = bytes.windows(5).position(|w| w == b"first").unwrap();
        let packet = bytes.windows(4).rposition(|w| w == [6, 0, 0, 0]).unwrap();
        assert!(at(10) < secrets && secrets < packet);
        assert!(bytes.len() <= 4096 + 600);
    }
    check(&kept(&store), &[300; 32], 1);
}

#[test]
fn secrets_beyond_the_room_are_a_block_of_their_own() {
    let folder = folder();
    let path = folder.path().join("x.pcapng");
    let origin = Origin {
        secrets: true,
        ..Origin::default()
    };
    let store = Store::create(Target::File(path.clone()), origin, false).unwrap();
    let long = "x".repeat(70_000);
    store.write(&block(1, &[30])).unwrap();
    store.note_secrets(format!("{long}\n").as_bytes()).unwrap();
    store.write(&block(2, &[30])).unwrap();
    store.finish().unwrap();
    store
        .note_secrets(format!("late {long}\n").as_bytes())
        .unwrap();
    assert_eq!(lines(&path), [long.clone(), format!("late {long}")]);
    check(&kept(&store), &[30, 30], 1);
}

#[test]
fn what_is_saved_has_the_secrets_first() {
    let folder = folder();
    let path = folder.path().join("saved.pcapng");
    let store = Store::create(Target::Scratch(1 << 20), Origin::default(), false).unwrap();
    store.write(&block(1, &[30, 40])).unwrap();
    // A scratch file has none.
    store.note_secrets(b"line\n").unwrap();
    let (last, bytes) = store.save(&path, b"line\n").unwrap();
    assert_eq!(last, 2);
    assert_eq!(path.metadata().unwrap().len(), bytes);
    assert_eq!(lines(&path), ["line"]);
    let run = drain(&mut Source::new(
        vec![Input::File(path.clone())],
        Limits::default(),
    ));
    check(&run.packets, &[30, 40], 1);
    let bare = folder.path().join("bare.pcapng");
    store.save(&bare, b"").unwrap();
    assert!(lines(&bare).is_empty());
    assert_eq!(bare.metadata().unwrap().len(), store.len());
}
