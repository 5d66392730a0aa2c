//! What the subprotocol makes of a message.
//!
//! Job: each unit with its fields below it, as a tree. Input: the state. Output: lines.

use serde_json::Value;

use crate::page::units::{answers, title};
use crate::page::{Kind, Line};
use crate::subprotocol::{Unit, UnitStatus};
use crate::tui::app::App;

/// The lines of the tab, and where those of the selected unit begin.
pub(super) fn lines(app: &App) -> (Vec<Line>, usize) {
    let Some(content) = app.message.content() else {
        return (vec![Line::of(Kind::Note, "reading…")], 0);
    };
    if content.units.is_empty() {
        let note = "no unit of a subprotocol ends in this message";
        return (vec![Line::of(Kind::Note, note)], 0);
    }
    let cursor = app.message.cursor.min(content.units.len() - 1);
    let (mut lines, mut selected) = (Vec::new(), 0);
    for (index, unit) in content.units.iter().enumerate() {
        if index == cursor {
            selected = lines.len();
        }
        one(unit, index == cursor, &mut lines);
        if index == cursor
            && let Some(by) = app.index.answer(content.conversing, content.number)
        {
            let line = Line::of(Kind::Label, "    answered by  ");
            lines.push(line.plain(format!("#{by}")));
        }
    }
    (lines, selected)
}

fn one(unit: &Unit, selected: bool, lines: &mut Vec<Line>) {
    let mark = if selected { "▸ " } else { "  " };
    let kind = match unit.status {
        UnitStatus::Ok => Kind::Head,
        UnitStatus::Error => Kind::Wrong,
        UnitStatus::Partial => Kind::Hole,
    };
    let indent = if unit.inside.is_some() { "  " } else { "" };
    let head = [
        Some(title(unit.protocol)),
        Some(unit.kind.as_ref()),
        unit.subject.as_deref(),
        unit.id.as_deref(),
    ];
    let head: Vec<_> = head.into_iter().flatten().collect();
    let line = Line::new().plain(format!("{mark}{indent}"));
    lines.push(line.with(kind, head.join(" ")));
    let mut row = |name: &str, text: String| {
        let line = Line::of(Kind::Label, format!("    {indent}{name}  "));
        lines.push(line.plain(text));
    };
    if let Some(answers) = answers(unit) {
        row("answers", answers);
    }
    if unit.status != UnitStatus::Ok {
        let status: &'static str = unit.status.into();
        row("status", status.to_owned());
    }
    for part in &unit.parts {
        let place = match unit.parts.len() {
            1 => String::new(),
            _ => format!(" of message {}", part.message),
        };
        let last = part.start + part.length;
        row("bytes", format!("{} to {last}{place}", part.start));
    }
    for (name, value) in &unit.fields {
        self::value(name, value, 4 + indent.len(), lines);
    }
    if let Some(body) = unit.body.as_ref().filter(|body| !body.is_empty()) {
        let line = Line::of(Kind::Label, format!("    {indent}body  "));
        lines.push(line.with(Kind::Text, body));
    }
}

/// A field; objects and lists have their own fields below them.
fn value(name: &str, value: &Value, indent: usize, lines: &mut Vec<Line>) {
    let label = Line::of(Kind::Label, format!("{:indent$}{name}  ", ""));
    match value {
        Value::Object(fields) if !fields.is_empty() && indent < DEEPEST => {
            lines.push(label);
            for (name, inner) in fields {
                self::value(name, inner, indent + 2, lines);
            }
        }
        Value::Array(items) if !items.is_empty() && indent < DEEPEST => {
            lines.push(label);
            for (index, inner) in items.iter().enumerate() {
                self::value(&format!("[{index}]"), inner, indent + 2, lines);
            }
        }
        Value::String(text) => lines.push(label.with(Kind::Text, text)),
        Value::Number(_) | Value::Bool(_) | Value::Null => {
            lines.push(label.with(Kind::Number, value.to_string()));
        }
        Value::Object(_) | Value::Array(_) => lines.push(label.plain(value.to_string())),
    }
}

/// Columns from which on a value is shown in one line.
const DEEPEST: usize = 24;
