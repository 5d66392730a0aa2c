//! One message in tabs.
//!
//! Job: its head, the names of the tabs, and the one that is looked at. Input: the state.
//! Output: cells.

use std::fmt::Write;

use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use strum::VariantArray;

use super::brush::{Brush, safe};
use super::{deflate, format, frames, handshake, scroll, units, wire};
use crate::page::words::{count, grouped};
use crate::page::{Kind, words};
use crate::tui::app::{App, Screen, Tab};
use crate::tui::index::Row;
use crate::tui::layout;

/// Tabs with the column and text of their names.
fn tabs(width: u16) -> Vec<(u16, &'static str, Tab)> {
    let short = width < 56;
    let mut column = 0;
    let tabs = Tab::VARIANTS.iter().map(|&tab| {
        let title = tab.title();
        let title = if short {
            title.get(..4).unwrap_or(title)
        } else {
            title
        };
        let at = column;
        column += u16::try_from(title.len()).unwrap_or(0) + 2;
        (at, title, tab)
    });
    tabs.collect()
}

/// The tab whose name stands at a column of the terminal.
pub fn tab_at(app: &App, x: u16) -> Option<Tab> {
    let area = layout::areas(app).pane;
    let found = tabs(area.width).into_iter().find(|(at, title, _)| {
        let start = area.x + at;
        (start..start + u16::try_from(title.len()).unwrap_or(0)).contains(&x)
    });
    found.map(|(.., tab)| tab)
}

/// Lines of the tab that is looked at, where they do not depend on the width.
pub fn tab_lines(app: &App) -> usize {
    match app.message.tab {
        Tab::Frames => frames::lines(app).len(),
        Tab::Handshake => handshake::lines(app).len(),
        Tab::Units | Tab::Payload | Tab::Wire | Tab::Deflate => 0,
    }
}

pub(super) fn draw(app: &App, area: Rect, brush: &mut Brush<'_>) {
    if area.height == 0 {
        return;
    }
    let theme = brush.theme;
    brush.style(area, 0, theme.head());
    let mut end = 0;
    for (at, title, tab) in tabs(area.width) {
        let style = match (tab == app.message.tab, app.on_message()) {
            (true, true) => theme.selected(),
            (true, false) => theme.head(),
            (false, _) => theme.dim(),
        };
        end = at + brush.at(area, 0, at, title, style);
    }
    let Some((place, row)) = app.place.and_then(|p| Some((p, app.index.get(p)?))) else {
        brush.at(area, 1, 1, "no message is selected", theme.dim());
        return;
    };
    let summary = summary(app, &row);
    let room = usize::from(area.width.saturating_sub(end + 2));
    let shown = safe(&summary, room);
    brush.right(area, 0, &shown, theme.peer(row.from));
    let body = Brush::below(area, 1);
    let body = if app.screen == Screen::Message {
        facts(app, &row, body, brush)
    } else {
        body
    };
    match app.message.tab {
        Tab::Payload => payload(app, place, body, brush),
        Tab::Frames => scroll::lines(app.message.top(), &frames::lines(app), body, brush),
        Tab::Handshake => scroll::lines(app.message.top(), &handshake::lines(app), body, brush),
        Tab::Units => {
            let (lines, selected) = units::lines(app);
            let room = lines.len().saturating_sub(usize::from(body.height));
            scroll::lines(selected.min(room), &lines, body, brush);
        }
        Tab::Wire => wire::draw(app, body, brush),
        Tab::Deflate => deflate::draw(app, body, brush),
    }
}

fn summary(app: &App, row: &Row) -> String {
    let marks = format::flags(row);
    let size = row.payload().map_or("?".to_owned(), words::brief);
    let of = if app.of_one() {
        String::new()
    } else {
        format!("{}/", row.conversing())
    };
    format!(
        "{} {of}{} {} {size} B {marks}",
        words::arrow(row.from),
        row.number,
        row.opcode
    )
    .trim_end()
    .to_owned()
}

