//! Messages as lines for people.
//!
//! Job: a line a message, columns that line up, the payload last. Input: [`Event`]s.
//! Output: bytes; a long payload goes out in parts, so that no line is held whole.

mod payload;

use std::collections::HashMap;
use std::fmt::Write;

use super::censored::Censored;
use super::style::Style;
use crate::base::{Conversing, Timestamp};
use crate::event::{Event, Message, Outlet, Pending, Renderer};
use crate::finding::{Finding, Severity};
use crate::page::escape;
use crate::page::redact::Redact;
use crate::page::{Dump, Kind, units, words};

pub use crate::page::TimeFormat;

/// What a line looks like.
#[derive(Debug, Clone, Copy)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, none excludes another"
)]
pub struct Layout {
    /// Columns of the terminal; `None` where nothing is cut.
    pub width: Option<usize>,
    /// Payloads are not cut.
    pub full: bool,
    /// Payloads follow as a hex dump.
    pub hex: bool,
    /// Payloads even where their subprotocol says more.
    pub raw: bool,
    /// What compressed and binary payloads say, in their place.
    pub decode: bool,
    /// How secrets are shown.
    pub redact: Redact,
    /// How time is shown.
    pub time: TimeFormat,
    /// Colours.
    pub style: Style,
}

impl Layout {
    /// Whether payloads are cut to the width.
    fn is_cut(&self) -> bool {
        self.width.is_some() && !self.full
    }
}

/// Renders messages and findings as text.
#[derive(Debug)]
pub struct TextSink {
    layout: Layout,
    start: Timestamp,
    /// Per connection, the time of the message before.
    before: HashMap<Conversing, Timestamp, foldhash::fast::RandomState>,
    /// Per connection, units without an answer.
    pending: HashMap<Conversing, u64, foldhash::fast::RandomState>,
    /// The end of the line that is being written.
    text: String,
}

/// Bytes of a payload that are made into text at a time where it is not cut.
const PART: usize = 1 << 16;

/// Units without an answer that have a line each.
const PENDING: u64 = 8;

/// Where the lines go.
type Out<'a, 'b> = &'a mut Outlet<'b, Vec<u8>>;

impl TextSink {
    /// A sink that writes lines so.
    pub fn new(layout: Layout) -> Self {
        Self {
            layout,
            start: Timestamp::default(),
            before: HashMap::default(),
            pending: HashMap::default(),
            text: String::new(),
        }
    }

    /// The line above the first.
    pub fn head(layout: &Layout) -> String {
        let time = match layout.time {
            // Where it is absolute each line has its zone.
            TimeFormat::Utc | TimeFormat::Local | TimeFormat::Relative => "time",
            TimeFormat::Epoch => "epoch",
            TimeFormat::Delta => "delta",
        };
        let line = format!(
            "{:>3} {:>4} {:>time_width$} {:<6} {:<6} {:>6} {:>7} {:>5} {:<3} payload",
            "conn",
            "#",
            time,
            "from",
            "opcode",
            "wire",
            "payload",
            "ratio",
            "flags",
            time_width = layout.time.columns(),
        );
        layout.style.paint(Kind::Head, line) + "\n"
    }

    fn message(&mut self, message: &Message<'_>, out: Out<'_, '_>) {
        let style = self.layout.style;
        let time = self.time(message);
        let ratio = words::ratio_of(message);
        let payload = message
            .payload_bytes
            .map_or_else(|| "?".to_owned(), |bytes| bytes.to_string());
        let from = format!("{:<6}", message.from);
        let coloured = style.paint(message.from, &from);
        let hidden = coloured.len() - from.len();
        self.text.clear();
        let _ = write!(
            self.text,
            "{:>3} {:>4} {time} {} {:<6} {:>6} {payload:>7} {ratio:>5} {:<3} ",
            message.conversing,
            message.number,
            coloured,
            message.opcode.to_string(),
            message.wire_bytes,
            words::flags(message),
        );
        let used = self.text.len() - hidden;
        let width = match self.layout.width {
            Some(width) if self.layout.is_cut() => width.saturating_sub(used),
            _ => usize::MAX,
        };
        let censored = Censored::of(message, self.layout.redact);
        if self.layout.hex && censored == Censored::No {
            self.hex(message, out);
        } else {
            self.payload(message, (width, &censored), out);
            self.text.push('\n');
        }
        out.put(self.text.as_bytes());
    }

    /// A dump under the line.
    fn hex(&mut self, message: &Message<'_>, out: Out<'_, '_>) {
        let note = match Self::note(message) {
            note if !note.is_empty() => self.layout.style.paint(Kind::Hole, note),
            _ if message.truncated => "(only the first part is kept)".to_owned(),
            _ => String::new(),
        };
        self.text.push_str(&note);
        self.text.truncate(self.text.trim_end().len());
        self.text.push('\n');
        for line in Dump::new(message.payload, message.holes).rows(|_| Kind::Plain) {
            let _ = writeln!(self.text, "  {}", line.text());
            if self.text.len() >= PART {
                out.put(self.text.as_bytes());
                self.text.clear();
            }
        }
    }

