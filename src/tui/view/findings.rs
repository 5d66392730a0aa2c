//! The list of findings.
//!
//! Job: how wide its columns are, and what stands in them; the rule and what to do about the
//! selected one below. Input: the state. Output: cells.

use std::fmt::Write;

use ratatui::layout::Rect;

use super::brush::{Brush, safe};
use super::format;
use super::table::{self, Cell, Placed};
use super::theme::Theme;
use crate::base::Conversing;
use crate::finding::{Code, Finding, Severity};
use crate::page::words::count as count_of;
use crate::page::{Kind, Sheet};
use crate::tui::app::{App, Column, FindingColumn, FindingLine, Task};
use crate::tui::layout::{self, Areas};

/// The columns that are seen.
fn columns(app: &App, area: Rect) -> Vec<Placed<FindingColumn>> {
    let table = &app.findings.table;
    let seen = table.cursor.top..table.cursor.top + usize::from(area.height);
    let codes = seen.filter_map(|line| code_at(app, line));
    let code = codes.map(|code| code.name().len()).max();
    table::place(table, area, |column, left| match column {
        FindingColumn::Severity => 8,
        FindingColumn::Time => app.time.short_columns(),
        FindingColumn::Connection => u16::try_from(app.index.widest).unwrap_or(9).max(4),
        FindingColumn::Message => 5,
        FindingColumn::Packet => 7,
        FindingColumn::Code => code.and_then(|code| u16::try_from(code).ok()).unwrap_or(4),
        FindingColumn::Text => left,
    })
}

/// The column whose head stands at `x`.
pub(super) fn head_at(app: &App, x: u16) -> Option<usize> {
    let area = layout::areas(app).list;
    table::at(&columns(app, area), area, x)
}

pub(super) fn draw(app: &App, areas: Areas, brush: &mut Brush<'_>) {
    let area = areas.list;
    let theme = brush.theme;
    let columns = columns(app, area);
    let line = |line| {
        let cells = match app.folds.lines.get(line)? {
            FindingLine::Group {
                code,
                count,
                connections,
            } => {
                let counts = (*count, *connections);
                let mark = app.folds.groups.mark(code);
                let cell = |one: &Placed<_>| group(*code, counts, mark, *one, theme);
                columns.iter().map(cell).collect()
            }
            FindingLine::One(place) => {
                let (connection, finding) = app.index.findings.get(*place)?;
                let cell = |one: &Placed<_>| cell(app, *connection, finding, *one, theme);
                columns.iter().map(cell).collect()
            }
        };
        Some((theme.plain(), cells))
    };
    let title = |column| title(app, column);
    let table = &app.findings.table;
    table::draw(
        table,
        &columns,
        (area, theme.selected()),
        brush,
        title,
        line,
    );
    if app.index.findings.is_empty() {
        let text = if app.load.loaded.is_some() {
            "no findings: as far as wscope looks, both ends kept the rules"
        } else {
            "none so far"
        };
        brush.at(
            area,
            2,
            1,
            &safe(text, usize::from(area.width)),
            theme.plain(),
        );
    }
    let selected = app.findings.table.cursor.selected;
    if let Some((connection, finding)) = app.finding_at(selected) {
        let from = finding.from.map(|from| format!(", by the {from}"));
        let from = from.unwrap_or_default();
        let head = format!("{} on connection {connection}{from}", finding.code);
        let text = app.redact.words(&finding.text);
        about(finding.code, &head, &text, areas.pane, brush);
    } else if let Some(code) = code_at(app, selected) {
        about(code, code.name(), code.title(), areas.pane, brush);
    }
}

fn title(app: &App, column: FindingColumn) -> String {
    if column != FindingColumn::Text {
        return column.head().title.to_owned();
    }
    let count = |severity| app.index.finding_count(severity);
    let causes = match app.study.running {
        Some(Task::Causes) => "; looking for causes",
        _ => "",
    };
    let mut text = format!(
        "{} errors, {} warnings, {} notes{causes}",
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Note)
    );
    match app.folds.least {
        Severity::Note => {}
        Severity::Warning => text.push_str("; no notes listed"),
        Severity::Error => text.push_str("; only errors listed"),
    }
    if !app.folds.hidden.is_empty() {
        let _ = write!(
            text,
            "; {} hidden",
            count_of(app.folds.hidden.len() as u64, "code")
        );
    }
    text
}

/// The code of a line.
fn code_at(app: &App, line: usize) -> Option<Code> {
    match app.folds.lines.get(line)? {
        FindingLine::Group { code, .. } => Some(*code),
        FindingLine::One(place) => app.index.findings.get(*place).map(|(_, one)| one.code),
    }
}

/// A cell of a line that stands for all findings of a code.
fn group(
    code: Code,
    (count, connections): (usize, usize),
    mark: &str,
    at: Placed<FindingColumn>,
    theme: Theme<'_>,
) -> Cell {
    let severity = code.severity();
    match at.column {
        FindingColumn::Severity => (severity.name().to_owned(), theme.severity(severity)),
        FindingColumn::Time => (format!("{mark}{count:>7} ×"), theme.bold()),
        FindingColumn::Code => (code.name().to_owned(), theme.bold()),
        FindingColumn::Text => {
            let on = count_of(connections as u64, "connection");
            let text = format!("on {on}: {}", code.title());
            (safe(&text, at.width.into()), theme.plain())
        }
        FindingColumn::Connection | FindingColumn::Message | FindingColumn::Packet => {
            (String::new(), theme.plain())
        }
    }
}

/// What a code is about, under a head.
fn about(code: Code, head: &str, said: &str, area: Rect, brush: &mut Brush<'_>) {
    if area.height == 0 {
        return;
    }
    let theme = brush.theme;
    brush.style(area, 0, theme.head());
    brush.text(area, 0, &safe(head, usize::from(area.width)), theme.head());
    let mut page = Sheet::new(usize::from(area.width));
    page.paragraph(Kind::Plain, said, 0);
    page.paragraph(Kind::Plain, format!("Rule: {}", code.rule()), 0);
    page.paragraph(Kind::Plain, code.advice(), 0);
    brush.lines(Brush::below(area, 1), &page.lines);
}

fn cell(
    app: &App,
    connection: Conversing,
    finding: &Finding,
    at: Placed<FindingColumn>,
    theme: Theme<'_>,
) -> Cell {
    let severity = finding.code.severity();
    match at.column {
        FindingColumn::Severity => (severity.name().to_owned(), theme.severity(severity)),
        FindingColumn::Time => {
            let shown = format::time(finding.at.time, app.origin(), app.time);
            (shown, theme.dim())
        }
        FindingColumn::Connection => (connection.to_string(), theme.plain()),
        FindingColumn::Message => {
            let message = finding.message.map_or("-".to_owned(), |m| m.to_string());
            (message, theme.plain())
        }
        FindingColumn::Packet => (finding.at.packet.number.to_string(), theme.plain()),
        FindingColumn::Code => (finding.code.name().to_owned(), theme.bold()),
        FindingColumn::Text => {
            let text = app.redact.words(&finding.text);
            (safe(&text, at.width.into()), theme.dim())
        }
    }
}
