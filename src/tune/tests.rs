//! What the shortcuts are worth is that they change nothing.

use wscope_stock_zlib::{Deflate, Settings};

use super::lane::Lane;
use super::sampler::rank;
use super::*;
use crate::base::{Peer, Stamp};
use crate::deflate::Takeover;
use crate::event::{Event, EventSink, Facts, Message, Split, Status};
use crate::ws::OpCode;

fn message<'a>(connection: u64, from: Peer, payload: &'a [u8], splits: &'a [Split]) -> Message<'a> {
    Message {
        facts: Facts {
            conversing: connection.into(),
            number: 1,
            from,
            opcode: OpCode::Text,
            first: Stamp::START.packet,
            last: Stamp::START,
            frames: u32::try_from(splits.len()).unwrap() + 1,
            compressed: true,
            inferred: false,
            wire_bytes: 100,
            payload_wire_bytes: 98,
            payload_bytes: Some(payload.len() as u64),
            known_bytes: payload.len() as u64,
            status: Status::Complete,
            truncated: false,
        },
        first_time: Stamp::START.time,
        splits,
        payload,
        text: None,
        holes: &[],
        inflated: None,
        units: &[],
    }
}

/// Text that repeats itself a little, of some length.
fn text(seed: usize, len: usize) -> Vec<u8> {
    let words = [
        "alpha",
        "beta",
        "\"price\":",
        "gamma",
        "delta",
        "{\"id\":",
        "omega",
    ];
    let mut out = String::new();
    let mut x = seed;
    while out.len() < len {
        x = (x * 1_103_515_245 + 12_345) % 2_147_483_648;
        out.push_str(words[(x >> 16) % words.len()]);
        if x & 0x100 == 0 {
            out.push_str(&(x >> 20).to_string());
        }
    }
    out.truncate(len);
    out.into_bytes()
}

fn sample_of(lens: &[&[usize]]) -> Sample {
    let mut sampler = Sampler::new(1 << 24);
    for (connection, lens) in (1..).zip(lens) {
        for (i, len) in lens.iter().enumerate() {
            let payload = text(i + 7, *len);
            let at = len / 3;
            let split = [Split {
                at: at as u64,
                flushed: i % 2 == 0,
            }];
            let splits = if i % 5 == 4 { &split[..] } else { &[] };
            for from in [Peer::Client, Peer::Server] {
                let message = message(connection, from, &payload, splits);
                sampler.event(Event::Message(&message));
            }
        }
    }
    sampler.finish()
}

/// Without any shortcut.
fn plainly(lane: &Lane, setting: &Setting) -> u64 {
    let mut deflate = Deflate::new(Settings {
        level: setting.level,
        window_bits: setting.window_bits,
        memory_level: setting.memory_level,
        ..Settings::DEFAULT
    })
    .unwrap();
    let mut total = 0;
    for sent in lane.messages() {
        if sent.len() < setting.threshold {
            total += lane.plain(sent);
            continue;
        }
        if setting.takeover == Takeover::Reset {
            deflate.reset();
        }
        total += lane.compressed(sent, &mut deflate);
    }
    total
}

#[test]
fn the_shortcuts_change_no_size() {
    let sample = sample_of(&[
        &[0, 10, 70, 40, 30, 90, 63, 64],
        &[3000, 300, 200, 5, 700, 1024, 1023, 130, 40_000, 90],
        &[250, 0],
        &[251, 511, 762, 763, 1786, 1787],
        &[20, 20, 20],
        &[70_000, 10, 33_000, 2000, 3, 600],
    ]);
    let plan = Plan {
        grid: Grid::default(),
        threads: 3,
        clock: None,
    };
    let watch = Watch::default();
    let tuning = tune(&sample, &plan, &watch).unwrap();
    let [total, done] =
        [&watch.total, &watch.done].map(|n| n.load(std::sync::atomic::Ordering::Relaxed));
    assert_eq!(total, done);
    for (peer, senders) in tuning.senders.iter() {
        // Memory levels take no part in any shortcut.
        let some = plan
            .grid
            .settings()
            .filter(|s| [1, 6].contains(&s.memory_level));
        for setting in some {
            let lanes = sample.connections.values().map(|one| &one.lanes[peer]);
            let expected: u64 = lanes.map(|lane| plainly(lane, &setting)).sum();
            assert_eq!(
                tuning.wire(senders, &setting),
                Some(expected),
                "{peer} {setting:?}"
            );
        }
    }
}

