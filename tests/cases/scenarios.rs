//! A file per network situation, `tests/scenarios/tcp/*.txt`.
//!
//! ```text
//! # what happens, and why it comes out so
//! isn client=1000 server=5000             (optional: initial sequence numbers)
//! limits reorder_bytes=100                (optional)
//! client SYN seq=0
//! server SYN ACK seq=0 ack=1
//! client ACK seq=1 ack=1 "hello"
//!   = client chunk "hello" @3
//! end
//!   = ending open
//! ```
//!
//! Numbers count from the initial ones. A payload is `"text"` or `"x"*100`, without spaces;
//! `cut=N` more bytes were on the wire; `time=` is in milliseconds; `vlan=` tags the packet. With
//! `RIGHT` or `WRONG` the TCP checksum can be judged, and is so; `PSH` is a flag. `late_bytes=0` in
//! the limits stands for a live capture.
//! `= …` says what comes out at once, `@N` by which packet; `#N` names connections after the
//! first. With `BLESS=1` the files are rewritten: read the difference before committing it.

use std::fmt::Write as _;
use std::path::PathBuf;

use libtest_mimic::Trial;
use wscope::base::{Limits, Peer, PerPeer};
use wscope::net::Encapsulation;
use wscope::tcp::{Ending, Note};

use crate::harness::{ACK, FIN, Harness, RST, SYN, Seen, segment};
use crate::{bless_or_hold, common, trial};

pub(crate) fn trials() -> Vec<Trial> {
    let folder = common::root().join("tests/scenarios/tcp");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 30, "the scenarios are not all there");
    let case = |file: PathBuf| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        trial(format!("scenario::tcp::{name}"), move || {
            let expected = std::fs::read_to_string(&file).unwrap();
            bless_or_hold(&file, Scenario::run(&expected).as_bytes(), &name);
        })
    };
    let refused = trial("scenario::unknown_keys_are_refused".into(), || {
        let run = || Scenario::run("client ACK sq=1\n");
        let said = std::panic::catch_unwind(run).unwrap_err();
        let said = said.downcast::<String>().unwrap();
        assert_eq!(*said, "unknown key \"sq\"");
    });
    files.into_iter().map(case).chain([refused]).collect()
}

struct Scenario {
    harness: Option<Harness>,
    limits: Limits,
    isn: PerPeer<u32>,
    logged: usize,
}

impl Scenario {
    /// The scenario with what really comes out in place of what it expects.
    fn run(text: &str) -> String {
        let mut scenario = Self {
            harness: None,
            limits: Limits::default(),
            isn: PerPeer {
                client: 1000,
                server: 5000,
            },
            logged: 0,
        };
        let mut out = String::new();
        for line in text.lines() {
            if line.trim_start().starts_with('=') {
                continue;
            }
            out.push_str(line);
            out.push('\n');
            scenario.line(line, &mut out);
        }
        out
    }

    fn line(&mut self, line: &str, out: &mut String) {
        let mut words = line.split_whitespace();
        match words.next() {
            None => {}
            Some(word) if word.starts_with('#') => {}
            Some("isn") => {
                for (key, value) in words.map(pair) {
                    match key {
                        "client" => self.isn.client = number(value),
                        "server" => self.isn.server = number(value),
                        _ => panic!("unknown key {key:?}"),
                    }
                }
            }
            Some("limits") => words.map(pair).for_each(|(key, value)| {
                let value = usize::try_from(number(value)).unwrap();
                match key {
                    "late_bytes" => self.limits.late_bytes = Some(value).filter(|late| *late > 0),
                    "reorder_bytes" => self.limits.reorder_bytes = value,
                    "reorder_segments" => self.limits.reorder_segments = value,
                    "reorder_total_bytes" => self.limits.reorder_total_bytes = value,
                    "connections" => self.limits.connections = value,
                    _ => panic!("unknown key {key:?}"),
                }
            }),
            Some("client") => self.packet(Peer::Client, words, out),
            Some("server") => self.packet(Peer::Server, words, out),
            Some("end") => {
                let endings = self.harness().end();
                self.render(out);
                for (number, ending) in endings {
                    writeln!(out, "  = {}ending {}", prefix(number), name(ending)).unwrap();
                }
            }
            Some(word) => panic!("unknown line {word:?}"),
        }
    }

