//! Findings: what `wscope check` prints.
//!
//! Job: for each code what happened, where, how often, and what to do. Input: a [`Report`].
//! Output: text or JSON Lines.

use crate::base::Conversing;
use std::fmt::Write;

use serde::Serialize;

use super::json::{self, FindingLine};
use super::style::Style;
use crate::check::{Entry, Group, Report};
use crate::finding::{Code, Severity};
use crate::page::words::{self, count};
use crate::page::{Kind, Line, Sheet};

/// Lines of one code, where not all are wanted.
const SHOWN: usize = 4;

/// Connections that are named in one line.
const NAMED: usize = 4;

/// How it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Layout<'a> {
    /// The command that shows messages of these captures, to which -c and -m are added; empty
    /// where they cannot be read again.
    pub show: &'a str,
    /// Columns.
    pub width: usize,
    /// Nothing is left out.
    pub all: bool,
    /// Colours.
    pub style: Style,
}

#[derive(Serialize)]
struct JsonLine<'a> {
    #[serde(flatten)]
    finding: FindingLine<'a>,
    title: &'static str,
    advice: &'static str,
    count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    explains: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_message: Option<u64>,
    last_packet: u64,
    #[serde(skip_serializing_if = "json::is_zero")]
    last_file: u32,
    last_time: String,
}

/// Fields that a row has where none are named.
pub const USUAL: &[&str] = &[
    "severity",
    "code",
    "connection",
    "stream",
    "from",
    "message",
    "packet",
    "time",
    "count",
    "rule",
    "text",
];

/// One JSON object for each entry, the worst first.
pub fn json(report: &Report, out: &mut Vec<u8>) {
    for (code, group) in report.groups() {
        for entry in group.entries() {
            let line = JsonLine {
                finding: FindingLine::of(entry.conversing, &entry.first),
                title: code.title(),
                advice: code.advice(),
                count: entry.count,
                explains: (entry.explains > 0).then_some(entry.explains),
                last_message: entry.last_message,
                last_packet: entry.last.packet.number,
                last_file: entry.last.packet.file,
                last_time: entry.last.time.to_string(),
            };
            json::line(&line, out);
        }
    }
}

/// A paragraph for each code, the worst first, and a sum.
pub fn text(report: &Report, layout: &Layout<'_>) -> String {
    let mut page = Sheet::new(layout.width);
    for (code, group) in report.groups() {
        paragraph(code, group, layout, &mut page);
    }
    page.line(sum(report));
    layout.style.page(&page.lines)
}

fn paragraph(code: Code, group: &Group, layout: &Layout<'_>, page: &mut Sheet) {
    let all = layout.all;
    let severity = code.severity();
    let name = format!("{}: {code}", severity.name());
    let head = Line::of(severity, name).plain(times(group));
    let room = page.width.saturating_sub(head.width());
    page.line(head.with(
        Kind::Note,
        format!("  {:>1$}", code.rule(), room.saturating_sub(2)),
    ));
    page.paragraph(Kind::Plain, code.title(), 2);
    let lines = lines(group);
    let shown = if all { usize::MAX } else { SHOWN };
    for line in lines.iter().take(shown) {
        line.write(all, page);
    }
    let told: u64 = lines.iter().take(shown).map(|line| line.count).sum();
    let rest = group.count.saturating_sub(told);
    if rest > 0 {
        let more = match (all, rest) {
            (true, _) => format!("{rest} more, which are counted only"),
            (false, 1) => "1 more (--all shows it)".to_owned(),
            (false, _) => format!("{rest} more (--all shows them)"),
        };
        page.named(Line::new().plain("  - "), more, Kind::Plain, 4);
    }
    page.paragraph(Kind::Plain, format!("What to do: {}", code.advice()), 2);
    if let Some(place) = group.entries().next().filter(|_| !layout.show.is_empty()) {
        let message = place.first.message.map(|number| format!(" -m {number}"));
        let message = message.unwrap_or_default();
        let show = format!("{} -c {}{message}", layout.show, place.conversing);
        page.named(
            Line::new().padded(2).with(Kind::Note, "Look at it: "),
            show,
            Kind::Plain,
            4,
        );
    }
    page.blank();
}

