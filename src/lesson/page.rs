//! The lab and its lessons as pages.
//!
//! Job: lay out what each message costs, explanations, and lessons with their questions. Input:
//! what was made, taken and played. Output: lines, which text and the UI both draw.

use std::fmt::Write;

use super::document::Question;
use super::instruction::Part;
use super::lab::{Content as Typed, Item, Lab};
use super::made::{Made, Size};
use super::shown::{Content, Scene};
use super::taken::Taken;
use crate::base::Timestamp;
use crate::explain::{Explanation, Layout, handshake as explained, text};
use crate::page::redact::Redact;
use crate::page::words::{count, extension, grouped, hex};
use crate::page::{Kind, Line, Sheet, escape};

/// Columns for the beginning of a payload.
const BEGINNING: usize = 28;

/// How explanations are laid out.
fn layout(width: usize, start: Timestamp) -> Layout {
    Layout {
        width,
        symbols: None,
        all: false,
        tables: false,
        bytes: false,
        redact: Redact::Nothing,
        start,
    }
}

/// `server text "Hello"`: what a side sends, in one line.
pub fn said(item: &Item) -> String {
    let lost = if item.lost { "lost: " } else { "" };
    let from = item.from;
    match &item.content {
        Typed::Message(opcode, payload) => {
            format!("{lost}{from} {opcode} {}", beginning(payload, 50))
        }
        Typed::Frames(bytes) => format!("{lost}{from} frames {}", hex(bytes, |_| true)),
        Typed::Deflate(bytes) => format!("{lost}{from} deflate {}", hex(bytes, |_| true)),
    }
}

/// The beginning of a payload, as text where it is text.
fn beginning(payload: &[u8], width: usize) -> String {
    let mut out = String::new();
    escape::bytes(payload, false, width, &mut out);
    out
}

/// `14 bytes on the wire; alone it would be 39, uncompressed 45, before 20`.
pub fn cost(size: &Size, before: Option<&Size>) -> String {
    let mut said = format!("{} on the wire", count(size.wire, "byte"));
    if let Some(alone) = size.alone {
        let _ = write!(said, "; alone it would be {}", grouped(alone));
        if let Some(plain) = size.plain {
            let _ = write!(said, ", uncompressed {}", grouped(plain));
        }
    }
    if let Some(before) = before.filter(|before| before.wire != size.wire) {
        let _ = write!(
            said,
            "; it was {} before the last change",
            grouped(before.wire)
        );
    }
    said
}

/// What each message costs, a line each.
pub fn sizes(lab: &Lab, made: &Made, before: &[Size], width: usize) -> Vec<Line> {
    let mut page = Sheet::new(width);
    let changed = before.len() == made.sizes.len() && before != made.sizes.as_slice();
    let was = if changed { "  before" } else { "" };
    let head = format!(
        "  {:>3}  {:<6} {:<6} {:>7} {:>7} {:>7} {:>7}{was}  {}",
        "#", "from", "kind", "payload", "plain", "alone", "wire", "what"
    );
    page.line(Line::of(Kind::Head, head));
    for (number, (item, size)) in (1..).zip(lab.items.iter().zip(&made.sizes)) {
        let kind = match &item.content {
            Typed::Message(opcode, _) => opcode.to_string(),
            Typed::Frames(_) => "frames".to_owned(),
            Typed::Deflate(_) => "z".to_owned(),
        };
        let figure = |value: Option<u64>| value.map_or_else(|| "-".to_owned(), grouped);
        let mut line = Line::new().plain(format!("  {number:>3}  "));
        line.put(item.from, format!("{:<6}", item.from.name()));
        line.put(
            Kind::Plain,
            format!(
                " {kind:<6} {:>7} {:>7} {:>7} ",
                figure(size.payload),
                figure(size.plain),
                figure(size.alone)
            ),
        );
        line.put(Kind::Head, format!("{:>7}", grouped(size.wire)));
        if changed {
            let old = before.get(number - 1).map(|size| size.wire);
            line.put(Kind::Note, format!("  {:>6}", figure(old)));
        }
        let rest = width.saturating_sub(line.width() + 2).min(BEGINNING);
        let text = if item.lost {
            "its payload is not captured".to_owned()
        } else {
            beginning(item.bytes(), rest)
        };
        page.line(line.plain("  ").plain(text));
    }
    let total = |sizes: &[Size]| grouped(sizes.iter().map(|size| size.wire).sum());
    let mut line = format!("  {} on the wire", total(&made.sizes));
    if changed {
        let _ = write!(line, "; before the last change {}", total(before));
    }
    page.line(Line::of(Kind::Note, line));
    page.lines
}

