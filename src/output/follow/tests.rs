use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::*;
use crate::base::{Peer, Stamp};
use crate::capture::Input;
use crate::event::{EventSink, Facts, Message, Rendering, Status, rendered};
use crate::page::Needle;
use crate::pipeline::Options;
use crate::replay::{Inputs, Until, replay};
use crate::session::Detail;
use crate::ws::OpCode;

fn layout(width: usize) -> Layout {
    Layout {
        width,
        most: usize::MAX,
        time: TimeFormat::Relative,
        style: Style::default(),
        needles: Needles::default(),
        redact: crate::page::redact::Redact::Nothing,
    }
}

/// Takes all there is.
struct All<'a, 'b>(&'a mut Rendering<'b, Follow>);

impl EventSink for All<'_, '_> {
    fn begin(&mut self, start: Timestamp) {
        self.0.begin(start);
    }

    fn event(&mut self, event: Event<'_>) {
        self.0.event(event);
    }
}

impl Until for All<'_, '_> {
    fn done(&self) -> bool {
        false
    }
}

fn followed(capture: &str, connection: u64, layout: Layout) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures");
    let inputs = Inputs {
        files: vec![Input::from(path.join(capture))],
        filter: None,
    };
    let options = Options {
        only: crate::base::Conversing::from(connection).into(),
        ..Options::new(Detail::Payloads)
    };
    let bytes = rendered(Follow::new(layout), |sink| {
        replay(&inputs, options, &mut All(sink), &AtomicBool::new(false)).unwrap();
    });
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_conversation_from_its_upgrade_to_its_end() {
    insta::assert_snapshot!(
        "demo",
        followed(
            "demo.pcapng",
            1,
            Layout {
                most: 3,
                ..layout(80)
            }
        )
    );
}

#[test]
fn gaps_have_rows_where_they_are() {
    let few = Layout {
        most: 3,
        ..layout(100)
    };
    let shown = followed("ws-takeover-lost.pcap", 1, few);
    insta::assert_snapshot!("gaps", shown);
}

#[test]
fn refusals_are_told() {
    insta::assert_snapshot!("refused", followed("refused.pcap", 2, layout(60)));
}

#[test]
fn no_line_is_wider_than_the_page() {
    for width in [50, 51, 69, 70, 77, 106, 113] {
        for capture in ["demo.pcapng", "ws-takeover-lost.pcap", "ws-mixed.pcap"] {
            for line in followed(capture, 1, layout(width)).lines() {
                let columns = unicode_width::UnicodeWidthStr::width(line);
                assert!(columns <= width, "{width}: {line}");
            }
        }
    }
}

fn said(number: u64, seconds: u64, payload: &str, layout: Layout) -> String {
    let at = |seconds| Stamp {
        time: Timestamp::new(seconds, 0),
        ..Stamp::START
    };
    let message = |number, seconds| Message {
        facts: Facts {
            conversing: 1.into(),
            number,
            from: Peer::Server,
            opcode: OpCode::Text,
            first: Stamp::START.packet,
            last: at(seconds),
            frames: 1,
            compressed: false,
            inferred: false,
            wire_bytes: 20,
            payload_wire_bytes: 18,
            payload_bytes: Some(payload.len() as u64),
            known_bytes: payload.len() as u64,
            status: Status::Complete,
            truncated: false,
        },
        first_time: at(seconds).time,
        splits: &[],
        payload: payload.as_bytes(),
        text: Some(payload),
        holes: &[],
        inflated: None,
        units: &[],
    };
    let bytes = rendered(Follow::new(layout), |sink| {
        sink.event(Event::Message(&message(number, 1)));
        sink.event(Event::Message(&message(number + 1, seconds)));
    });
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_long_silence_is_a_row() {
    assert!(!said(1, 10, "a", layout(80)).contains("silence"));
    let shown = said(1, 31, "a", layout(80));
    assert!(shown.contains("─ silence of 30.0 s"), "{shown}");
    assert!(shown.contains("+30.0 s     2 ← a\n"), "{shown}");
}

#[test]
fn long_payloads_are_cut_where_that_is_asked_for() {
    let payload = "one two\n".repeat(50);
    let few = Layout {
        most: 3,
        ..layout(80)
    };
    let shown = said(1, 1, &payload, few);
    assert_eq!(shown.matches("one two").count(), 6);
    assert!(shown.contains("… not all is shown of 400 bytes"), "{shown}");
}

#[test]
fn what_is_looked_for_is_marked() {
    let needles = Needles::new([Needle::Word("TWO".to_owned())]);
    let layout = Layout {
        style: Style { colour: true },
        needles,
        ..layout(80)
    };
    let shown = said(1, 1, "one two", layout);
    assert!(
        shown.contains("\u{1b}[1m\u{1b}[4m\u{1b}[32mtwo"),
        "{shown:?}"
    );
}
