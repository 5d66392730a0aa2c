//! A replay that begins at a waypoint tells the very messages that a replay from the beginning
//! does: for every shipped capture and for long messages, from every place where a connection can
//! be copied.

mod made;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use libtest_mimic::Trial;
use wscope::base::{Conversing, Limits, PacketRef, Peer, Timestamp};
use wscope::capture::{Block, Input, Origin, Source, Store, Target as Keep};
use wscope::event::{ConnectionInfo, Event, EventSink, Wire};
use wscope::explain::{Collector, Layout, Target, json};
use wscope::pipeline::{Interval, Options, Pipeline, Waypoints};
use wscope::replay::{Inputs, Trail, Until, replay, replay_from};
use wscope::session::{Detail, Waypoint};

use crate::{common, trial};

/// What is told, as text, by connection and message.
#[derive(Default)]
struct Told {
    messages: BTreeMap<(Conversing, u64), String>,
    from: BTreeMap<(Conversing, u64), Peer>,
    infos: BTreeMap<Conversing, ConnectionInfo>,
    /// The last message that is wanted, once it was told.
    enough: Option<(Conversing, u64)>,
}

impl EventSink for Told {
    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Message(message) => {
                let key = (message.conversing, message.number);
                self.messages.insert(key, format!("{message:?}"));
                self.from.insert(key, message.from);
            }
            Event::Connection(info) => {
                self.infos.insert(info.conversing, info.clone());
            }
            Event::Finding { .. }
            | Event::Recognised { .. }
            | Event::Pending(_)
            | Event::Tls(_)
            | Event::Transport(_)
            | Event::End(_) => {}
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

    fn wire(&mut self, conversing: Conversing, from: Peer, wire: Wire<'_>) {
        self.0.wire(conversing, from, wire);
    }
}

impl Until for Bits {
    fn done(&self) -> bool {
        !self.0.found.is_empty()
    }
}

/// How often each test found a waypoint to begin at, over all captures.
struct Used {
    messages: AtomicUsize,
    symbols: [AtomicUsize; 2],
    kept: AtomicUsize,
    gone: AtomicUsize,
}

static USED: Used = Used {
    messages: AtomicUsize::new(0),
    symbols: [const { AtomicUsize::new(0) }; 2],
    kept: AtomicUsize::new(0),
    gone: AtomicUsize::new(0),
};

/// After the tests of all captures: a capture may have no waypoint, most have some.
pub(crate) fn hold_that_they_were_used() {
    let count = |of: &AtomicUsize| of.load(Ordering::Relaxed);
    assert!(count(&USED.messages) > 250 && count(&USED.kept) > 500 && count(&USED.gone) > 5);
    assert!(USED.symbols.iter().all(|of| count(of) > 20));
}

/// What is held for one capture.
type Test = fn(&Path);

/// For each shipped capture, three tests.
pub(crate) fn trials() -> Vec<Trial> {
    let tests: [(&str, Test); 3] = [
        ("messages", messages_are_the_same_from_every_waypoint),
        (
            "symbols",
            symbols_are_the_same_from_a_waypoint_that_sees_the_window,
        ),
        ("kept", messages_are_the_same_from_what_is_kept),
    ];
    let mut trials = Vec::new();
    let mut captures = common::captures();
    captures.push(common::capture("http2/node-clear-deflate.pcap"));
    for path in captures {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        for (what, test) in tests {
            let path = path.clone();
            trials.push(trial(format!("waypoints::{name}::{what}"), move || {
                test(&path);
            }));
        }
    }
    for kind in made::KINDS {
        for (what, test) in tests {
            let name = format!("waypoints::made::{}::{what}", kind.name);
            trials.push(trial(name, move || test(kind.capture().path())));
        }
        let name = format!("waypoints::made::{}::inside", kind.name);
        trials.push(trial(name, move || waypoints_lie_in_a_long_message(kind)));
    }
    trials.push(trial(
        "waypoints::made::bounded".to_owned(),
        waypoints_are_bounded_by_their_bytes,
    ));
    trials
}

fn go() -> AtomicBool {
    AtomicBool::new(false)
}

fn told_before(waypoint: &Waypoint, conversing: Conversing) -> u64 {
    waypoint.messages(conversing.stream).unwrap()
}

/// A waypoint before every packet.
const EVERY: Interval = Interval {
    bytes: u64::MAX,
    packets: 0,
};

/// The first run, which leaves a waypoint wherever it can.
fn first_run(inputs: &Inputs) -> (Told, Trail) {
    let trail = Trail::with(Waypoints::new(EVERY, usize::MAX));
    let options = Options {
        waypoints: Some(Arc::clone(&trail.waypoints)),
        ..Options::new(Detail::Payloads)
    };
    let mut told = Told::default();
    // What cannot be read is the business of other tests.
    let _ = replay(inputs, options, &mut told, &go());
    (told, trail)
}

