//! A whole capture's messages, and a damaged one's held against them.

use std::collections::{HashMap, HashSet};

use wscope::base::Peer;
use wscope::deflate::Takeover;
use wscope::event::{Reason, Status};
use wscope::session::Detail;
use wscope::ws::OpCode;

use super::damage::{Damage, Left};
use super::oracle::Oracle;
use super::traffic::Traffic;
use super::watch::{Codec, Heard, Lane, Watch};
use crate::wire::Seen;

/// A message as it was sent.
pub(crate) struct Sent {
    pub(crate) seen: Seen,
    /// Its payload on the wire, without masks.
    pub(crate) payload: Vec<u8>,
}

/// What a whole capture holds.
pub(crate) struct Truth {
    /// Data messages and control frames of each direction, in the order of completion.
    pub(crate) lanes: HashMap<Lane, Vec<Sent>>,
    codecs: HashMap<Lane, Codec>,
    unruly: HashSet<Lane>,
    carriers: Vec<(u64, Lane)>,
}

impl Truth {
    /// Reads a whole capture, and holds it against what was handed to the compressors where that
    /// is known.
    pub(crate) fn of(traffic: &Traffic) -> Self {
        let watch = Watch::of(&traffic.shots, Detail::Wire);
        let mut lanes: HashMap<Lane, Vec<Sent>> = HashMap::new();
        for (lane, heard) in watch.heard {
            match heard {
                Heard::Message { seen, sent } => {
                    let payload = sent;
                    lanes.entry(lane).or_default().push(Sent { seen, payload });
                }
                Heard::FramingLost | Heard::Guess => {
                    assert!(traffic.sent.is_none(), "{} is whole", traffic.name);
                }
            }
        }
        if let Some(sent) = &traffic.sent {
            for from in Peer::BOTH {
                let told: Vec<_> = lanes
                    .iter()
                    .filter(|(lane, _)| lane.1 == from)
                    .flat_map(|(_, sent)| sent)
                    .filter(|sent| !sent.seen.opcode.is_control())
                    .collect();
                assert_eq!(told.len(), sent[from].len(), "{}", traffic.name);
                for (told, sent) in told.iter().zip(&sent[from]) {
                    assert_eq!(told.seen.status, Status::Complete);
                    assert_eq!(told.seen.opcode, OpCode::from_bits(sent.opcode));
                    assert!(told.seen.payload == sent.plain, "{}", traffic.name);
                }
            }
        }
        Self {
            lanes,
            codecs: watch.codecs,
            unruly: watch.unruly.into_iter().collect(),
            carriers: watch.carriers,
        }
    }

    /// The first packet of each direction that is missing or cut.
    fn losses(&self, left: &Left) -> HashMap<&Lane, u64> {
        let gone: HashSet<u64> = left.dropped.iter().chain(&left.cut).copied().collect();
        let mut first = HashMap::new();
        for (number, lane) in &self.carriers {
            if gone.contains(number) {
                let at = first.entry(lane).or_insert(*number);
                *at = (*at).min(*number);
            }
        }
        first
    }
}

/// Figures of one damaged run, or of many.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) runs: u64,
    /// Packets that were dropped at random.
    pub(crate) drops: u64,
    /// Packets that were dropped before a late start, or cut.
    pub(crate) others: u64,
    pub(crate) messages: u64,
    /// Bytes said to be known, all compared.
    pub(crate) known: u64,
    /// Messages that a wrong guess of the framing made up, and their bytes.
    pub(crate) made_up: (u64, u64),
    /// Messages that the oracle spoke on, with holes or without, and those with holes.
    pub(crate) foretold: u64,
    pub(crate) with_holes: u64,
    /// Known bytes beyond what the oracle knows, which gives up a message with a hole in it: where
    /// a stored block goes on behind the hole, wscope does, too.
    pub(crate) beyond: u64,
    /// Directions whose window became whole again behind a loss.
    pub(crate) healed: u64,
    pub(crate) after: Share,
}

/// Data bytes in messages that end behind the first loss, or behind a late start.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Share {
    /// As the application sent them.
    pub(crate) sent: u64,
    /// In messages of which no packet is missing.
    pub(crate) arrived: u64,
    pub(crate) known: u64,
    /// Known, and in messages that are complete.
    pub(crate) complete: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, other: &Self) {
        self.runs += other.runs;
        self.drops += other.drops;
        self.others += other.others;
        self.messages += other.messages;
        self.known += other.known;
        self.made_up.0 += other.made_up.0;
        self.made_up.1 += other.made_up.1;
        self.foretold += other.foretold;
        self.with_holes += other.with_holes;
        self.beyond += other.beyond;
        self.healed += other.healed;
        self.after.sent += other.after.sent;
        self.after.arrived += other.after.arrived;
        self.after.known += other.after.known;
        self.after.complete += other.after.complete;
    }
}

