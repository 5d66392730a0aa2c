//! The list of findings.
//!
//! Job: a line each; the rule and what to do about the selected one below. Input: the state.
//! Output: cells.

use crate::base::Conversing;
use ratatui::layout::Rect;

use super::brush::{Brush, safe};
use crate::finding::{Finding, Severity};
use crate::page::{Kind, Sheet};
use crate::tui::app::{App, Task};
use crate::tui::layout::Areas;

pub(super) fn draw(app: &App, areas: Areas, brush: &mut Brush<'_>) {
    let area = areas.list;
    let theme = brush.theme;
    brush.style(area, 0, theme.head());
    let count = |severity| app.index.finding_count(severity);
    let title = format!(
        "severity  con   msg  packet code{} ({} errors, {} warnings, {} notes)",
        match (app.study.running, app.findings.by_severity) {
            (Some(Task::Causes), _) => "; looking for causes",
            (_, true) => "; worst first",
            (_, false) => "",
        },
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Note)
    );
    brush.text(
        area,
        0,
        &safe(&title, usize::from(area.width)),
        theme.head(),
    );
    let cursor = app.findings.cursor;
    for line in 0..u16::try_from(areas.rows()).unwrap_or(0) {
        let Some((connection, finding)) = app.finding_at(cursor.top + usize::from(line)) else {
            break;
        };
        let y = line + 1;
        let severity = finding.code.severity();
        brush.text(area, y, severity.name(), theme.severity(severity));
        let message = finding.message.map_or("-".to_owned(), |m| m.to_string());
        let place = format!(
            "{connection:>4} {message:>5} {:>7} ",
            finding.at.packet.number
        );
        let mut column = 9 + brush.at(area, y, 9, &place, theme.plain());
        column += brush.at(area, y, column, finding.code.name(), theme.bold());
        let room = usize::from(area.width.saturating_sub(column + 2));
        let text = safe(&finding.text, room);
        brush.at(area, y, column + 2, &text, theme.dim());
        if cursor.top + usize::from(line) == cursor.selected {
            brush.style(area, y, theme.selected());
        }
    }
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
    if let Some((connection, finding)) = app.finding_at(cursor.selected) {
        details(*connection, finding, areas.pane, brush);
    }
}

fn details(connection: Conversing, finding: &Finding, area: Rect, brush: &mut Brush<'_>) {
    let theme = brush.theme;
    if area.height == 0 {
        return;
    }
    brush.style(area, 0, theme.head());
    let from = finding.from.map(|from| format!(", by the {from}"));
    let head = format!(
        "{} on connection {connection}{}",
        finding.code,
        from.unwrap_or_default()
    );
    brush.text(area, 0, &safe(&head, usize::from(area.width)), theme.head());
    let mut page = Sheet::new(usize::from(area.width));
    page.paragraph(Kind::Plain, &finding.text, 0);
    page.paragraph(Kind::Plain, format!("Rule: {}", finding.code.rule()), 0);
    page.paragraph(Kind::Plain, finding.code.advice(), 0);
    let below = Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    };
    brush.lines(below, &page.lines);
}
