//! What each command does.
//!
//! Job: one function from a command to the state. Input: a [`Command`]. Output: the state
//! changed, and effects.

use super::screens::go;
use super::{folds, jumps, lab, lists, menu, message, moves, study};
use crate::tui::app::{App, Awaits, Choose, Input, Pane, Prompt, Screen, Tab, Writing, turned};
use crate::tui::effect::Effect;
use crate::tui::keymap::Command;

/// Does what a command asks for.
#[expect(clippy::too_many_lines, reason = "a list of cases")]
pub(super) fn command(app: &mut App, command: Command, effects: &mut Vec<Effect>) {
    if app.help.is_some() && help(app, command) {
        return;
    }
    if app.page.is_some() && !matches!(command, Command::Suspend | Command::Redraw) {
        study::page(app, command, effects);
        return;
    }
    if let Some(menu) = app.menu {
        menu::command(app, menu, command);
        return;
    }
    if !is_confirmed(app, command) {
        return;
    }
    if lab::command(app, command, effects) {
        return;
    }
    match command {
        Command::SavePackets => save(app),
        Command::Filter => type_filter(app),
        Command::ClearFilter => lists::filter(app, None, effects),
        Command::MarkMatches => mark(app),
        Command::Sort => menu::open(app, Choose::Order),
        Command::Columns => menu::open(app, Choose::Columns),
        Command::Reverse => lists::sort(app, |table| table.reverse()),
        Command::Follow => {
            app.follow = !app.follow;
            app.notice = Some(said("following", app.follow));
        }
        Command::Time => {
            app.time = turned(app.time, 1);
        }
        Command::Control => {
            app.messages.control = !app.messages.control;
            app.messages.reset();
            app.notice = Some(said("control frames shown", app.messages.control));
        }
        Command::Split => {
            app.pane = match app.pane {
                Pane::Hidden => Pane::Shown,
                Pane::Shown | Pane::Focused => Pane::Hidden,
            };
            app.zoomed = false;
        }
        Command::Zoom => zoom(app),
        Command::Representation if app.message.tab == Tab::Deflate => {
            app.message.below = turned(app.message.below, 1);
        }
        Command::Representation => {
            app.message.form = turned(app.message.form, 1);
            app.message.scroll = [0; 6];
        }
        Command::Mark | Command::GoMark | Command::GoTo | Command::Partner | Command::Reference => {
            jump(app, command);
        }
        Command::Copy => message::copy(app, effects),
        Command::Write => write(app),
        Command::AllMessages => all_messages(app),
        Command::StopLoading => {
            if app.load.loaded.is_none() {
                effects.push(Effect::StopLoading);
            }
        }
        Command::Fold | Command::Hide | Command::ShowHidden | Command::Least => {
            folds::command(app, command);
        }
        Command::Tune => study::tune(app, effects),
        Command::Pause => pause(app),
        Command::Present => present(app),
        Command::Help => app.help = Some(0),
        Command::Suspend => effects.push(Effect::Suspend),
        Command::Redraw => effects.push(Effect::Redraw),
        Command::Quit => effects.push(Effect::Quit),
        _ => moves::command(app, command),
    }
}

/// To other messages, and what time counts from.
fn jump(app: &mut App, command: Command) {
    match command {
        Command::Mark => await_letter(app, Awaits::Mark),
        Command::GoMark => await_letter(app, Awaits::Jump),
        Command::GoTo => {
            let input = Input::default();
            app.prompt = Some(Prompt::GoTo { input });
        }
        Command::Partner => jumps::partner(app),
        Command::Reference => jumps::reference(app),
        _ => {}
    }
}

