//! The lab.
//!
//! Job: change what is typed and set, and have it made anew. Input: commands, typed lines, what was
//! made. Output: the state changed, and effects.

use crossterm::event::{KeyCode, KeyEvent};

use super::{connections, lesson, lists};
use crate::lesson::{Content, Instruction, Item};
use crate::tui::app::{
    App, Folds, Input, LabPrompt, Load, Prompt, Screen, StudyState, Tab, TranscriptState,
};
use crate::tui::effect::Effect;
use crate::tui::index::Index;
use crate::tui::keymap::Command;
use crate::tui::lab::CONTROLS;
use crate::tui::maker::{Ready, Taken, Wanted};

/// Kinds that Tab goes through.
const KINDS: [&str; 9] = [
    "text", "binary", "frames", "deflate", "ping", "pong", "close", "repeat", "noise",
];

/// Does what a command asks for in the lab; false where it is none of the lab's.
pub(super) fn command(app: &mut App, command: Command, effects: &mut Vec<Effect>) -> bool {
    let Some(state) = &mut app.lab else {
        return false;
    };
    match command {
        Command::Say => say(app),
        Command::Edit => edit(app),
        Command::Remove => {
            if let Some(item) = selected(app)
                && let Some(state) = &mut app.lab
                && item < state.lab.items.len()
            {
                state.lab.items.remove(item);
                make(app, effects);
            }
        }
        Command::Lose => {
            if let Some(item) = selected(app)
                && let Some(item) = app
                    .lab
                    .as_mut()
                    .and_then(|state| state.lab.items.get_mut(item))
            {
                item.lost = !item.lost;
                make(app, effects);
            }
        }
        Command::NextControl => state.control = (state.control + 1) % CONTROLS.len(),
        Command::PreviousControl => {
            state.control = (state.control + CONTROLS.len() - 1) % CONTROLS.len();
        }
        Command::More => turn(app, 1, effects),
        Command::Less => turn(app, -1, effects),
        Command::SetControl => {
            let name = CONTROLS.get(state.control).copied().unwrap_or_default();
            let input = Input::new(format!("{name} "));
            app.prompt = Some(Prompt::lab(input, LabPrompt::Control));
        }
        Command::Lesson => match &mut state.lesson {
            Some(lesson) => lesson.shown = !lesson.shown,
            None => lesson::begin(app, 0, effects),
        },
        Command::GoOn => lesson::go_on(app, effects),
        Command::GoBack => lesson::go_back(app, effects),
        _ => return false,
    }
    true
}

/// The item of the selected message. While all are made anew, what is shown is of other items.
fn selected(app: &mut App) -> Option<usize> {
    if app.lab.as_ref().is_some_and(|state| state.making) {
        app.notice = Some("not yet: all messages are being made anew".to_owned());
        return None;
    }
    let row = app.place.and_then(|place| app.index.get(place));
    let packet = row.map(|row| row.first_packet);
    let found = packet.and_then(|packet| app.lab.as_ref()?.item_at(packet));
    if found.is_none() {
        app.notice = Some("no message of the lab is selected".to_owned());
    }
    found
}

fn say(app: &mut App) {
    let from = app.place.and_then(|place| app.index.get(place));
    let from = from.map_or("server", |row| row.from.name());
    let input = Input::new(format!("{from} text "));
    app.prompt = Some(Prompt::lab(input, LabPrompt::Say));
}

fn edit(app: &mut App) {
    let Some(item) = selected(app) else { return };
    let line = app
        .lab
        .as_ref()
        .and_then(|state| state.lab.items.get(item))
        .and_then(line_of);
    match line {
        Some(line) => {
            app.prompt = Some(Prompt::lab(Input::new(line), LabPrompt::Edit(item)));
        }
        None => app.notice = Some("it is too long to be edited here".to_owned()),
    }
}

/// What was typed for an item.
fn line_of(item: &Item) -> Option<String> {
    const LONGEST: usize = 1200;
    if item.bytes().len() > LONGEST {
        return None;
    }
    let digits = |bytes: &[u8]| crate::page::words::hex(bytes, |_| true);
    let what = match &item.content {
        Content::Message(opcode, bytes) => match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains(char::is_control) && opcode.to_string() != "close" => {
                format!("{opcode} {text}")
            }
            _ => format!("binary {}", digits(bytes)),
        },
        Content::Frames(bytes) => format!("frames {}", digits(bytes)),
        Content::Deflate(bytes) => format!("deflate {}", digits(bytes)),
    };
    Some(format!("{} {what}", item.from))
}

fn turn(app: &mut App, by: isize, effects: &mut Vec<Effect>) {
    let Some(state) = &mut app.lab else { return };
    let name = CONTROLS.get(state.control).copied().unwrap_or_default();
    state.lab.controls.turn(name, by);
    make(app, effects);
}

/// Has all messages made anew.
fn make(app: &mut App, effects: &mut Vec<Effect>) {
    let Some(state) = &mut app.lab else { return };
    state.making = true;
    state.select = app.message.key.map(|key| key.message);
    effects.push(Effect::Make(Wanted::Lab(Box::new(state.lab.clone()))));
}

