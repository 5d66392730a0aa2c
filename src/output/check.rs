//! Findings: what `wscope check` prints.
//!
//! Job: for each code what happened, where, how often, and what to do. Input: a [`Report`].
//! Output: text or JSON Lines.

use crate::base::Conversing;
use std::fmt::Write;

use serde::Serialize;

use super::escape;
use super::json::{self, FindingLine};
use super::style::Style;
use crate::check::{Entry, Group, Report};
use crate::finding::{Code, Severity};

/// Lines of one code, where not all are wanted.
const SHOWN: usize = 4;

/// Connections that are named in one line.
const NAMED: usize = 4;

/// How it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    /// Columns.
    pub width: usize,
    /// Nothing is left out.
    pub all: bool,
    /// Colours.
    pub style: Style,
}

#[derive(Serialize)]
struct Line<'a> {
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

/// One JSON object for each entry, the worst first.
pub fn json(report: &Report, out: &mut Vec<u8>) {
    for (code, group) in report.groups() {
        for entry in group.entries() {
            let line = Line {
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
pub fn text(report: &Report, layout: &Layout) -> String {
    let mut out = String::new();
    for (code, group) in report.groups() {
        paragraph(code, group, layout, &mut out);
    }
    sum(report, layout, &mut out);
    out
}

fn paragraph(code: Code, group: &Group, layout: &Layout, out: &mut String) {
    let style = layout.style;
    let severity = code.severity();
    let name = format!("{severity}: {code}", severity = severity.name());
    let times = times(group);
    let room = layout.width.saturating_sub(name.len() + times.len());
    let _ = writeln!(
        out,
        "{}{times}{}",
        style.severity(severity, name),
        style.dim(format_args!("{:>room$}", code.rule()))
    );
    wrap(code.title(), "  ", "  ", layout, out);
    let lines = lines(group);
    let shown = if layout.all { usize::MAX } else { SHOWN };
    for line in lines.iter().take(shown) {
        line.write(layout, out);
    }
    let told: u64 = lines.iter().take(shown).map(|line| line.count).sum();
    let rest = group.count.saturating_sub(told);
    if rest > 0 {
        let more = match (layout.all, rest) {
            (true, _) => format!("- {rest} more, which are counted only"),
            (false, 1) => "- 1 more (--all shows it)".to_owned(),
            (false, _) => format!("- {rest} more (--all shows them)"),
        };
        wrap(&more, "  ", "    ", layout, out);
    }
    let advice = format!("What to do: {}", code.advice());
    wrap(&advice, "  ", "  ", layout, out);
    out.push('\n');
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
        let says = (entry.first.from, entry.first.text.as_str());
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
    fn write(&self, layout: &Layout, out: &mut String) {
        let (entry, finding) = (self.first, &self.first.first);
        let mut place = format!("- connection {}", entry.conversing);
        if let Some(from) = finding.from {
            let _ = write!(place, ", {from}");
        }
        if let Some(message) = finding.message {
            let _ = write!(place, ", message {message}");
        }
        if finding.at.packet.number > 0 {
            let _ = write!(place, ", packet {}", finding.at.packet.number);
            if finding.at.packet.file > 0 {
                let _ = write!(place, " of file {}", finding.at.packet.file + 1);
            }
        }
        if let Some(bit) = finding.bit {
            let _ = write!(place, ", bit {bit}");
        }
        let _ = write!(place, ": {}", finding.text);
        wrap(&place, "  ", "    ", layout, out);
        if self.explains > 0 {
            let explains = plural(self.explains, "other finding");
            wrap(&format!("explains {explains}"), "    ", "    ", layout, out);
        }
        let again = self.again(layout);
        if !again.is_empty() {
            wrap(&again, "    ", "    ", layout, out);
        }
    }

    /// What is said of the others in the same line.
    fn again(&self, layout: &Layout) -> String {
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
        let most = if layout.all { usize::MAX } else { NAMED };
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

fn sum(report: &Report, layout: &Layout, out: &mut String) {
    let of = format!(
        "{}, {}",
        plural(report.connections, "connection"),
        plural(report.messages, "message")
    );
    let mut parts = Vec::new();
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let count = report.count(severity);
        if count > 0 {
            let text = plural(count, severity.name());
            parts.push(layout.style.severity(severity, text));
        }
    }
    if parts.is_empty() {
        let _ = writeln!(out, "no findings: {of}");
    } else {
        let _ = writeln!(out, "{}: {of}", parts.join(", "));
    }
}

fn plural(count: u64, word: &str) -> String {
    if count == 1 {
        format!("1 {word}")
    } else {
        format!("{count} {word}s")
    }
}

/// Appends `text`, which may come from the wire, in lines of the layout's width.
fn wrap(text: &str, first: &str, next: &str, layout: &Layout, out: &mut String) {
    let mut safe = String::new();
    escape::text(text, usize::MAX, &mut safe);
    let mut line = first.to_owned();
    let mut empty = true;
    for word in safe.split(' ') {
        let columns = unicode_width::UnicodeWidthStr::width(line.as_str());
        let with = columns + 1 + unicode_width::UnicodeWidthStr::width(word);
        if !empty && with > layout.width {
            out.push_str(&line);
            out.push('\n');
            next.clone_into(&mut line);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.push_str(&line);
    out.push('\n');
}