    fn time(&mut self, message: &Message<'_>) -> String {
        let now = message.last.time;
        if let Some(moment) = self.layout.time.long(now) {
            return moment;
        }
        let nanos = if self.layout.time == TimeFormat::Delta {
            let before = self.before.insert(message.conversing, now);
            before.map_or(0, |before| now.since(before))
        } else {
            now.since(self.start)
        };
        format!("{:>10}", words::seconds(nanos))
    }

    fn pending(&mut self, pending: &Pending, out: Out<'_, '_>) {
        let count = self.pending.entry(pending.conversing).or_default();
        *count += 1;
        if *count > PENDING {
            return;
        }
        let question = &pending.question;
        let text = format!(
            " message {}: {} {} of the {} was not answered in {}",
            question.unit.message,
            units::title(pending.protocol),
            escape::safe(&self.layout.redact.subject(&question.what)),
            question.from,
            words::span(pending.age),
        );
        self.remark(pending.conversing, (Kind::Hole, "? pending"), &text, out);
    }

    fn finding(&self, connection: Conversing, finding: &Finding, out: Out<'_, '_>) {
        let severity = finding.code.severity();
        if severity == Severity::Note {
            return;
        }
        let message = finding
            .message
            .map(|n| format!(" message {n}"))
            .unwrap_or_default();
        let text = format!(
            " packet {}{message}: {} [{}, {}]",
            finding.at.packet.number,
            escape::safe(&self.layout.redact.words(&finding.text)),
            finding.code,
            finding.code.rule(),
        );
        let sign = format!("! {}", severity.name());
        self.remark(connection, (severity.into(), &sign), &text, out);
    }

    /// A line about no payload, cut as those of messages are.
    fn remark(
        &self,
        connection: Conversing,
        (kind, sign): (Kind, &str),
        text: &str,
        out: Out<'_, '_>,
    ) {
        let place = format!("{connection:>3} ");
        let used = place.len() + sign.len();
        let mut line = place + &self.layout.style.paint(kind, sign);
        match self.layout.width {
            Some(width) if self.layout.is_cut() => {
                escape::text(text, width.saturating_sub(used), &mut line);
            }
            _ => line.push_str(text),
        }
        line.push('\n');
        out.put(line.as_bytes());
    }
}

impl Renderer for TextSink {
    type Output = Vec<u8>;

    fn begin(&mut self, start: Timestamp) {
        self.start = start;
    }

    fn event(&mut self, event: Event<'_>, out: &mut Outlet<'_, Vec<u8>>) {
        match event {
            Event::Message(message) => self.message(message, out),
            Event::Finding {
                conversing,
                finding,
            } => self.finding(conversing, finding, out),
            Event::Pending(pending) => {
                self.pending(pending, out);
            }
            Event::End(end) => {
                self.before.remove(&end.conversing);
                let count = self.pending.remove(&end.conversing).unwrap_or(0);
                if count > PENDING {
                    let more = count - PENDING;
                    let line = format!(
                        "{:>3} ? and {more} more, see them with --json\n",
                        end.conversing
                    );
                    out.put(line.as_bytes());
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{Peer, Stamp};
    use crate::event::{EventSink, Facts, Reason, Status, rendered};
    use crate::ws::OpCode;

    #[test]
    fn holes_and_notes_keep_the_width() {
        let at = Stamp::START;
        let message = Message {
            facts: Facts {
                conversing: 1.into(),
                number: 1,
                from: Peer::Server,
                opcode: OpCode::Text,
                first: at.packet,
                last: at,
                frames: 1,
                compressed: true,
                inferred: false,
                wire_bytes: 20,
                payload_wire_bytes: 18,
                payload_bytes: None,
                known_bytes: 3,
                status: Status::Partial(Reason::HistoryLost),
                truncated: false,
            },
            first_time: at.time,
            inflated: None,
            units: &[],
            splits: &[],
            payload: "ab\0\0日本\0c".as_bytes(),
            text: None,
            holes: &[(2, 2), (10, 1)],
        };
        let line = |width, colour| {
            let layout = Layout {
                width: Some(width),
                full: false,
                hex: false,
                raw: false,
                decode: false,
                redact: Redact::Nothing,
                time: TimeFormat::Relative,
                style: Style { colour },
            };
            let sink = TextSink::new(layout);
            let line = rendered(sink, |sink| sink.event(Event::Message(&message)));
            String::from_utf8(line).unwrap()
        };
        let whole = line(200, false);
        assert!(whole.ends_with("(partial: history-lost) ab[░2]日本[░1]c[░?]\n"));
        for width in 84..120 {
            let shown = line(width, false);
            let columns = unicode_width::UnicodeWidthStr::width(shown.trim_end());
            assert!(columns <= width, "{width}: {shown}");
            assert!(shown == whole || shown.ends_with("…\n"), "{width}: {shown}");
            let mut parts = line(width, true);
            while let Some(code) = parts.find('\x1b') {
                let end = parts[code..].find('m').unwrap();
                parts.replace_range(code..=code + end, "");
            }
            assert_eq!(parts, shown);
        }
        assert_eq!(line(111, false), whole);
    }
}