fn times(group: &Group) -> String {
    match (group.count, group.connections) {
        (1, _) => String::new(),
        (count, 1) => format!(", {count} times"),
        (count, connections) => format!(", {count} times on {connections} connections"),
    }
}

/// Entries that say the same of several connections.
struct Shown<'a> {
    first: &'a Entry,
    /// The connections, the first one's left out.
    others: Vec<Conversing>,
    count: u64,
    explains: u64,
}

fn lines(group: &Group) -> Vec<Shown<'_>> {
    let mut lines: Vec<Shown<'_>> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for entry in group.entries() {
        let says = (entry.first.from, entry.first.text.as_ref());
        let place = *places.entry(says).or_insert(lines.len());
        match lines.get_mut(place) {
            Some(line) => {
                if line.first.conversing != entry.conversing {
                    line.others.push(entry.conversing);
                }
                line.count += entry.count;
                line.explains += entry.explains;
            }
            None => lines.push(Shown {
                first: entry,
                others: Vec::new(),
                count: entry.count,
                explains: entry.explains,
            }),
        }
    }
    lines
}

impl Shown<'_> {
    fn write(&self, all: bool, page: &mut Sheet) {
        let (entry, finding) = (self.first, &self.first.first);
        let mut place = format!("connection {}", entry.conversing);
        if let Some(from) = finding.from {
            let _ = write!(place, ", {from}");
        }
        if let Some(message) = finding.message {
            let _ = write!(place, ", message {message}");
        }
        if finding.at.packet.number > 0 {
            let _ = write!(place, ", {}", words::packet(finding.at.packet));
        }
        if let Some(bit) = finding.bit {
            let _ = write!(place, ", bit {bit}");
        }
        let _ = write!(place, ": {}", finding.text);
        page.named(Line::new().plain("  - "), place, Kind::Plain, 4);
        if self.explains > 0 {
            let explains = format!("explains {}", count(self.explains, "other finding"));
            page.paragraph(Kind::Plain, explains, 4);
        }
        let again = self.again(all);
        if !again.is_empty() {
            page.paragraph(Kind::Plain, again, 4);
        }
    }

    /// What is said of the others in the same line.
    fn again(&self, all: bool) -> String {
        let entry = self.first;
        let more = self.count - 1;
        if more == 0 {
            return String::new();
        }
        if self.others.is_empty() {
            let message = entry.last_message;
            let message =
                message.map_or_else(String::new, |message| format!("message {message}, "));
            let last = format!("{message}packet {}", entry.last.packet.number);
            return if more == 1 {
                format!("and again: {last}")
            } else {
                format!("and {more} times more, the last: {last}")
            };
        }
        let mut others = self.others.clone();
        others.sort_unstable();
        others.dedup();
        let most = if all { usize::MAX } else { NAMED };
        let mut names: Vec<_> = others
            .iter()
            .take(most)
            .map(Conversing::to_string)
            .collect();
        if others.len() > most {
            names.push(format!("{} others", others.len() - most));
        }
        let connections = match names.split_last() {
            Some((only, [])) => format!("connection {only}"),
            Some((last, rest)) => format!("connections {} and {last}", rest.join(", ")),
            None => String::new(),
        };
        match more {
            1 => format!("and once more, on {connections}"),
            _ => format!("and {more} times more, on {connections}"),
        }
    }
}

fn sum(report: &Report) -> Line {
    let mut line = Line::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let number = report.count(severity);
        if number > 0 {
            line.put(Kind::Plain, if line.is_empty() { "" } else { ", " });
            line.put(severity, count(number, severity.name()));
        }
    }
    if line.is_empty() {
        line.put(Kind::Plain, "no findings");
    }
    line.plain(format!(
        ": {}, {}",
        count(report.connections, "connection"),
        count(report.messages, "message")
    ))
}
