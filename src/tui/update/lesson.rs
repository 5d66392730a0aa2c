//! Lessons of the lab.
//!
//! Job: lead from stop to stop, take guesses. Input: commands, typed guesses. Output: the state
//! changed, and effects.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent};

use crate::lesson::Ground;
use crate::tui::app::{App, Guess, Input, LabPrompt, LessonState, Prompt, Screen};
use crate::tui::effect::Effect;
use crate::tui::layout;
use crate::tui::maker::Wanted;
use crate::tui::view;

/// Begins a lesson.
pub(super) fn begin(app: &mut App, number: usize, effects: &mut Vec<Effect>) {
    let Some(state) = &mut app.lab else { return };
    if number >= state.lessons.len() {
        app.notice = Some("that was the last lesson".to_owned());
        return;
    }
    state.lesson = Some(LessonState::new(number));
    effects.push(Effect::Make(Wanted::Lesson(number)));
}

/// On to the end of what is shown; from there to the guess, the next stop, or the next lesson.
pub(super) fn go_on(app: &mut App, effects: &mut Vec<Effect>) {
    let (height, lines) = (
        usize::from(layout::areas(app).list.height),
        view::lab_lines(app).len(),
    );
    if let Some(lesson) = app.lab.as_mut().and_then(|state| state.lesson.as_mut())
        && lesson.scroll + height < lines
    {
        lesson.scroll += height.saturating_sub(2).max(1);
        settle(app);
        return;
    }
    let Some(lesson) = app.lab.as_mut().and_then(|state| state.lesson.as_mut()) else {
        return;
    };
    if lesson.open().is_some() {
        ask(app, Input::default());
    } else if lesson.stop + 1 < lesson.scenes.len() {
        lesson.stop += 1;
        lesson.scroll = 0;
        stand(app, effects);
    } else {
        let next = lesson.number + 1;
        begin(app, next, effects);
    }
}

pub(super) fn go_back(app: &mut App, effects: &mut Vec<Effect>) {
    let Some(lesson) = app.lab.as_mut().and_then(|state| state.lesson.as_mut()) else {
        return;
    };
    if let Some(before) = lesson.stop.checked_sub(1) {
        lesson.stop = before;
        lesson.scroll = 0;
        stand(app, effects);
    } else if let Some(before) = lesson.number.checked_sub(1) {
        begin(app, before, effects);
    }
}

/// Shows what the stop is about.
pub(super) fn stand(app: &mut App, effects: &mut Vec<Effect>) {
    let Some(state) = &mut app.lab else { return };
    let Some(lesson) = &state.lesson else { return };
    let Some(scene) = lesson.scene() else { return };
    if let Ground::Lab(lab) = &*scene.ground {
        state.lab = lab.clone();
    }
    state.select = scene.message;
    state.making = true;
    effects.push(Effect::Make(Wanted::Capture(Arc::clone(&scene.ground))));
}

/// Whether a digit begins a guess: who knows the answer types it.
pub(super) fn begins_guess(app: &mut App, key: KeyEvent) -> bool {
    let KeyCode::Char(digit @ '0'..='9') = key.code else {
        return false;
    };
    let lesson = app.lab.as_ref().and_then(|state| state.shown());
    let asks = lesson.is_some_and(|lesson| lesson.open().is_some());
    let here = app.screen == Screen::Messages && !app.on_message() && app.help.is_none();
    if !asks || !here {
        return false;
    }
    ask(app, Input::new(digit));
    true
}

/// Asks for a guess; the question is seen beside it.
fn ask(app: &mut App, input: Input) {
    app.prompt = Some(Prompt::lab(input, LabPrompt::Guess));
    let lines = view::lab_lines(app).len();
    if let Some(lesson) = app.lab.as_mut().and_then(|state| state.lesson.as_mut()) {
        lesson.scroll = lines;
    }
    settle(app);
}

/// Takes a guess; nothing typed shows the answer.
pub(super) fn guess(app: &mut App, line: &str) {
    let lines = view::lab_lines(app).len();
    let Some(lesson) = app.lab.as_mut().and_then(|state| state.lesson.as_mut()) else {
        return;
    };
    let Some((at, question)) = lesson.open() else {
        return;
    };
    let guess = match line {
        "" => Guess::None,
        line if question.is_right(line) => Guess::Right,
        line => Guess::Wrong(line.to_owned()),
    };
    app.notice = Some(match &guess {
        Guess::Right => "right".to_owned(),
        Guess::Wrong(_) => format!("no: {}", question.answer),
        Guess::None => format!("the answer: {}", question.answer),
    });
    let stop = lesson.stop;
    lesson.guesses.insert((stop, at), guess);
    // The answer and what comes next are looked at.
    lesson.scroll = lines.saturating_sub(4);
    settle(app);
}

/// Up and down in a lesson.
pub(super) fn scroll(app: &mut App, by: isize) -> bool {
    let Some(lesson) = app.lab.as_mut().and_then(|state| state.lesson.as_mut()) else {
        return false;
    };
    if !lesson.shown {
        return false;
    }
    lesson.scroll = lesson.scroll.saturating_add_signed(by);
    settle(app);
    true
}

/// Keeps the lesson's lines in sight.
fn settle(app: &mut App) {
    let Some(lesson) = app.lab.as_ref().and_then(|state| state.shown()) else {
        return;
    };
    let height = usize::from(layout::areas(app).list.height);
    let last = view::lab_lines(app).len().saturating_sub(height);
    let scroll = lesson.scroll.min(last);
    if let Some(lesson) = app.lab.as_mut().and_then(|state| state.lesson.as_mut()) {
        lesson.scroll = scroll;
    }
}