/// A part of a message's page.
pub fn message(message: &Explanation, part: Part, width: usize, start: Timestamp) -> Vec<Line> {
    let layout = layout(width, start);
    let one = |part| text::part(message, part, &layout);
    match part {
        Part::Whole => text::page(message, &layout),
        Part::Header => one(text::Part::Carriers),
        Part::Symbols => one(text::Part::Blocks),
        Part::Codes => {
            let layout = Layout {
                tables: true,
                all: true,
                ..layout
            };
            text::part(message, text::Part::Blocks, &layout)
        }
        Part::Payload => one(text::Part::Payload),
        Part::Bytes => {
            let layout = Layout {
                bytes: true,
                ..layout
            };
            text::part(message, text::Part::Carriers, &layout)
        }
    }
}

/// The handshakes.
pub fn handshake(taken: &Taken, width: usize) -> Vec<Line> {
    let layout = layout(width, taken.start);
    let pages = taken.handshakes.iter();
    let pages = pages.flat_map(|(info, findings)| explained::page(info, findings, &layout));
    pages.collect()
}

/// What they say about extensions.
pub fn extensions(taken: &Taken, width: usize) -> Vec<Line> {
    let layout = layout(width, taken.start);
    let pages = taken.handshakes.iter();
    let pages = pages.flat_map(|(info, _)| explained::extensions(info, &layout));
    pages.collect()
}

/// A whole lab: what holds, what each message costs, and each message bit by bit.
pub fn lab(lab: &Lab, made: &Made, taken: &Taken, layout: &Layout) -> Vec<Line> {
    let mut page = Sheet::new(layout.width);
    let changed = lab.controls.changed();
    let what = extension(lab.controls.agreement());
    let said = if changed.is_empty() {
        "zlib's defaults".to_owned()
    } else {
        changed
    };
    page.head(format!(
        "the lab: {}",
        count(lab.items.len() as u64, "message")
    ));
    page.paragraph(Kind::Plain, format!("{what}; {said}"), 2);
    page.blank();
    page.lines.extend(sizes(lab, made, &[], layout.width));
    for message in &taken.messages {
        page.blank();
        page.lines.extend(text::page(message, layout));
        let size = made
            .item_at(message.first.number)
            .and_then(|item| made.sizes.get(item));
        if let Some(size) = size.filter(|size| size.payload.is_some()) {
            page.blank();
            page.paragraph(Kind::Head, cost(size, None), 0);
        }
    }
    page.lines
}

/// A played lesson as text: its questions, and each answer after it.
pub fn lesson(title: &str, scenes: &[Scene], width: usize) -> Vec<Line> {
    let mut page = Sheet::new(width);
    for scene in scenes {
        if scene.title == title {
            page.head(&scene.title);
            page.line(Line::of(
                Kind::Head,
                "=".repeat(scene.title.chars().count().min(width)),
            ));
        } else {
            page.blank();
            page.head(format!("## {}", scene.title));
        }
        let mut done = false;
        for content in &scene.content {
            let is_done = matches!(content, Content::Done(_) | Content::Literal(_));
            if !(done && is_done) {
                page.blank();
            }
            done = is_done;
            one(content, true, &mut page);
        }
    }
    page.lines
}

/// A part of a scene; a question with its answer where that is `told`.
pub fn one(content: &Content, told: bool, page: &mut Sheet) {
    match content {
        Content::Prose(text) => page.paragraph(Kind::Plain, text, 0),
        Content::Entry(text) => page.named(Line::new().plain("- "), text, Kind::Plain, 2),
        Content::Literal(line) => page.line(Line::new().plain(format!("    {line}"))),
        Content::Done(what) => page.cut(
            Line::of(Kind::Note, "  > "),
            &Line::of(Kind::Label, what),
            4,
        ),
        Content::Page(lines) => page.lines.extend(lines.iter().cloned()),
        Content::Question(asked) => {
            question(asked, page);
            if told {
                answer(asked, page);
            }
        }
    }
}

/// What is asked, with what can be chosen.
pub fn question(question: &Question, page: &mut Sheet) {
    page.named(Line::of(Kind::Found, "? "), &question.text, Kind::Head, 2);
    for ((_, choice), letter) in question.choices.iter().zip('a'..) {
        page.named(
            Line::new().plain(format!("  {letter} ")),
            choice,
            Kind::Plain,
            4,
        );
    }
}

/// Its answer, and why.
pub fn answer(question: &Question, page: &mut Sheet) {
    let letter = question
        .choices
        .iter()
        .zip('a'..)
        .find(|((right, _), _)| *right);
    let letter = letter.map_or_else(String::new, |(_, letter)| format!("{letter}: "));
    page.named(
        Line::of(Kind::Found, "= "),
        format!("{letter}{}", question.answer),
        Kind::Found,
        2,
    );
    if !question.why.is_empty() {
        page.paragraph(Kind::Plain, &question.why, 2);
    }
}