/// Takes a line that was typed; what is wrong with it is said, and it stays.
pub(super) fn typed(
    app: &mut App,
    line: &str,
    what: LabPrompt,
    effects: &mut Vec<Effect>,
) -> Result<(), String> {
    let Some(state) = &mut app.lab else {
        return Ok(());
    };
    match what {
        LabPrompt::Guess => {
            lesson::guess(app, line.trim());
            return Ok(());
        }
        LabPrompt::Control => {
            let (name, value) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
            let said = state.lab.controls.set(name, value.trim())?;
            app.notice = said.map(str::to_owned);
            make(app, effects);
        }
        LabPrompt::Say | LabPrompt::Edit(_) => {
            let Instruction::Say(item) = Instruction::parse(line.trim_start())? else {
                return Err("this is nothing that a side sends".to_owned());
            };
            match what {
                LabPrompt::Edit(at) if at < state.lab.items.len() => {
                    if let Some(place) = state.lab.items.get_mut(at) {
                        *place = item;
                    }
                    make(app, effects);
                }
                _ => {
                    state.lab.push(item)?;
                    make(app, effects);
                    if let Some(state) = &mut app.lab {
                        state.select = Some(u64::MAX);
                    }
                }
            }
        }
    }
    Ok(())
}

/// Keys that the line does not know: Tab changes the kind of what is typed, ↑ and ↓ the side.
pub(super) fn other(app: &mut App, key: KeyEvent) -> bool {
    let Some(Prompt::Lab { input, what, .. }) = &mut app.prompt else {
        return false;
    };
    if matches!(what, LabPrompt::Say | LabPrompt::Edit(_)) {
        match key.code {
            KeyCode::Tab => complete(input, false, 1),
            KeyCode::BackTab => complete(input, false, -1),
            KeyCode::Up | KeyCode::Down => complete(input, true, 1),
            _ => {}
        }
    }
    true
}

fn complete(input: &mut Input, side: bool, by: isize) {
    let (from, rest) = input.text().split_once(' ').unwrap_or((input.text(), ""));
    let (kind, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let line = if side {
        let other = if from == "server" { "client" } else { "server" };
        format!("{other} {kind} {rest}")
    } else {
        let at = KINDS.iter().position(|known| *known == kind).unwrap_or(0);
        let to = (at + KINDS.len()).saturating_add_signed(by) % KINDS.len();
        let kind = KINDS.get(to).copied().unwrap_or_default();
        format!("{from} {kind} {rest}")
    };
    *input = Input::new(line);
}

/// The UI opens: with a lesson, or with what was typed on the command line.
pub(super) fn open(app: &mut App, effects: &mut Vec<Effect>) {
    app.screen = Screen::Messages;
    app.message.tab = Tab::Wire;
    match app.lab.as_ref().and_then(|state| state.lesson.as_ref()) {
        Some(lesson) => {
            let number = lesson.number;
            lesson::begin(app, number, effects);
        }
        None => make(app, effects),
    }
}

/// Takes what was made.
pub(super) fn ready(app: &mut App, ready: Ready, effects: &mut Vec<Effect>) {
    match ready {
        Ready::Capture(taken) => take(app, *taken),
        Ready::Lesson(number, scenes) => {
            let Some(lesson) = app.lab.as_mut().and_then(|state| state.lesson.as_mut()) else {
                return;
            };
            match scenes {
                Ok(scenes) if lesson.number == number => {
                    lesson.scenes = scenes;
                    lesson.stop = 0;
                    lesson::stand(app, effects);
                }
                Ok(_) => {}
                Err(why) => app.notice = Some(why),
            }
        }
    }
}

/// Everything that is known of the capture is known of another one now.
fn take(app: &mut App, taken: Taken) {
    let bound = app.index.bound;
    app.index = Index::default();
    app.index.bound = bound;
    app.load = Load::default();
    app.place = None;
    app.reference = None;
    app.marks.clear();
    app.matches = None;
    app.searched = None;
    app.folds = Folds::default();
    app.study = StudyState::default();
    app.transcript = TranscriptState::default();
    app.connections.order.clear();
    app.messages.reset();
    let message = &mut app.message;
    message.key = None;
    message.wanted = None;
    message.failed = None;
    message.document = None;
    message.seek = None;
    message.jumps.clear();
    message.cache.clear();
    let (tab, cursor) = (message.tab, message.cursor);
    for batch in &taken.batches {
        app.index.take(batch);
    }
    app.load.loaded = Some(taken.loaded);
    connections::order(app);
    app.messages.scope = None;
    lists::scope(app, Some(taken.conversing));
    let Some(state) = &mut app.lab else { return };
    state.making = false;
    state.conversing = Some(taken.conversing);
    let before = state.made.take();
    let before = before.map_or_else(Vec::new, |made| made.sizes.clone());
    let sizes = taken.made.as_ref().map(|made| made.sizes.len());
    state.before = if sizes == Some(before.len()) {
        before
    } else {
        Vec::new()
    };
    state.made = taken.made;
    let wanted = state.select.take();
    let place = wanted.and_then(|number| app.index.find(taken.conversing, number));
    let last = app
        .listed()
        .checked_sub(1)
        .and_then(|line| app.place_at(line));
    if let Some(place) = place.or(last.filter(|_| wanted.is_some())) {
        lists::select_place(app, Some(place));
        app.message.tab = tab;
        app.message.cursor = cursor;
    }
}
