//! A conversation as a transcript.
//!
//! Job: the rows of `page::transcript`, one after the other as events come. Input: events of one
//! conversation. Output: bytes.

use std::collections::HashMap;

use super::censored::Censored;
use super::style::Style;
use crate::base::{Conversing, Timestamp};
use crate::event::{Event, Outlet, Renderer};
use crate::page::redact::Redact;
use crate::page::transcript::{Look, Said};
use crate::page::{Line, Needles, TimeFormat, units, words};

/// How a transcript looks.
#[derive(Clone)]
pub struct Layout {
    /// Columns of the page.
    pub width: usize,
    /// Lines of a payload, at most.
    pub most: usize,
    /// How time is shown. Each row has the time since the row before, so that a difference is one to
    /// the capture's first packet.
    pub time: TimeFormat,
    /// Colours.
    pub style: Style,
    /// What is marked in payloads.
    pub needles: Needles,
    /// How secrets are shown.
    pub redact: Redact,
}

/// Renders conversations row by row.
pub struct Follow {
    layout: Layout,
    start: Timestamp,
    /// The time of the row before, of each conversation.
    before: HashMap<Conversing, Timestamp, foldhash::fast::RandomState>,
}

impl Follow {
    /// A transcript that looks like this.
    pub fn new(layout: Layout) -> Self {
        Self {
            layout,
            start: Timestamp::default(),
            before: HashMap::default(),
        }
    }

    /// The lines of an event.
    fn lines(&mut self, event: Event<'_>) -> Vec<Line> {
        let (start, time) = (self.start, self.layout.time);
        let time = move |at: Timestamp| {
            let moment = time.long(at);
            moment.unwrap_or_else(|| format!("{:>11}", words::seconds(at.since(start))))
        };
        let look = Look {
            width: self.layout.width,
            most: self.layout.most,
            time: &time,
            needles: &self.layout.needles,
            redact: self.layout.redact,
        };
        let before = |of: Conversing| self.before.get(&of).copied();
        let (of, at, lines) = match event {
            Event::Connection(info) => {
                let lines = look.opening(info);
                (info.conversing, Look::opened(info), lines)
            }
            Event::Message(message) => {
                let before = before(message.conversing);
                let at = message.last.time;
                let mut lines = look.silence(at, before);
                let censored = Censored::of(message, self.layout.redact);
                let mut said = Said::of(message);
                let payload = censored.payload(message.payload);
                said.payload = &payload;
                lines.extend(look.message(&said, before).lines);
                (message.conversing, at, lines)
            }
            Event::Finding {
                conversing,
                finding,
            } if Look::has_row(finding) => {
                let lines = look.finding(finding, before(conversing));
                (conversing, finding.at.time, lines)
            }
            Event::End(end) => {
                let lines = look.end(end, before(end.conversing));
                (end.conversing, end.last.time, lines)
            }
            Event::Recognised {
                conversing,
                recognised,
            } => {
                let at = before(conversing).unwrap_or(start);
                let lines = look.note(at, None, &units::recognised(recognised));
                (conversing, at, lines)
            }
            Event::Finding { .. } | Event::Pending(_) | Event::Transport(_) | Event::Tls(_) => {
                return Vec::new();
            }
        };
        self.before.insert(of, at);
        lines
    }
}

impl Renderer for Follow {
    type Output = Vec<u8>;

    fn begin(&mut self, start: Timestamp) {
        self.start = start;
    }

    fn event(&mut self, event: Event<'_>, out: &mut Outlet<'_, Vec<u8>>) {
        for line in self.lines(event) {
            out.put(self.layout.style.line(&line).as_bytes());
            out.put(b"\n");
        }
    }
}

#[cfg(test)]
mod tests;