/// One direction of a damaged capture.
#[expect(clippy::struct_excessive_bools, reason = "independent facts")]
struct Follower<'a> {
    what: String,
    exact: bool,
    sent: &'a [Sent],
    codec: Codec,
    oracle: Option<Oracle>,
    /// The oracle's window was not whole at some time.
    desynced: bool,
    guess: bool,
    /// Indexes of the next data message and the next control frame that may be shown.
    next: [usize; 2],
    /// The last data message shown broke off: fragments behind the loss may be shown again.
    broke_off: bool,
    /// The last one that the oracle saw.
    last: Option<usize>,
    first_loss: u64,
    /// Packets of this direction that are missing or cut.
    gone: Vec<u64>,
    /// A packet may be missing that carries frames and is not known to.
    fragments: bool,
    tally: Tally,
}

/// Somebody to follow each direction of a damaged capture.
fn followers<'a>(
    traffic: &Traffic,
    truth: &'a Truth,
    damage: Damage,
    left: &Left,
) -> HashMap<Lane, Follower<'a>> {
    let losses = truth.losses(left);
    let gone: HashSet<u64> = left.dropped.iter().chain(&left.cut).copied().collect();
    let start = match damage {
        Damage::Late(start) | Damage::LateWithHandshake(start) => traffic.shots[start].number,
        _ => 0,
    };
    let follower = |(lane, sent): (&Lane, &'a Vec<Sent>)| {
        let codec = truth.codecs[lane];
        let mut oracle = (codec != Codec::Other && !truth.unruly.contains(lane)).then(Oracle::new);
        if let (Some(oracle), Damage::Late(_)) = (&mut oracle, damage) {
            oracle.lose();
        }
        let carriers = truth.carriers.iter();
        let own = carriers.filter(|(number, of)| of == lane && gone.contains(number));
        let follower = Follower {
            what: format!("{}, {damage:?}, {lane:?}", traffic.name),
            exact: traffic.exact,
            sent,
            codec,
            oracle,
            desynced: false,
            guess: false,
            next: [0; 2],
            broke_off: false,
            last: None,
            gone: own.map(|(number, _)| *number).collect(),
            fragments: traffic.fragments,
            first_loss: losses.get(lane).map_or(u64::MAX, |first| start.max(*first)),
            tally: Tally::default(),
        };
        (lane.clone(), follower)
    };
    truth.lanes.iter().map(follower).collect()
}

/// Damages a capture, has it read, and compares all that is said.
pub(crate) fn check(traffic: &Traffic, truth: &Truth, damage: Damage) -> Tally {
    let left = damage.of(traffic);
    let watch = Watch::of(&left.shots, Detail::Payloads);
    let mut followers = followers(traffic, truth, damage, &left);
    for (lane, heard) in &watch.heard {
        let Some(follower) = followers.get_mut(lane) else {
            assert!(
                !matches!(heard, Heard::Message { .. }),
                "{} {damage:?}: no such connection: {lane:?} {heard:?}",
                traffic.name
            );
            continue;
        };
        match heard {
            Heard::Message { seen, .. } => follower.message(seen),
            Heard::FramingLost => follower.lose(),
            Heard::Guess => {
                follower.guess = true;
                follower.lose();
            }
        }
    }
    let mut tally = Tally {
        runs: 1,
        ..Tally::default()
    };
    let dropped = left.dropped.len() as u64;
    if damage.is_random() {
        tally.drops = dropped;
    } else {
        tally.others = dropped;
    }
    tally.others += left.cut.len() as u64;
    for follower in followers.into_values() {
        tally.add(&follower.finish());
    }
    tally
}

/// Which of the payload's first bytes a message says it knows.
pub(crate) fn known(seen: &Seen) -> Vec<bool> {
    let mut known = vec![true; seen.payload.len()];
    for (start, len) in &seen.holes {
        let start = usize::try_from(*start).unwrap().min(known.len());
        let end = (start + usize::try_from(*len).unwrap()).min(known.len());
        known[start..end].fill(false);
    }
    known
}

