//! A replay that begins at a waypoint tells the very messages that a replay from the beginning
//! does: for every shipped capture, from every place where a connection is at rest.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use wscope::base::{Limits, PacketRef, Peer, PerPeer, Timestamp};
use wscope::capture::{Block, Input, Origin, Source, Store, Target as Keep};
use wscope::event::{ConnectionInfo, Event, EventSink, Wire};
use wscope::explain::{Collector, Layout, Target, json};
use wscope::pipeline::{Interval, Options, Pipeline, Waypoints};
use wscope::replay::{Inputs, Trail, Until, replay, replay_from};
use wscope::session::Detail;

/// What is told, as text, by connection and message.
#[derive(Default)]
struct Told {
    messages: BTreeMap<(u64, u64), String>,
    from: BTreeMap<(u64, u64), Peer>,
    infos: BTreeMap<u64, ConnectionInfo>,
    /// The last message that is wanted, once it was told.
    enough: Option<(u64, u64)>,
}

impl EventSink for Told {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Message(message) => {
                let key = (message.connection, message.number);
                self.messages.insert(key, format!("{message:?}"));
                self.from.insert(key, message.from);
            }
            Event::Connection(info) => {
                self.infos.insert(info.flow.number, info.clone());
            }
            Event::Finding { .. } | Event::End(_) => {}
        }
    }
}

impl Until for Told {
    fn done(&self) -> bool {
        self.enough
            .is_some_and(|key| self.messages.contains_key(&key))
    }
}

/// A message with its bits.
struct Bits(Collector);

impl EventSink for Bits {
    fn event(&mut self, event: Event<'_>) {
        self.0.event(event);
    }

    fn wire(&mut self, connection: u64, from: Peer, wire: Wire<'_>) {
        self.0.wire(connection, from, wire);
    }
}

impl Until for Bits {
    fn done(&self) -> bool {
        !self.0.found.is_empty()
    }
}

fn captures() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/captures");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path());
    let mut files: Vec<_> = files
        .filter(|path| path.to_string_lossy().contains(".pcap"))
        .collect();
    files.sort();
    files
}

fn go() -> AtomicBool {
    AtomicBool::new(false)
}

/// The first run, which leaves a waypoint wherever it can.
fn first_run(inputs: &Inputs) -> (Told, Trail) {
    let trail = Trail::with(Waypoints::new(
        Interval {
            bytes: 1,
            packets: u64::MAX,
        },
        usize::MAX,
    ));
    let options = Options {
        waypoints: Some(Arc::clone(&trail.waypoints)),
        ..Options::new(Detail::Payloads)
    };
    let mut told = Told::default();
    // What cannot be read is the business of other tests.
    let _ = replay(inputs, options, &mut told, &go());
    (told, trail)
}

#[test]
fn messages_are_the_same_from_every_waypoint() {
    let mut used = 0;
    for file in captures() {
        let inputs = Inputs {
            files: vec![Input::from(file.clone())],
            filter: None,
        };
        let (told, trail) = first_run(&inputs);
        for &(connection, message) in told.messages.keys().step_by(7) {
            let Some(waypoint) = trail.waypoints.before(connection, message, None) else {
                continue;
            };
            used += 1;
            let mut again = Told {
                enough: Some((connection, message + 6)),
                ..Told::default()
            };
            let options = Options::new(Detail::Payloads);
            replay_from(&waypoint, (&inputs, &trail), options, &mut again, &go()).unwrap();
            let first = again.messages.keys().next();
            assert_eq!(
                first,
                Some(&(connection, waypoint.messages + 1)),
                "{file:?}"
            );
            for (key, text) in &again.messages {
                assert_eq!(Some(text), told.messages.get(key), "{file:?} {key:?}");
            }
        }
    }
    assert!(used > 250, "{used}");
}