    fn packet<'a>(&mut self, from: Peer, words: impl Iterator<Item = &'a str>, out: &mut String) {
        let (mut seq, mut ack, mut flags, mut cut, mut nanos, mut vlan) = (0, 0, 0, 0, 0, None);
        let (mut payload, mut sound) = (Vec::new(), None);
        for word in words {
            match word {
                "SYN" => flags |= SYN,
                "ACK" => flags |= ACK,
                "FIN" => flags |= FIN,
                "RST" => flags |= RST,
                "PSH" => flags |= 8,
                "RIGHT" => sound = Some(true),
                "WRONG" => sound = Some(false),
                _ if word.starts_with('"') => payload = bytes(word),
                _ => match pair(word) {
                    ("seq", value) => seq = number(value).wrapping_add(self.isn[from]),
                    ("ack", value) => ack = number(value).wrapping_add(self.isn[from.other()]),
                    ("cut", value) => cut = number(value),
                    ("time", value) => nanos = u64::from(number(value)) * 1_000_000,
                    ("vlan", value) => vlan = Some(number(value)),
                    (key, _) => panic!("unknown key {key:?}"),
                },
            }
        }
        let mut segment = segment(from, flags, seq, ack, &payload);
        segment.payload_len += cut;
        segment.payload_sum = sound.map(|right| payload_sum(&payload) ^ u16::from(!right));
        if let Some(id) = vlan {
            segment.encapsulation = Encapsulation::default().within(1, id);
        }
        self.harness().segment(&segment, nanos);
        self.render(out);
    }

    fn harness(&mut self) -> &mut Harness {
        self.harness
            .get_or_insert_with(|| Harness::new(self.limits))
    }

    fn render(&mut self, out: &mut String) {
        let from = self.logged;
        let log = &self.harness().log;
        let lines: Vec<_> = log.iter().skip(from).filter_map(line).collect();
        self.logged = log.len();
        for line in lines {
            writeln!(out, "  = {line}").unwrap();
        }
    }
}

fn line(seen: &Seen) -> Option<String> {
    Some(match seen {
        Seen::Noted(number, peer, note, stamp) => {
            let packet = stamp.packet.number;
            let words = match note {
                Note::ResetIgnored => "reset ignored".into(),
                Note::Invented => "numbers stand still".into(),
                Note::Repaired(bytes) => format!("{bytes} bytes from a damaged copy"),
                Note::Unheard(unheard) => format!("unheard {} times", unheard.times),
            };
            format!("{}{peer} {words} @{packet}", prefix(*number))
        }
        Seen::Opened(1, flow) if flow.roles.known => return None,
        Seen::Opened(number, flow) => {
            let roles = if flow.roles.known {
                ""
            } else {
                ", roles guessed"
            };
            let client = flow.client();
            format!("{}opened by {client}{roles}", prefix(*number))
        }
        Seen::Forgotten(number) => format!("{}forgotten", prefix(*number)),
        Seen::Over(number) => format!("{}over", prefix(*number)),
        Seen::Chunk(number, peer, bytes, stamp) => {
            let (text, packet) = (quoted(bytes), stamp.packet.number);
            format!("{}{peer} chunk {text} @{packet}", prefix(*number))
        }
        Seen::Gap(number, peer, len, stamp) => {
            let packet = stamp.packet.number;
            format!("{}{peer} gap {len} @{packet}", prefix(*number))
        }
        Seen::Conflict(number, peer, at, bytes, stamp) => {
            let packet = stamp.packet.number;
            format!(
                "{}{peer} conflict at={at} bytes={bytes} @{packet}",
                prefix(*number)
            )
        }
    })
}

/// What a right checksum says of a payload, in the machine's byte order.
fn payload_sum(payload: &[u8]) -> u16 {
    let mut sum: u32 = 0;
    for pair in payload.chunks(2) {
        let word = [pair[0], pair.get(1).copied().unwrap_or(0)];
        sum += u32::from(u16::from_ne_bytes(word));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    u16::try_from(sum).unwrap()
}

fn prefix(number: u64) -> String {
    match number {
        1 => String::new(),
        _ => format!("#{number} "),
    }
}

fn name(ending: Ending) -> String {
    match ending {
        Ending::Open => "open".into(),
        Ending::HalfClosed(peer) => format!("half-closed by {peer}"),
        Ending::Closed => "closed".into(),
        Ending::Reset(peer) => format!("reset by {peer}"),
    }
}

fn pair(word: &str) -> (&str, &str) {
    word.split_once('=')
        .unwrap_or_else(|| panic!("not key=value: {word:?}"))
}

/// A number; a negative one wraps.
fn number(text: &str) -> u32 {
    match text.strip_prefix('-') {
        Some(text) => text.parse::<u32>().unwrap().wrapping_neg(),
        None => text.parse().unwrap(),
    }
}

fn bytes(word: &str) -> Vec<u8> {
    let (text, count) = match word.split_once('*') {
        Some((text, count)) => (text, count.parse().unwrap()),
        None => (word, 1),
    };
    text.strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or_else(|| panic!("not a payload: {word:?}"))
        .repeat(count)
        .into_bytes()
}

fn quoted(bytes: &[u8]) -> String {
    let text = std::str::from_utf8(bytes).unwrap();
    match bytes {
        [first, rest @ ..] if rest.len() >= 8 && rest.iter().all(|byte| byte == first) => {
            format!("\"{}\"*{}", &text[..1], bytes.len())
        }
        _ => format!("\"{text}\""),
    }
}