/// Two lines about the message and its findings, where there is room; what is left below them.
fn facts(app: &App, row: &Row, area: Rect, brush: &mut Brush<'_>) -> Rect {
    if area.height < 10 || app.present {
        return area;
    }
    let mut at = 2;
    let theme = brush.theme;
    let width = usize::from(area.width);
    brush.text(area, 0, &safe(&place(app, row), width), theme.plain());
    brush.text(area, 1, &safe(&sizes(row), width), theme.plain());
    if row.finding.is_some() {
        let number = (row.conversing(), Some(u64::from(row.number)));
        let all = app.index.findings.iter();
        for (_, finding) in all.filter(|(c, f)| (*c, f.message) == number).take(3) {
            let severity = finding.code.severity();
            let said = app.redact.words(&finding.text);
            let text = format!("{} {}: {said}", severity.name(), finding.code);
            brush.text(area, at, &safe(&text, width), theme.severity(severity));
            at += 1;
        }
    }
    brush.style(
        area,
        at - 1,
        Style::new().add_modifier(Modifier::UNDERLINED),
    );
    Brush::below(area, at)
}

/// Where a message stands.
fn place(app: &App, row: &Row) -> String {
    let start = app.index.start.unwrap_or_default();
    let packets = if row.first_packet == row.last_packet {
        row.last_packet.to_string()
    } else {
        format!("{}–{}", row.first_packet, row.last_packet)
    };
    format!(
        "connection {} message {} from the {}, packet {packets}, {} s, {}",
        row.conversing(),
        row.number,
        row.from,
        words::seconds(row.time.since(start)),
        words::date_and_clock(row.time)
    )
}

/// What a message cost.
fn sizes(row: &Row) -> String {
    let mut text = format!("{} on the wire", count(row.wire, "byte"));
    if row.frames != 1 {
        let _ = write!(text, " in {} frames", row.frames);
    }
    let wire = grouped(row.payload_wire);
    let _ = match row.payload() {
        Some(payload) if row.compressed => write!(
            text,
            ", payload {} inflated from {wire}, ratio {}",
            grouped(payload),
            words::ratio_of(&row.facts())
        ),
        Some(payload) => write!(text, ", payload {}", grouped(payload)),
        None => write!(text, ", payload unknown"),
    };
    text
}

fn payload(app: &App, place: usize, area: Rect, brush: &mut Brush<'_>) {
    let theme = brush.theme;
    let document = app
        .message
        .document
        .as_ref()
        .filter(|document| Some(document.key) == app.message.key);
    if let Some(document) = document {
        let hit = document.found.get(app.message.hit);
        let line = hit.and_then(|(line, number)| {
            let marked = document.lines.get(*line)?.with_kind(*number, Kind::Chosen);
            Some((*line, marked))
        });
        scroll::lines(app.message.top(), &document.lines, area, brush);
        if let Some((at, line)) = line
            && let Some(at) = at.checked_sub(app.message.top())
            && let Ok(at) = u16::try_from(at)
        {
            brush.spans(area, at, &line);
        }
        return;
    }
    if let Some((_, why)) = app
        .message
        .failed
        .as_ref()
        .filter(|(key, _)| Some(*key) == app.message.key)
    {
        let text = format!("cannot be read again: {why}");
        brush.at(
            area,
            0,
            1,
            &safe(&text, usize::from(area.width)),
            theme.plain(),
        );
        return;
    }
    // What the index has, until the rest comes.
    let preview = String::from_utf8_lossy(&app.index.preview(place)).into_owned();
    let text = app.index.get(place).is_some_and(|row| row.text);
    if text {
        brush.text(
            area,
            0,
            &safe(&preview, usize::from(area.width)),
            theme.plain(),
        );
    }
    brush.text(area, 1, "reading…", theme.dim());
}