/// Asks before packets are lost: the same key again does it.
fn is_confirmed(app: &mut App, command: Command) -> bool {
    let asked = app.confirm.take() == Some(command);
    let running = app.load.loaded.is_none();
    let Some(live) = app.live.as_ref().filter(|_| !asked) else {
        return true;
    };
    let unsaved = crate::page::words::count(live.unsaved(), "packet");
    let question = match command {
        Command::Quit if live.unsaved() > 0 => {
            format!("{unsaved} would be lost: W saves them, q again leaves")
        }
        Command::StopLoading if running => {
            "X again ends the capture; what came until now stays".to_owned()
        }
        _ => return true,
    };
    app.notice = Some(question);
    app.confirm = Some(command);
    false
}

fn save(app: &mut App) {
    if app.lab.is_some() {
        app.prompt = Some(Prompt::write("lab.pcap", Writing::Packets));
        return;
    }
    if app.live.is_none() {
        app.notice = Some("the packets are in the capture file that is read".to_owned());
        return;
    }
    app.prompt = Some(Prompt::write("capture.pcapng", Writing::Packets));
}

fn await_letter(app: &mut App, awaits: Awaits) {
    app.awaits = Some(awaits);
    app.notice = Some(match awaits {
        Awaits::Mark => "mark it with which letter?".to_owned(),
        Awaits::Jump => {
            let marks: Vec<_> = app.marks.keys().map(char::to_string).collect();
            format!("to which mark? {}", marks.join(" "))
        }
    });
}

/// Where payloads are read they are searched; elsewhere messages are chosen.
fn type_filter(app: &mut App) {
    let search = app.on_message() || app.screen == Screen::Transcript;
    let input = Input::selected(app.matches.as_ref().map_or("", |m| m.filter.source()));
    app.prompt = Some(Prompt::filter(input, search));
}

/// Freezes what is shown of a live capture, or goes on.
fn pause(app: &mut App) {
    if let Some(live) = &mut app.live {
        live.paused = !live.paused;
        live.since = 0;
    }
}

fn present(app: &mut App) {
    app.present = !app.present;
    app.notice = Some(said("presenting", app.present));
}

fn said(what: &str, on: bool) -> String {
    format!("{what}: {}", if on { "yes" } else { "no" })
}

/// Help takes the keys that move it, and closes at others; whether that was all.
fn help(app: &mut App, command: Command) -> bool {
    let top = app.help.unwrap_or(0);
    let page = usize::from(app.size.1.saturating_sub(4)).max(1);
    let last = crate::tui::view::help_lines(app).saturating_sub(page);
    let to = match command {
        Command::Up => top.saturating_sub(1),
        Command::Down => top + 1,
        Command::PageUp => top.saturating_sub(page),
        Command::PageDown => top + page,
        Command::Top => 0,
        Command::Bottom => last,
        Command::Suspend | Command::Redraw => return false,
        _ => {
            app.help = None;
            return true;
        }
    };
    app.help = Some(to.min(last));
    true
}

fn zoom(app: &mut App) {
    match app.screen {
        Screen::Message => {
            go(app, Screen::Messages);
            app.pane = Pane::Focused;
        }
        _ => app.zoomed = !app.zoomed,
    }
}

fn mark(app: &mut App) {
    if app.matches.is_none() {
        app.notice = Some("no filter is set: / sets one".to_owned());
        return;
    }
    app.messages.marking = !app.messages.marking;
    app.messages.reset();
}

fn all_messages(app: &mut App) {
    let to = match (app.screen, app.messages.scope) {
        (Screen::Messages, None) => app.message.key.map(|key| key.conversing),
        (Screen::Connections, _) => {
            let selected = app.connection().filter(|one| one.is_transport());
            selected.map(|one| one.conversing())
        }
        _ => None,
    };
    lists::scope(app, to);
    go(app, Screen::Messages);
}

fn write(app: &mut App) {
    let key = app.message.key;
    let (what, name) = match (app.on_message(), key) {
        (true, Some(key)) => (
            Writing::Payload(key),
            format!("connection-{}-message-{}.bin", key.conversing, key.message),
        ),
        _ => (Writing::Messages, "messages.jsonl".to_owned()),
    };
    app.prompt = Some(Prompt::write(name, what));
}