/// A message must be in keeping with itself.
fn assert_sound(seen: &Seen, what: &str) {
    let mut end = None;
    for (start, len) in &seen.holes {
        assert!(
            *len > 0 && end.is_none_or(|end| end < *start),
            "{what}: holes in disorder: {seen:?}"
        );
        end = Some(start + len);
    }
    if let (Some(end), Some(len)) = (end, seen.payload_bytes) {
        assert!(end <= len, "{what}: a hole behind the end: {seen:?}");
    }
    let known = known(seen);
    for (byte, known) in seen.payload.iter().zip(&known) {
        assert!(*known || *byte == 0, "{what}: a byte in a hole: {seen:?}");
    }
    let whole = seen.holes.is_empty() && seen.payload_bytes == Some(seen.payload.len() as u64);
    match seen.status {
        Status::Complete => assert!(whole, "{what}: complete and not whole: {seen:?}"),
        Status::Partial(_) => {
            assert!(
                known.contains(&true),
                "{what}: partial and nothing known: {seen:?}"
            );
        }
        Status::Lost(_) => assert!(
            seen.payload.is_empty() && seen.holes.is_empty(),
            "{what}: {seen:?}"
        ),
    }
    match &seen.text {
        Some(text) => assert!(whole && text.as_bytes() == seen.payload, "{what}: {seen:?}"),
        None => assert!(
            seen.status != Status::Complete || std::str::from_utf8(&seen.payload).is_err(),
            "{what}: {seen:?}"
        ),
    }
}

