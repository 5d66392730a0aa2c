//! The lab's lines: controls, what the selected message costs, and the lesson.
//!
//! Job: say what holds and what it did. Input: the state. Output: cells.

use std::fmt::Write;

use ratatui::layout::Rect;

use super::brush::{Brush, safe};
use crate::lesson::{Shown, page as lesson_page};
use crate::page::{Kind, Line, Sheet, items};
use crate::tui::app::{App, Guess, LabState, LessonState};
use crate::tui::layout;

/// The controls in the order in which they are chosen.
pub const CONTROLS: [&str; 12] = [
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
pub(in crate::tui) fn head(app: &App, width: usize) -> Vec<Line> {
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
    let mut total = made
        .map_or(0, |made| made.total(&state.lab, None))
        .to_string();
    let before: u64 = state.before.iter().map(|size| size.wire).sum();
    if before > 0 {
        total = format!("{total}, was {before}");
    }
    Line::of(Kind::Head, safe(&format!("{said}. All: {total}"), width))
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
    Line::of(Kind::Head, safe(&text, width))
}

pub(super) fn draw_head(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let lines = head(app, usize::from(area.width));
    brush.lines(area, &lines);
}

/// The lesson's lines, up to the first question that nobody has guessed at.
pub fn lines(app: &App) -> Vec<Line> {
    let width = usize::from(layout::areas(app).list.width).saturating_sub(2);
    let Some(lesson) = app.lab.as_ref().and_then(LabState::shown) else {
        return Vec::new();
    };
    let mut page = Sheet::new(width.max(20));
    let Some(scene) = lesson.scene() else {
        return page.lines;
    };
    page.head(&scene.title);
    let open = lesson.open().map(|(at, _)| at);
    let mut done = false;
    for (at, part) in scene.content.iter().enumerate() {
        let is_done = matches!(part, Shown::Done(_) | Shown::Literal(_));
        if !(done && is_done) {
            page.blank();
        }
        done = is_done;
        let guess = lesson.guesses.get(&(lesson.stop, at));
        lesson_page::one(part, false, &mut page);
        if let (Shown::Question(question), Some(guess)) = (part, guess) {
            judged(guess, &mut page);
            lesson_page::answer(question, &mut page);
        }
        if open == Some(at) {
            page.line(Line::of(
                Kind::Note,
                "  Enter: type your guess; nothing typed shows the answer",
            ));
            return page.lines;
        }
    }
    page.blank();
    end(lesson, &mut page);
    page.lines
}

fn judged(guess: &Guess, page: &mut Sheet) {
    match guess {
        Guess::Right => page.line(Line::of(Kind::Found, "  right")),
        Guess::Wrong(said) => page.line(Line::of(Kind::Wrong, format!("  not {said}"))),
        Guess::None => {}
    }
}

fn end(lesson: &LessonState, page: &mut Sheet) {
    let text = if lesson.is_over() {
        let (right, _) = lesson.score();
        let questions = lesson.questions();
        format!(
            "The end: {right} of {questions} guesses were right. Enter begins the next lesson, L leaves for the lab."
        )
    } else {
        "Enter goes on.".to_owned()
    };
    page.paragraph(Kind::Note, text, 0);
}

/// The lesson, where else the list is.
pub(super) fn draw_lesson(app: &App, area: Rect, brush: &mut Brush<'_>) -> bool {
    let Some(lesson) = app.lab.as_ref().and_then(LabState::shown) else {
        return false;
    };
    let lines = lines(app);
    let text = Rect {
        width: area.width.saturating_sub(1),
        ..area
    };
    brush.lines(text, lines.iter().skip(lesson.scroll));
    super::message::bar(lines.len(), lesson.scroll, area, brush);
    true
}
