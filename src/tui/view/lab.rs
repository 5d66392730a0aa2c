//! The lab: the lines above the list, and the lesson in its place.
//!
//! Job: lay out the stop of a lesson up to its open question. Input: the state. Output: cells.

use ratatui::layout::Rect;

use super::brush::Brush;
use super::scroll;
use crate::lesson::{Shown, page as lesson_page};
use crate::page::{Kind, Line, Sheet};
use crate::tui::app::{App, Guess, LabState, LessonState};
use crate::tui::{lab, layout};

pub(super) fn draw_head(app: &App, area: Rect, brush: &mut Brush<'_>) {
    let lines = lab::head(app, usize::from(area.width));
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
    scroll::lines(lesson.scroll, &lines(app), area, brush);
    true
}
