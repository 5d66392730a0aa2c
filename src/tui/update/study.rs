//! Questions that take another run, and the page that answers are read on.
//!
//! Job: ask when it is looked for, take answers, move in the page. Input: the state. Output: the
//! state changed, and effects.

use crate::tui::app::{App, Page, Screen, StatsPane, StudyState, Task};
use crate::tui::effect::Effect;
use crate::tui::index::Answer;
use crate::tui::keymap::Command;

/// Asks for symbols and causes where they are looked at and not there.
pub(super) fn want(app: &mut App, effects: &mut Vec<Effect>) {
    // What a live capture keeps is not all that the findings are about.
    let whole = app.load.loaded.is_some() && app.live.is_none();
    if app.screen == Screen::Findings && whole && !app.study.looked && app.study.running.is_none() {
        app.study.looked = true;
        begin(app, Task::Causes, effects);
    }
    let seen = app.screen == Screen::Statistics
        && matches!(app.stats, StatsPane::Takeover | StatsPane::Distances);
    let known = app.study.symbols.is_some() || app.study.running.is_some();
    let failed = matches!(app.study.failed, Some((Task::Symbols, _)));
    let loaded = app.load.loaded.is_some() || app.live.is_some();
    if seen && loaded && !known && !failed {
        begin(app, Task::Symbols, effects);
    }
}

fn begin(app: &mut App, task: Task, effects: &mut Vec<Effect>) {
    app.study.running = Some(task);
    app.study.progress = (0, None);
    effects.push(Effect::Study(task));
}

/// Tries other settings: on the selected or listed connection, or on all.
pub(super) fn tune(app: &mut App, effects: &mut Vec<Effect>) {
    let connection = match app.screen {
        Screen::Statistics => None,
        Screen::Messages => app.messages.scope,
        Screen::Connections | Screen::Message | Screen::Findings | Screen::Transcript => {
            app.connection().map(|connection| connection.conversing())
        }
    };
    let title = match connection {
        Some(number) => format!("What if: connection {number} under other settings"),
        None => "What if: all connections under other settings".to_owned(),
    };
    app.page = Some(Page {
        title,
        ..Page::default()
    });
    begin(app, Task::Tune(connection), effects);
}

/// Takes what came of a question.
pub(super) fn answered(app: &mut App, task: Task, answer: Answer) {
    if app.study.running == Some(task) {
        app.study.running = None;
    }
    match answer {
        Answer::Symbols(symbols) => {
            app.study = StudyState {
                symbols: Some(symbols),
                failed: None,
                ..std::mem::take(&mut app.study)
            };
        }
        Answer::Findings(found) => app.index.add(&found),
        Answer::Text(text) => {
            if let Some(page) = &mut app.page {
                page.lines = text.lines().map(str::to_owned).collect();
            }
        }
        Answer::Failed(why) => {
            if matches!(task, Task::Tune(_)) {
                app.page = None;
            }
            // Symbols say it in their place.
            if task != Task::Symbols {
                app.notice = Some(why.clone());
            }
            app.study.failed = Some((task, why));
        }
    }
}

/// The page takes the keys that move it, and closes at others.
pub(super) fn page(app: &mut App, command: Command, effects: &mut Vec<Effect>) {
    let height = usize::from(app.size.1.saturating_sub(4)).max(1);
    let Some(page) = &mut app.page else {
        return;
    };
    let last = page.lines.len().saturating_sub(height);
    page.top = match command {
        Command::Up => page.top.saturating_sub(1),
        Command::Down => page.top + 1,
        Command::PageUp => page.top.saturating_sub(height),
        Command::PageDown => page.top + height,
        Command::Top => 0,
        Command::Bottom => last,
        _ => {
            app.page = None;
            if matches!(app.study.running, Some(Task::Tune(_))) {
                app.study.running = None;
                effects.push(Effect::StopStudy);
            }
            return;
        }
    }
    .min(last);
}
