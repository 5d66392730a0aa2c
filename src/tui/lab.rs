//! The lab's lines: controls, what the selected message costs, where the lesson stands.
//!
//! Job: say what holds and what it did. Input: the state. Output: lines, for the layout and the view.

use std::fmt::Write;

use super::app::{App, LabState, LessonState};
use crate::lesson::page as lesson_page;
use crate::page::escape::fitted;
use crate::page::words::grouped;
use crate::page::{Kind, Line, items};

/// The controls in the order in which they are chosen.
pub(super) const CONTROLS: [&str; 12] = [
    "compression",
    "client-window",
    "server-window",
    "client-takeover",
    "server-takeover",
    "level",
    "memory-level",
    "strategy",
    "fragment",
    "threshold",
    "key",
    "proxy",
];

/// The lines above the list, for so many columns.
pub(super) fn head(app: &App, width: usize) -> Vec<Line> {
    let Some(state) = &app.lab else {
        return Vec::new();
    };
    let mut lines = match state.shown() {
        Some(lesson) => vec![standing(state, lesson, width)],
        None => controls(state, width),
    };
    if state.shown().is_none() {
        lines.push(cost(app, state, width));
    }
    lines
}

fn controls(state: &LabState, width: usize) -> Vec<Line> {
    let controls = &state.lab.controls;
    let all = CONTROLS.iter().enumerate().map(|(at, name)| {
        let short = name
            .replace("client-", "c.")
            .replace("server-", "s.")
            .replace("-level", "");
        let (label, value) = if at == state.control {
            (Kind::Chosen, Kind::Chosen)
        } else {
            (Kind::Note, Kind::Plain)
        };
        let line = Line::of(label, short).with(label, " ");
        line.with(value, controls.value(name))
    });
    items(all.collect(), width)
}

/// What the selected message costs, and what it did before.
fn cost(app: &App, state: &LabState, width: usize) -> Line {
    if state.making {
        return Line::of(Kind::Note, "making all messages anew…");
    }
    let row = app.place.and_then(|place| app.index.get(place));
    let item = row.and_then(|row| state.item_at(row.first_packet));
    let made = state.made.as_ref();
    let size = item.and_then(|item| made?.sizes.get(item));
    let (Some(item), Some(size)) = (item, size) else {
        return Line::of(Kind::Note, "nothing is typed yet: i types a message");
    };
    let said = lesson_page::cost(size, state.before.get(item));
    let mut total = grouped(made.map_or(0, |made| made.total(&state.lab, None)));
    let before: u64 = state.before.iter().map(|size| size.wire).sum();
    if before > 0 {
        let _ = write!(total, ", was {}", grouped(before));
    }
    Line::of(Kind::Head, fitted(&format!("{said}. All: {total}"), width))
}

/// Where a lesson stands.
fn standing(state: &LabState, lesson: &LessonState, width: usize) -> Line {
    let title = state.title(lesson.number).unwrap_or_default();
    let (right, asked) = lesson.score();
    let mut text = format!("lesson {}: {title}", lesson.number + 1);
    if lesson.scenes.is_empty() {
        text.push_str(", beginning…");
    } else {
        let (stop, stops) = (lesson.stop + 1, lesson.scenes.len());
        let questions = lesson.questions();
        let _ = write!(
            text,
            "; stop {stop} of {stops}; {right} right of {asked}, {questions} questions in all"
        );
    }
    Line::of(Kind::Head, fitted(&text, width))
}
