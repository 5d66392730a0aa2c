//! Every byte of the segments of every shipped capture is counted once, by what became of it; and
//! bytes that came twice are found by another count, of ranges of sequence numbers. What is known of
//! each message does not depend on who looks.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::path::Path;

use libtest_mimic::Trial;
use wscope::base::{Conversing, Limits};
use wscope::capture::{Block, Input, Source};
use wscope::event::{Account, Event, EventSink, Status};
use wscope::net::{Decoded, Decoder, FlowKey};
use wscope::pipeline::{Options, Pipeline, Tally};
use wscope::session::Detail;

use crate::{common, trial};

/// What is known of each message: of which conversation, number, how much of it, known bytes.
type Known = (Conversing, u64, Status, Option<u64>, u64);

/// Collects it.
#[derive(Default)]
struct Messages(Vec<Known>);

impl EventSink for Messages {
    fn event(&mut self, event: Event<'_>) {
        let Event::Message(message) = event else {
            return;
        };
        if !message.payload.is_empty() && !message.truncated {
            let holes = message.holes.iter();
            let within = holes.filter(|(start, _)| *start < message.payload.len() as u64);
            let unknown: u64 = within.map(|(_, len)| len).sum();
            let known = message.payload.len() as u64 - unknown;
            assert_eq!(message.known_bytes, known, "{:?}", message.facts);
        }
        self.0.push((
            message.conversing,
            message.number,
            message.status,
            message.payload_bytes,
            message.known_bytes,
        ));
    }
}

/// Captures whose sequence numbers say too little for the other count: made-up ones, and a probe's
/// byte where nothing else was captured.
const BY_THEMSELVES: [&str; 2] = ["40b_fake_seq_zero", "tcp_keepalive_garbage_split"];

pub(crate) fn trials() -> Vec<Trial> {
    let mut captures = common::captures();
    captures.extend(common::captures_in("captures/cases"));
    assert!(captures.len() > 30, "{captures:?}");
    let each = captures.into_iter().map(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        trial(format!("account::{name}"), move || balanced(&path))
    });
    each.collect()
}

fn balanced(path: &Path) {
    let (payloads, known, distinct) = run(path, Detail::Payloads);
    let (sizes, unseen, _) = run(path, Detail::Sizes);
    assert_eq!(known, unseen);
    for tally in [&payloads, &sizes] {
        let account = &tally.account;
        assert!(account.is_balanced(), "{account:#?}");
        assert_eq!(account.captured, tally.payload_bytes);
        let sum: u64 = account.parts()[1..9].iter().map(|(_, bytes)| bytes).sum();
        assert_eq!(sum, account.captured);
        let sum: u64 = account.parts()[9..].iter().map(|(_, bytes)| bytes).sum();
        assert_eq!(sum, account.frames);
    }
    assert_eq!(payloads.account, sizes.account, "who looks changes nothing");
    let name = path.file_stem().and_then(|name| name.to_str());
    // Of connections that are not looked at any more, copies are not told apart.
    let all = |account: &Account| account.tls_unread + account.http2 + account.other == 0;
    let counts = name.is_none_or(|name| !BY_THEMSELVES.contains(&name)) && all(&payloads.account);
    if let (true, Some(distinct)) = (counts, distinct) {
        let account = &payloads.account;
        let twice = account.duplicates() + account.after_end;
        assert_eq!(twice, account.captured - distinct, "{account:#?}");
    }
}

/// What a pipeline counted; and the bytes at distinct sequence numbers, where each four-tuple is
/// used once, by segments that were all captured whole and sound.
fn run(path: &Path, detail: Detail) -> (Tally, Vec<Known>, Option<u64>) {
    let mut messages = Messages::default();
    let limits = Limits::default();
    let mut source = Source::new(vec![Input::from(path.as_os_str())], limits);
    let mut pipeline = Pipeline::new(Options::new(detail));
    let mut decoder = Decoder::new(limits);
    let mut sent: HashMap<(FlowKey, bool), Ranges> = HashMap::new();
    let mut plain = true;
    let mut block = Block::default();
    while source.read(&mut block).unwrap() {
        for packet in block.packets() {
            pipeline.packet(&packet, &mut messages);
            if let Decoded::Segment(segment) | Decoded::Reassembled(segment) =
                decoder.decode(&packet)
            {
                plain &= usize::try_from(segment.payload_len) == Ok(segment.payload.len());
                plain &= !segment.flags.rst();
                let ranges = sent.entry(segment.flow()).or_default();
                let begin = segment.seq.wrapping_add(u32::from(segment.flags.syn()));
                ranges.add(begin, segment.payload.len() as u64);
            }
        }
        block.clear();
    }
    let flows = sent.keys().map(|(key, _)| key);
    let flows: std::collections::HashSet<_> = flows.collect();
    let tally = pipeline.finish(&mut messages);
    plain &= flows.len() as u64 == tally.flows;
    let distinct = sent.values().map(Ranges::len).sum();
    (tally, messages.0, plain.then_some(distinct))
}

/// Bytes at places counted from the first one seen.
#[derive(Default)]
struct Ranges {
    first: Option<u32>,
    parts: BTreeMap<i64, i64>,
}

impl Ranges {
    fn add(&mut self, seq: u32, len: u64) {
        let first = *self.first.get_or_insert(seq);
        let begin = i64::from(seq.wrapping_sub(first).cast_signed());
        let mut new: Range<i64> = begin..begin + i64::try_from(len).unwrap();
        while let Some((&start, &end)) = self.parts.range(..=new.end).next_back()
            && end >= new.start
        {
            self.parts.remove(&start);
            new = new.start.min(start)..new.end.max(end);
        }
        if !new.is_empty() {
            self.parts.insert(new.start, new.end);
        }
    }

    fn len(&self) -> u64 {
        let lens = self.parts.iter().map(|(start, end)| end - start);
        u64::try_from(lens.sum::<i64>()).unwrap()
    }
}
