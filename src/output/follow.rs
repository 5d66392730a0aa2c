//! A conversation as a transcript.
//!
//! Job: the rows of `page::transcript`, one after the other as events come. Input: events of one
//! conversation. Output: bytes.

use super::style::Style;
use crate::base::{Conversing, Timestamp};
use crate::event::{Event, Outlet, Renderer};
use crate::page::transcript::{Look, Said};
use crate::page::{Line, Needles, units, words};

/// How a transcript looks.
#[derive(Clone)]
pub struct Layout {
    /// Columns of the page.
    pub width: usize,
    /// Lines of a payload, at most.
    pub most: usize,
    /// A time as it is shown, from that of the capture's first packet; always in as many columns.
    pub time: fn(Timestamp, Timestamp) -> String,
    /// Colours.
    pub style: Style,
    /// What is marked in payloads.
    pub needles: Needles,
}

/// Seconds since the capture's first packet.
pub fn relative(at: Timestamp, start: Timestamp) -> String {
    format!("{:>11}", words::seconds(at.since(start)))
}

/// Renders conversations row by row.
pub struct Follow {
    layout: Layout,
    start: Timestamp,
    /// The conversation and the time of the row before.
    before: Option<(Conversing, Timestamp)>,
}

impl Follow {
    /// A transcript that looks like this.
    pub fn new(layout: Layout) -> Self {
        Self {
            layout,
            start: Timestamp::default(),
            before: None,
        }
    }

    /// The lines of an event.
    fn lines(&mut self, event: Event<'_>) -> Vec<Line> {
        let (start, time) = (self.start, self.layout.time);
        let time = move |at| time(at, start);
        let look = Look {
            width: self.layout.width,
            most: self.layout.most,
            time: &time,
            needles: &self.layout.needles,
        };
        let before = |of: Conversing| self.before.filter(|(one, _)| *one == of).map(|(_, at)| at);
        let (of, at, lines) = match event {
            Event::Connection(info) => {
                let lines = look.opening(info);
                (info.conversing, info.flow.first.time, lines)
            }
            Event::Message(message) => {
                let before = before(message.conversing);
                let at = message.last.time;
                let mut lines = look.silence(at, before);
                lines.extend(look.message(&Said::of(message), before).lines);
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
            Event::Finding { .. } | Event::Pending(_) | Event::Tls(_) | Event::Transport(_) => {
                return Vec::new();
            }
        };
        self.before = Some((of, at));
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