#[test]
fn rounds_add_up_to_the_whole() {
    let lens: Vec<Vec<usize>> = (0..20).map(|i| vec![50 * i, 200, 30 * i]).collect();
    let lens: Vec<&[usize]> = lens.iter().map(Vec::as_slice).collect();
    let whole = sample_of(&lens);
    let all = tune(&whole, &Plan::default(), &Watch::default()).unwrap();
    let mut sum = Tuning {
        grid: Grid::default(),
        ..Tuning::default()
    };
    for (number, sampled) in whole.connections {
        let mut one = Sample::default();
        one.connections.insert(number, sampled);
        sum.merge(&tune(&one, &Plan::default(), &Watch::default()).unwrap());
    }
    assert_eq!(sum, all);
}

#[test]
fn a_sample_hangs_neither_on_order_nor_on_workers() {
    let payload = vec![b'x'; 1000];
    let feed = |sampler: &mut Sampler, connection| {
        sampler.event(Event::Message(&message(
            connection,
            Peer::Client,
            &payload,
            &[],
        )));
    };
    let numbers = |sampler: Sampler| sampler.finish().connections.into_keys().collect::<Vec<_>>();
    let mut forwards = Sampler::new(10_000);
    (1..=100).for_each(|number| feed(&mut forwards, number));
    let mut backwards = Sampler::new(10_000);
    (1..=100)
        .rev()
        .for_each(|number| feed(&mut backwards, number));
    let mut workers = [
        Sampler::new(10_000),
        Sampler::new(10_000),
        Sampler::new(10_000),
    ];
    for number in 1..=100u64 {
        feed(&mut workers[usize::try_from(number % 3).unwrap()], number);
    }
    let [mut first, second, third] = workers;
    first.merge(third);
    first.merge(second);
    let first = numbers(first);
    assert_eq!(first.len(), 9);
    assert_eq!(first, numbers(forwards));
    assert_eq!(first, numbers(backwards));
}

#[test]
fn rounds_take_every_connection_once() {
    let payload = vec![b'x'; 1000];
    let (mut after, mut met) = (None, Vec::new());
    loop {
        let mut sampler = Sampler::new(5_000).after(after);
        for number in 1..=30 {
            let long = if number % 7 == 0 { 8 } else { 1 };
            for _ in 0..long {
                sampler.event(Event::Message(&message(
                    number,
                    Peer::Server,
                    &payload,
                    &[],
                )));
            }
        }
        let sample = sampler.finish();
        met.extend(sample.connections.keys().map(|one| one.connection));
        assert!(sample.bytes() <= 5_000);
        if !sample.is_part {
            break;
        }
        after = sample.last_rank();
    }
    met.sort_unstable();
    assert_eq!(met, (1..=30).collect::<Vec<u64>>());
}

#[test]
fn a_cancelled_run_has_no_result() {
    let watch = Watch::default();
    watch
        .cancel
        .store(true, std::sync::atomic::Ordering::Relaxed);
    assert!(tune(&sample_of(&[&[500]]), &Plan::default(), &watch).is_none());
}

#[test]
fn what_does_not_shrink_is_not_to_be_compressed() {
    let mut sampler = Sampler::new(1 << 20);
    let noise = (0..4000).scan(1u64, |x, _| {
        *x ^= *x << 13;
        *x ^= *x >> 7;
        *x ^= *x << 17;
        Some(x.to_be_bytes()[2])
    });
    let noise: Vec<u8> = noise.collect();
    sampler.event(Event::Message(&message(1, Peer::Server, &noise, &[])));
    let tuning = tune(&sampler.finish(), &Plan::default(), &Watch::default()).unwrap();
    let advice = Advice::of(&tuning, &tuning.senders.server, 50).unwrap();
    assert_eq!(advice.recommended.choice, Choice::Plain);
    assert_eq!(advice.best.choice, Choice::Plain);
    assert_eq!(advice.pays_from, None);
    assert_eq!(advice.front, [advice.plain]);
    assert!(Advice::of(&tuning, &tuning.senders.client, 50).is_none());
}

#[test]
fn the_recommendation_is_the_least_memory_within_the_tolerance() {
    let sample = sample_of(&[&[400; 60]]);
    let tuning = tune(&sample, &Plan::default(), &Watch::default()).unwrap();
    let senders = &tuning.senders.server;
    for tolerance in [0, 20, 50, 500, 100_000] {
        let advice = Advice::of(&tuning, senders, tolerance).unwrap();
        let limit = advice.best.wire * (1000 + tolerance);
        assert!(advice.recommended.wire * 1000 <= limit);
        for setting in tuning.grid.settings() {
            let wire = tuning.wire(senders, &setting).unwrap();
            let fits = wire * 1000 <= limit;
            assert!(!fits || setting.memory() >= advice.recommended.memory);
            let front = advice
                .front
                .iter()
                .filter(|point| point.memory <= setting.memory());
            assert!(
                front.max_by_key(|point| point.memory).unwrap().wire <= wire,
                "{setting:?} is not behind the front"
            );
        }
        let grows = advice
            .front
            .is_sorted_by(|a, b| a.memory < b.memory && a.wire > b.wire);
        assert!(grows);
        assert_eq!(
            tolerance == 100_000,
            advice.recommended.choice == Choice::Plain
        );
    }
}