/// With the window whole, the symbols are the same, and so are the messages they copy from.
#[test]
fn symbols_are_the_same_from_a_waypoint_that_sees_the_window() {
    let mut used = PerPeer::from_fn(|_| 0);
    for file in captures() {
        let inputs = Inputs {
            files: vec![Input::from(file.clone())],
            filter: None,
        };
        let (told, trail) = first_run(&inputs);
        for (&(connection, message), &from) in told.from.iter().step_by(5) {
            let Some(waypoint) = trail.waypoints.before(connection, message, Some(from)) else {
                continue;
            };
            used[from] += 1;
            let options = Options {
                only: Some(connection),
                ..Options::new(Detail::Wire)
            };
            let target = Target::Message(message);
            let info = &told.infos[&connection];
            let mut near = Bits(Collector::behind(target, info, waypoint.messages));
            replay_from(
                &waypoint,
                (&inputs, &trail),
                options.clone(),
                &mut near,
                &go(),
            )
            .unwrap();
            let mut whole = Bits(Collector::new(target));
            replay(&inputs, options, &mut whole, &go()).unwrap();
            let layout = Layout {
                width: 80,
                symbols: None,
                all: true,
                tables: true,
                bytes: true,
                start: Timestamp::default(),
            };
            let said = |bits: &Bits| {
                let mut out = Vec::new();
                for found in &bits.0.found {
                    json::line(found, &layout, &mut out);
                }
                out
            };
            assert!(!said(&near).is_empty());
            assert!(
                said(&near) == said(&whole),
                "{file:?} {connection} {message}"
            );
        }
    }
    assert!(used.client > 20 && used.server > 20, "{used:?}");
}

/// What a live capture keeps: the oldest packets are gone, the others give the same messages.
#[test]
fn messages_are_the_same_from_what_is_kept() {
    let mut used = 0;
    let mut gone = 0;
    for file in captures() {
        let store = Store::create(Keep::Scratch(24 << 10), Origin::default(), false).unwrap();
        let trail = Trail::with(Waypoints::new(
            Interval {
                bytes: 2000,
                packets: 20,
            },
            usize::MAX,
        ));
        let options = Options {
            waypoints: Some(Arc::clone(&trail.waypoints)),
            ..Options::new(Detail::Payloads)
        };
        let mut pipeline = Pipeline::new(options);
        let mut told = Told::default();
        let mut read = 0;
        let reader = Box::new(Slow(std::fs::File::open(&file).unwrap()));
        let mut source = Source::from_reader("slow", reader, Limits::default());
        let mut block = Block::default();
        // Captures of TLS and the like have nothing to show, and some cannot be read.
        while let Ok(true) = source.read(&mut block) {
            // As though every so many bytes were four megabytes.
            read += 4 << 20;
            trail.mark(read, || store.mark());
            store.write(&block).unwrap();
            for packet in block.packets() {
                pipeline.packet(&packet, &mut told);
            }
            trail.forget_before(PacketRef {
                file: 0,
                number: store.first_packet(),
            });
        }
        pipeline.finish(&mut told);
        let inputs = Inputs {
            files: vec![Input::Store(store.clone())],
            filter: None,
        };
        gone += usize::from(inputs.gone_before().is_some());
        for &(connection, message) in told.messages.keys() {
            let Some(waypoint) = trail.waypoints.before(connection, message, None) else {
                continue;
            };
            assert!(waypoint.next.number >= store.first_packet());
            used += 1;
            let mut again = Told {
                enough: Some((connection, message)),
                ..Told::default()
            };
            let options = Options::new(Detail::Payloads);
            replay_from(&waypoint, (&inputs, &trail), options, &mut again, &go()).unwrap();
            for (key, text) in &again.messages {
                assert_eq!(Some(text), told.messages.get(key), "{file:?} {key:?}");
            }
            assert!(again.messages.contains_key(&(connection, message)));
        }
    }
    assert!(used > 500 && gone > 5, "{used} {gone}");
}

/// Gives some bytes at a time, so that blocks are small.
struct Slow(std::fs::File);

impl std::io::Read for Slow {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let len = into.len().min(700);
        self.0.read(into.get_mut(..len).unwrap())
    }
}