impl Follower<'_> {
    fn message(&mut self, seen: &Seen) {
        assert_sound(seen, &self.what);
        self.tally.messages += 1;
        let control = usize::from(seen.opcode.is_control());
        let again = seen.opcode == OpCode::Continuation && self.broke_off;
        let from = self.next[control] - usize::from(again);
        let found = (from..self.sent.len()).find(|index| {
            let sent = &self.sent[*index];
            usize::from(sent.seen.opcode.is_control()) == control
                && self.framed(seen, &sent.seen)
                && fits(seen, &sent.seen)
        });
        let Some(index) = found else {
            self.stray(seen);
            return;
        };
        self.next[control] = index + 1;
        self.assert_reason(seen, &self.sent[index].seen);
        if control == 0 {
            self.broke_off = seen.status.reason() == Some(Reason::FramingLost);
        }
        let known = known(seen);
        let count = known.iter().filter(|known| **known).count() as u64;
        self.tally.known += count;
        if control == 0 {
            self.foretell(index, seen, &known);
        }
        let sent = &self.sent[index].seen;
        if control == 0 && sent.packets.1 >= self.first_loss {
            self.tally.after.known += count;
            if seen.status == Status::Complete {
                self.tally.after.complete += count;
            }
        }
    }

    /// Whether a message lies in the packets that one of the truth lies in.
    fn framed(&self, seen: &Seen, sent: &Seen) -> bool {
        let headless = seen.opcode == OpCode::Continuation;
        let first = if headless {
            (sent.packets.0..=sent.packets.1).contains(&seen.packets.0)
        } else {
            seen.packets.0 == sent.packets.0
                && seen.opcode == sent.opcode
                && seen.compressed == sent.compressed
        };
        let whole = seen.status == Status::Complete;
        let last = !whole || seen.packets.1 == sent.packets.1;
        (first && last) || (!self.exact && (headless || seen.opcode == sent.opcode))
    }

    /// A message that was never sent: a wrong guess of the framing, or worse.
    fn stray(&mut self, seen: &Seen) {
        let like: Vec<_> = self
            .sent
            .iter()
            .filter(|sent| sent.seen.packets.0 == seen.packets.0)
            .map(|sent| &sent.seen)
            .collect();
        assert!(
            self.guess,
            "{}: never sent: {seen:?}\ninstead: {like:?}",
            self.what
        );
        if std::env::var_os("WSCOPE_SHOW").is_some() {
            eprintln!("{}: made up: {seen:?}\ninstead: {like:?}", self.what);
        }
        let ended = matches!(
            seen.status.reason(),
            None | Some(Reason::HistoryLost | Reason::PayloadMissing)
        );
        let same = self.sent.iter().any(|sent| {
            ended
                && seen.opcode != OpCode::Continuation
                && self.framed(seen, &sent.seen)
                && seen.wire_bytes == sent.seen.wire_bytes
                && !fits(seen, &sent.seen)
        });
        assert!(
            !same || !self.exact,
            "{}: a wrong byte in a message that was framed rightly: {seen:?}\ninstead: {like:?}",
            self.what
        );
        let known = known(seen).iter().filter(|known| **known).count() as u64;
        self.tally.made_up.0 += 1;
        self.tally.made_up.1 += known;
        self.lose();
    }

    /// Whether none of a message's packets is missing.
    fn arrived(&self, sent: &Seen) -> bool {
        let (first, last) = sent.packets;
        let within = |number: &u64| (first..=last).contains(number);
        !self.gone.iter().any(within)
    }

    /// A message must not be said to lack what is there, nor its sender to be at fault.
    fn assert_reason(&self, seen: &Seen, sent: &Seen) {
        let reason = seen.status.reason();
        let wrong = match reason {
            Some(Reason::InflateError | Reason::Abandoned | Reason::ExtensionUnknown) => true,
            Some(Reason::PayloadMissing) => self.arrived(sent) && !self.fragments,
            _ => false,
        };
        assert!(
            !wrong || !self.exact || sent.status.reason() == reason,
            "{}: a wrong reason: {seen:?}",
            self.what
        );
    }

    fn lose(&mut self) {
        if let Some(oracle) = &mut self.oracle {
            oracle.lose();
        }
        self.desynced = true;
    }

    /// Holds what is known against what can be known.
    fn foretell(&mut self, index: usize, seen: &Seen, known: &[bool]) {
        let from = self.last.map_or(0, |last| last + 1);
        let skipped = self.sent.get(from..index).unwrap_or_default();
        if skipped.iter().any(|sent| sent.seen.compressed) {
            self.lose();
        }
        self.last = Some(self.last.map_or(index, |last| last.max(index)));
        let sent = &self.sent[index];
        if !sent.seen.compressed {
            if seen.status.reason() == Some(Reason::FirstFragmentMissing) {
                self.lose();
            }
            return;
        }
        let intact = matches!(seen.status.reason(), None | Some(Reason::HistoryLost));
        if !intact || !self.exact {
            self.lose();
            return;
        }
        let Some(oracle) = &mut self.oracle else {
            return;
        };
        if self.codec == Codec::Message(Takeover::Reset) {
            oracle.reset();
        }
        let was_whole = oracle.knows_all();
        let (bytes, can) = oracle.message(&sent.payload).unwrap();
        assert_eq!(bytes.len(), sent.seen.payload.len(), "{}", self.what);
        if was_whole {
            assert!(bytes == sent.seen.payload, "the oracle errs");
        }
        self.tally.foretold += 1;
        if can.contains(&false) {
            self.tally.with_holes += 1;
        }
        if self.desynced && oracle.knows_all() {
            self.desynced = false;
            self.tally.healed += 1;
        }
        for (at, can) in can.iter().enumerate() {
            let shown = known.get(at).copied().unwrap_or(false);
            assert!(
                shown || !can,
                "{}: byte {at} can be known, and is not: {seen:?}",
                self.what
            );
            self.tally.beyond += u64::from(shown && !can);
        }
    }

    fn finish(mut self) -> Tally {
        for sent in self.sent {
            let sent = &sent.seen;
            if sent.opcode.is_control() || sent.packets.1 < self.first_loss {
                continue;
            }
            let len = sent.payload.len() as u64;
            self.tally.after.sent += len;
            if self.arrived(sent) {
                self.tally.after.arrived += len;
            }
        }
        self.tally
    }
}

/// Whether all that a message shows as known is as it was sent.
fn fits(seen: &Seen, sent: &Seen) -> bool {
    if seen
        .payload_bytes
        .is_some_and(|len| len != sent.payload.len() as u64)
    {
        return false;
    }
    let reason = seen.status.reason();
    let len = seen.payload.len();
    let known = known(seen);
    let agrees = |truth: &[u8]| {
        let mut pairs = seen.payload.iter().zip(truth).zip(&known);
        len <= truth.len() && pairs.all(|((a, b), known)| !known || a == b)
    };
    if reason == Some(Reason::FirstFragmentMissing) {
        let start = sent.payload.len().checked_sub(len);
        return start.is_some_and(|start| agrees(&sent.payload[start..]));
    }
    if seen.opcode == OpCode::Continuation {
        return len == 0 || sent.payload.windows(len).any(agrees);
    }
    if matches!(
        reason,
        None | Some(Reason::HistoryLost | Reason::PayloadMissing)
    ) && (seen.frames, seen.wire_bytes, seen.payload_wire_bytes)
        != (sent.frames, sent.wire_bytes, sent.payload_wire_bytes)
    {
        return false;
    }
    agrees(&sent.payload)
}
