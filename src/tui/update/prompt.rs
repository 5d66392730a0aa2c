//! The line that is being typed.
//!
//! Job: keys into text, checked as it is typed. Input: keys and pasted text. Output: the state
//! changed; a filter or a file at the end.

use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent};

use super::{jumps, lab, lists};
use crate::filter::{self, Error, Filter};
use crate::tui::app::{App, Prompt, Screen, Typed, Writing};
use crate::tui::effect::Effect;

/// Filters that are remembered.
const REMEMBERED: usize = 100;

/// Takes a key.
pub(super) fn key(app: &mut App, key: KeyEvent, effects: &mut Vec<Effect>) {
    let Some(prompt) = &mut app.prompt else {
        return;
    };
    match prompt.input().key(key) {
        Typed::Changed => changed(app),
        Typed::Cancelled => app.prompt = None,
        Typed::Done => done(app, effects),
        Typed::Other if lab::other(app, key) => {}
        Typed::Other => other(app, key),
    }
}

/// Takes pasted text.
pub(super) fn paste(app: &mut App, text: &str) {
    if let Some(prompt) = &mut app.prompt {
        prompt.input().insert(text);
        changed(app);
    }
}

fn changed(app: &mut App) {
    if let Some(Prompt::Lab { error, .. }) = &mut app.prompt {
        *error = None;
    }
    if let Some(Prompt::Filter {
        input,
        error,
        completion,
        search,
        ..
    }) = &mut app.prompt
    {
        *completion = None;
        let text = input.text().trim_end();
        if *search {
            return;
        }
        *error = Filter::parse(text).err().filter(|_| !text.is_empty());
    }
}

fn done(app: &mut App, effects: &mut Vec<Effect>) {
    match app.prompt.take() {
        Some(Prompt::GoTo { input }) => jumps::typed(app, input.text()),
        Some(Prompt::Filter {
            input,
            search: true,
            ..
        }) => search(app, input.text().trim(), effects),
        Some(Prompt::Filter { input, .. }) => {
            if let Err(error) = filter(app, input.text(), effects) {
                app.prompt = Some(Prompt::Filter {
                    input,
                    error: Some(error),
                    completion: None,
                    history: 0,
                    search: false,
                });
            }
        }
        Some(Prompt::Lab { input, what, .. }) => {
            if let Err(why) = lab::typed(app, input.text(), what, effects) {
                app.prompt = Some(Prompt::Lab {
                    input,
                    what,
                    error: Some(why),
                });
            }
        }
        Some(Prompt::Write { input, what }) => write(app, input.text(), what, effects),
        None => {}
    }
}

/// Sets the filter that was typed; an empty one is none.
pub(super) fn filter(app: &mut App, typed: &str, effects: &mut Vec<Effect>) -> Result<(), Error> {
    let text = typed.trim().to_owned();
    if text.is_empty() {
        lists::filter(app, None, effects);
        return Ok(());
    }
    let filter = Filter::parse(&text)?;
    remember(app, text);
    lists::filter(app, Some(filter), effects);
    Ok(())
}

fn remember(app: &mut App, text: String) {
    app.history.retain(|old| *old != text);
    app.history.push(text);
    if app.history.len() > REMEMBERED {
        app.history.remove(0);
    }
}

/// Looks for what was typed in payloads; all messages stay listed. The first match from the selected
/// message on is gone to.
fn search(app: &mut App, text: &str, effects: &mut Vec<Effect>) {
    if text.is_empty() {
        lists::filter(app, None, effects);
        return;
    }
    remember(app, text.to_owned());
    lists::filter(app, Some(Filter::search(text)), effects);
    app.messages.marking = true;
    app.messages.reset();
    app.seeking = Some(app.place.unwrap_or(0));
}

fn write(app: &mut App, name: &str, what: Writing, effects: &mut Vec<Effect>) {
    if name.trim().is_empty() {
        return;
    }
    let path = PathBuf::from(name);
    // What is shown can be saved whatever it is.
    if path
        .extension()
        .is_some_and(|ext| ext == "svg" || ext == "txt")
    {
        effects.push(Effect::WriteScreen(path));
        return;
    }
    match what {
        Writing::Payload(key) => {
            let content = app.message.content().filter(|content| content.key() == key);
            match content {
                Some(content) => {
                    let bytes = Arc::from(content.payload.as_slice());
                    effects.push(Effect::WriteBytes(path, bytes));
                }
                None => app.notice = Some("the payload is not there yet".to_owned()),
            }
        }
        Writing::Packets if app.lab.is_some() => {
            let made = app.lab.as_ref().and_then(|state| state.made.as_ref());
            match made {
                Some(made) => {
                    effects.push(Effect::WriteBytes(path, Arc::clone(&made.capture)));
                }
                None => app.notice = Some("this is a capture file already".to_owned()),
            }
        }
        Writing::Packets => {
            app.notice = Some("writing…".to_owned());
            effects.push(Effect::SavePackets(path));
        }
        Writing::Messages => {
            let filter = app.matches.as_ref().map(|matches| &matches.filter);
            let filter = match (app.messages.control, filter) {
                (true, filter) => filter.cloned(),
                (false, filter) => {
                    Some(Arc::new(Filter::without_control(filter.map(AsRef::as_ref))))
                }
            };
            let scope = app
                .messages
                .scope
                .filter(|_| app.screen == Screen::Messages);
            app.notice = Some("writing…".to_owned());
            effects.push(Effect::WriteMessages(path, scope, filter));
        }
    }
}

/// Keys that the line does not know: completion and history.
fn other(app: &mut App, key: KeyEvent) {
    let Some(Prompt::Filter {
        input,
        completion,
        history,
        error,
        ..
    }) = &mut app.prompt
    else {
        return;
    };
    match key.code {
        KeyCode::Tab | KeyCode::BackTab => {
            let (before, at) = completion
                .take()
                .unwrap_or_else(|| (input.before().to_owned(), usize::MAX));
            let found = filter::complete(&before);
            let count = found.options.len();
            if count == 0 {
                return;
            }
            let at = match (key.code, at) {
                (KeyCode::Tab, usize::MAX) => 0,
                (KeyCode::Tab, at) => (at + 1) % count,
                (_, usize::MAX) => count - 1,
                (_, at) => (at + count - 1) % count,
            };
            if let Some((name, _)) = found.options.get(at) {
                let stem = before.get(..before.len() - found.typed);
                input.set_before(&format!("{}{name}", stem.unwrap_or_default()));
            }
            *completion = Some((before, at));
            let text = input.text().trim_end();
            *error = Filter::parse(text).err().filter(|_| !text.is_empty());
        }
        KeyCode::Up | KeyCode::Down => {
            let to = if key.code == KeyCode::Up {
                (*history + 1).min(app.history.len())
            } else {
                history.saturating_sub(1)
            };
            *history = to;
            let text = app
                .history
                .len()
                .checked_sub(to)
                .and_then(|at| app.history.get(at));
            *input = crate::tui::app::Input::new(text.cloned().unwrap_or_default());
            *error = None;
        }
        _ => {}
    }
}