fn ticks() -> u64 {
    static NOW: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    NOW.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

#[test]
fn measuring_time_changes_no_size() {
    let sample = sample_of(&[&[400, 30, 800], &[90, 10]]);
    let watch = Watch::default();
    let plan = Plan {
        clock: Some(ticks),
        ..Plan::default()
    };
    let timed = tune(&sample, &plan, &watch).unwrap();
    let untimed = tune(&sample, &Plan::default(), &Watch::default()).unwrap();
    let [total, done] =
        [&watch.total, &watch.done].map(|n| n.load(std::sync::atomic::Ordering::Relaxed));
    assert_eq!(total, done);
    for (peer, senders) in timed.senders.iter() {
        let other = &untimed.senders[peer];
        for setting in timed.grid.settings() {
            assert_eq!(timed.wire(senders, &setting), untimed.wire(other, &setting));
            assert_eq!(untimed.time_per_mille(other, &setting), None);
            let time = timed.time_per_mille(senders, &setting);
            assert_eq!(
                time == Some(0),
                setting.threshold == 1024,
                "{setting:?} {time:?}"
            );
        }
    }
}

/// Work of a sample as its run counts it.
fn total(sample: &Sample) -> u64 {
    let watch = Watch::default();
    tune(sample, &Plan::default(), &watch).unwrap();
    watch.total.load(std::sync::atomic::Ordering::Relaxed)
}

#[test]
fn work_is_bounded_by_what_the_messages_are() {
    const MOST: u64 = 1 << 20;
    let grid = Grid::default();
    let within = |lens: &[&[usize]]| sample_of(lens).within(MOST, &grid);

    // Whole connections, in the order of their ranks.
    let many: Vec<&[usize]> = vec![&[400, 30]; 200];
    let some = within(&many);
    assert!(some.is_bounded && some.is_part && (1..200).contains(&some.connections.len()));
    assert!((MOST / 2..=MOST).contains(&total(&some)));
    let every = sample_of(&many);
    let next = every
        .connections
        .keys()
        .find(|one| !some.connections.contains_key(one));
    assert!(next.is_some_and(|one| Some(rank(*one)) > some.last_rank()));
    assert_eq!(some.of_connections, every.of_connections);

    // One connection: its first messages.
    let one = within(&[&[900; 500]]);
    let lane = &one.connections[&1.into()].lanes.server;
    assert!(lane.messages().len() > 1);
    assert_eq!(lane.payload_bytes(), 900 * lane.messages().len() as u64);
    let beyond = one.connections[&1.into()].omitted.server.beyond;
    assert_eq!(lane.messages().len() as u64 + beyond, 500);
    assert!((MOST / 4..=MOST).contains(&total(&one)));

    // Many messages of nothing, and one that is too long for itself.
    let nothing = vec![0; 5000];
    assert!(total(&within(&[&nothing])) <= MOST);
    assert_eq!(total(&within(&[&[1 << 20]])), 0);

    // What is little stays as it is.
    let little = within(&[&[100, 200]]);
    assert!(!little.is_bounded && little.bytes() == 600);
}

#[test]
fn connections_that_send_nothing_but_pings_are_bounded_in_number() {
    const MOST: usize = 1 << 16;
    let run = |workers: u64| {
        let mut samplers: Vec<_> = (0..workers).map(|_| Sampler::new(1 << 20)).collect();
        for connection in 1..=MOST as u64 + 50 {
            let mut ping = message(connection, Peer::Client, b"", &[]);
            ping.facts.opcode = OpCode::Ping;
            let sampler = &mut samplers[usize::try_from(connection % workers).unwrap()];
            sampler.event(Event::Message(&ping));
        }
        let mut samplers = samplers.into_iter();
        let mut all = samplers.next().unwrap();
        samplers.for_each(|sampler| all.merge(sampler));
        all.finish()
    };
    let (one, three) = (run(1), run(3));
    assert_eq!(one.connections.len(), MOST);
    assert!(one.is_part && one.last_rank() == three.last_rank());
    assert!(one.connections.keys().eq(three.connections.keys()));
}
