//! Whole capture files, from their bytes to what a user sees.
//!
//! Holds that JSON is one valid object a line, that text is UTF-8 without anything that a
//! terminal acts on, and that sizes are the same whether or not payloads are looked at.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use wscope::base::Limits;
use wscope::capture::{Block, Source};
use wscope::check::Check;
use wscope::event::{Account, Event, EventSink, Renderer, rendered};
use wscope::output::check;
use wscope::output::connection_rows::{self, ConnectionRows, Look, Wanted};
use wscope::output::json::JsonSink;
use wscope::output::stats::Shown;
use wscope::output::stats_rows::{self, StatsRows};
use wscope::output::style::Style;
use wscope::output::text::{Layout, TextSink, TimeFormat};
use wscope::page::redact::Redact;
use wscope::pipeline::{Options, Pipeline};
use wscope::session::Detail;
use wscope::stats::Stats;

/// Enough of what a small compressed file can hold.
const PACKETS: usize = 4096;

/// Each message without its payload, one line each.
#[derive(Debug, Default)]
struct Sizes(Vec<String>);

impl EventSink for Sizes {
    fn event(&mut self, event: Event<'_>) {
        if let Event::Message(message) = event {
            self.0.push(format!(
                "{} {} {} {} {} {} {} {} {} {:?} {:?}",
                message.conversing.connection,
                message.number,
                message.from,
                message.opcode,
                message.first.number,
                message.last.packet.number,
                message.frames,
                message.wire_bytes,
                message.payload_wire_bytes,
                message.payload_bytes,
                message.status,
            ));
        }
    }
}

/// Runs the capture through a pipeline.
fn run(data: &[u8], detail: Detail, sink: &mut dyn EventSink) {
    let limits = Limits {
        packet_bytes: 1 << 18,
        fragment_bytes: 1 << 16,
        reorder_bytes: 1 << 12,
        reorder_segments: 16,
        reorder_total_bytes: 1 << 14,
        connections: 8,
        payload_bytes: 1 << 14,
        ..Limits::default()
    };
    let reader = Box::new(std::io::Cursor::new(data.to_vec()));
    let mut source = Source::from_reader("fuzz", reader, limits);
    let mut pipeline = Pipeline::new(Options {
        limits,
        ..Options::new(detail)
    });
    let mut block = Block::default();
    let mut packets = 0;
    while packets < PACKETS && source.read(&mut block).unwrap_or(false) {
        for packet in block.packets().take(PACKETS - packets) {
            pipeline.packet(&packet, sink);
            packets += 1;
        }
    }
    let tally = pipeline.finish(sink);
    let _ = tally.describe();
}

fn shown(data: &[u8], sink: impl Renderer<Output = Vec<u8>>) -> String {
    let bytes = rendered(sink, |sink| run(data, Detail::Payloads, sink));
    String::from_utf8(bytes).expect("output is UTF-8")
}

fn json(text: &str) {
    for line in text.lines() {
        assert!(line.starts_with("{\"type\":\""), "{line}");
        let value: serde_json::Value = serde_json::from_str(line).expect("a line is JSON");
        assert!(value.is_object());
        if value["type"] == "message" {
            let payload = value.get("text").is_some() || value.get("base64").is_some();
            assert!(payload != (value["status"] == "lost"), "{line}");
        }
    }
    assert!(text.is_empty() || text.ends_with('\n'));
}

/// A control character other than the line end, or one that reorders what is around it.
fn acts(character: char) -> bool {
    character != '\n' && character.is_control()
        || matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn text(text: &str) {
    assert!(
        !text.contains(acts),
        "{:?} gets through",
        text.matches(acts).next()
    );
}

fn layout(width: Option<usize>, hex: bool, time: TimeFormat) -> Layout {
    Layout {
        width,
        full: width.is_none(),
        hex,
        raw: false,
        decode: true,
        redact: Redact::Secrets,
        time,
        style: Style::default(),
    }
}

fuzz_target!(|data: &[u8]| {
    json(&shown(data, JsonSink::default().decoding(true)));

    let (mut with, mut without) = (Sizes::default(), Sizes::default());
    run(data, Detail::Payloads, &mut with);
    run(data, Detail::Sizes, &mut without);
    assert_eq!(
        with.0, without.0,
        "sizes depend on whether payloads are looked at"
    );
    if with.0.is_empty() {
        return;
    }

    for layout in [
        layout(None, false, TimeFormat::Relative),
        layout(Some(80), false, TimeFormat::Delta),
        layout(Some(80), true, TimeFormat::Utc),
    ] {
        text(&shown(data, TextSink::new(layout)));
    }

    let bars = Shown {
        histogram: true,
        ..Shown::default()
    };
    let mut out = Vec::new();
    for style in [Some(Style::default()), None] {
        let mut counted = StatsRows::new(Stats::default(), bars, style);
        run(data, Detail::Sizes, &mut counted);
        let mut page = Vec::new();
        let account = Account::default();
        stats_rows::write(vec![counted], &account, &bars, style, &mut page, &mut None)
            .expect("memory");
        match style {
            Some(_) => text(&String::from_utf8(page).expect("output is UTF-8")),
            None => out.extend(page),
        }
    }

    let mut found = Check::new(true, BTreeSet::new());
    run(data, Detail::Rules, &mut found);
    let report = Check::conclude(vec![found]);
    let layout = check::Layout {
        show: "",
        width: 80,
        all: true,
        style: Style::default(),
    };
    text(&check::text(&report, &layout));
    check::json(&report, &mut out);

    for look in [Look::Text(Style::default()), Look::Json] {
        let wanted = Wanted {
            look: look.clone(),
            redact: Redact::Secrets,
            filter: None,
            order: None,
            limit: None,
        };
        let mut rows = ConnectionRows::new(&wanted);
        run(data, Detail::Payloads, &mut rows);
        let mut page = Vec::new();
        let meant = BTreeSet::new();
        connection_rows::write(vec![rows], &wanted, &meant, &mut page, &mut None).expect("memory");
        match look {
            Look::Json => out.extend(page),
            _ => text(&String::from_utf8(page).expect("output is UTF-8")),
        }
    }
    json(&String::from_utf8(out).expect("output is UTF-8"));
});