/// While the server's message goes on, each message has a waypoint right before its packet.
fn waypoints_lie_in_a_long_message(long: made::Long) {
    let capture = long.capture();
    let inputs = Inputs {
        files: vec![Input::from(capture.path().as_os_str())],
        filter: None,
    };
    let (told, trail) = first_run(&inputs);
    let mut inside = 0;
    for &(conversing, message) in told.messages.keys().skip(2) {
        let near = trail.waypoints.before(conversing, message, None).unwrap();
        inside += usize::from(!near.is_between(0, Peer::Server));
        // A packet can bring two messages.
        let right_before = told_before(&near, conversing) + 3 > message;
        assert!(right_before || !long.is_open(), "{} {message}", long.name);
    }
    assert!(inside > 15, "{} {inside}", long.name);
}

/// What is held in all never passes the bound, and the newest stay longest.
fn waypoints_are_bounded_by_their_bytes() {
    let capture = made::KINDS[2].capture();
    let mut file = Source::new(
        vec![Input::from(capture.path().as_os_str())],
        Limits::default(),
    );
    let waypoints = Arc::new(Waypoints::new(EVERY, 400_000));
    let mut pipeline = Pipeline::new(Options {
        waypoints: Some(Arc::clone(&waypoints)),
        ..Options::new(Detail::Payloads)
    });
    let (mut told, mut block) = (Told::default(), Block::default());
    let mut most = 0;
    while file.read(&mut block).unwrap() {
        for packet in block.packets() {
            pipeline.packet(&packet, &mut told);
            most = most.max(waypoints.size());
        }
    }
    assert!((200_000..=400_000).contains(&most), "{most}");
    let &(conversing, last) = told.messages.keys().next_back().unwrap();
    let near = waypoints.before(conversing, last, None).unwrap();
    assert!(told_before(&near, conversing) + 3 > last);
    assert!(waypoints.before(conversing, 2, None).is_none());
}

fn messages_are_the_same_from_every_waypoint(file: &Path) {
    let inputs = Inputs {
        files: vec![Input::from(file.as_os_str())],
        filter: None,
    };
    let (told, trail) = first_run(&inputs);
    for &(connection, message) in told.messages.keys().step_by(7) {
        let Some(waypoint) = trail.waypoints.before(connection, message, None) else {
            continue;
        };
        USED.messages.fetch_add(1, Ordering::Relaxed);
        let mut again = Told {
            enough: Some((connection, message + 6)),
            ..Told::default()
        };
        let options = Options::new(Detail::Payloads);
        replay_from(&waypoint, (&inputs, &trail), options, &mut again, &go()).unwrap();
        let mut its_own = again.messages.keys().filter(|key| key.0 == connection);
        let first = its_own.next();
        assert_eq!(
            first,
            Some(&(connection, told_before(&waypoint, connection) + 1)),
            "{}",
            file.display()
        );
        for (key, text) in &again.messages {
            assert_eq!(
                Some(text),
                told.messages.get(key),
                "{} {key:?}",
                file.display()
            );
        }
    }
}

/// With the window whole, the symbols are the same, and so are the messages they copy from.
fn symbols_are_the_same_from_a_waypoint_that_sees_the_window(file: &Path) {
    let inputs = Inputs {
        files: vec![Input::from(file.as_os_str())],
        filter: None,
    };
    let (told, trail) = first_run(&inputs);
    for (&(connection, message), &from) in told.from.iter().step_by(5) {
        let Some(waypoint) = trail.waypoints.before(connection, message, Some(from)) else {
            continue;
        };
        USED.symbols[from as usize].fetch_add(1, Ordering::Relaxed);
        let options = Options {
            only: connection.into(),
            ..Options::new(Detail::Wire)
        };
        let target = Target::Message(message);
        let info = &told.infos[&connection];
        let mut near = Bits(Collector::behind(
            target,
            info,
            told_before(&waypoint, connection),
        ));
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
            redact: wscope::page::redact::Redact::Nothing,
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
            "{} {connection} {message}",
            file.display()
        );
    }
}

/// What a live capture keeps: the oldest packets are gone, the others give the same messages.
fn messages_are_the_same_from_what_is_kept(file: &Path) {
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
    let reader = Box::new(Slow(std::fs::File::open(file).unwrap()));
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
        trail.forget_before(PacketRef::new(0, store.first_packet()));
    }
    pipeline.finish(&mut told);
    let inputs = Inputs {
        files: vec![Input::Store(store.clone())],
        filter: None,
    };
    let gone = usize::from(inputs.gone_before().is_some());
    USED.gone.fetch_add(gone, Ordering::Relaxed);
    for &(connection, message) in told.messages.keys() {
        let Some(waypoint) = trail.waypoints.before(connection, message, None) else {
            continue;
        };
        assert!(waypoint.next.number >= store.first_packet());
        USED.kept.fetch_add(1, Ordering::Relaxed);
        let mut again = Told {
            enough: Some((connection, message)),
            ..Told::default()
        };
        let options = Options::new(Detail::Payloads);
        replay_from(&waypoint, (&inputs, &trail), options, &mut again, &go()).unwrap();
        for (key, text) in &again.messages {
            assert_eq!(
                Some(text),
                told.messages.get(key),
                "{} {key:?}",
                file.display()
            );
        }
        assert!(again.messages.contains_key(&(connection, message)));
    }
}

/// Gives some bytes at a time, so that blocks are small.
struct Slow(std::fs::File);

impl std::io::Read for Slow {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let len = into.len().min(700);
        self.0.read(into.get_mut(..len).unwrap())
    }
}
