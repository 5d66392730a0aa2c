//! `wscope lab`.
//!
//! Job: put together what is typed, or find the lesson, and show it. Input: arguments. Output: the
//! lab's screen on a terminal, else pages of text or JSON.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::args::{Format, Lab as Arguments};
use super::exit::{Exit, Outcome, write};
use super::out::{Stdout, new_file, picture};
use super::plan::style;
use super::say::say;
use crate::base::Peer;
use crate::explain::{Layout, json};
use crate::lesson::{
    Content, Instruction, Item, Lab, Lesson, MOST_BYTES, Made, Taken, guess, hex, page, play,
    shipped,
};
use crate::page::redact::Redact;
use crate::ws::OpCode;

pub(super) fn run(args: &Arguments) -> Outcome {
    if args.list {
        return list(args);
    }
    if let Some(name) = &args.lesson {
        let lessons = shipped::lessons(args.lessons.as_deref())?;
        let number = find(&lessons, name)?;
        #[cfg(feature = "tui")]
        if is_screen(args) {
            return screen(args, None, Some(number));
        }
        return lessons
            .get(number)
            .map_or(Ok(Exit::Nothing), |one| lesson(args, one));
    }
    let lab = typed(args)?;
    #[cfg(feature = "tui")]
    if is_screen(args) {
        return screen(args, Some(lab), None);
    }
    let made = Made::of(&lab);
    if let Some(path) = &args.pcap {
        new_file(path, &made.capture)?;
    }
    let taken = Taken::of_lab(&made)?;
    let layout = args.extent.layout(Redact::Nothing, taken.start);
    if let Some(path) = &args.svg {
        picture(path, &page::lab(&lab, &made, &taken, &layout))?;
        return Ok(Exit::Success);
    }
    let page = match args.form.format {
        Format::Text => style(args.color)
            .page(&page::lab(&lab, &made, &taken, &layout))
            .into_bytes(),
        Format::Json => {
            let mut out = Vec::new();
            for message in &taken.messages {
                json::line(message, &layout, &mut out);
            }
            out
        }
    };
    write(&mut Stdout, &page)?;
    Ok(if taken.messages.is_empty() {
        Exit::Nothing
    } else {
        Exit::Success
    })
}

/// The lessons, a line each.
fn list(args: &Arguments) -> Outcome {
    let lessons = shipped::lessons(args.lessons.as_deref())?;
    let width = lessons
        .iter()
        .map(|lesson| lesson.name.len())
        .max()
        .unwrap_or(0);
    let mut out = String::new();
    for (number, lesson) in (1..).zip(&lessons) {
        let (name, title) = (&lesson.name, &lesson.title);
        let _ = writeln!(out, "{number:>3}  {name:<width$}  {title}");
    }
    write(&mut Stdout, out.as_bytes())?;
    Ok(if lessons.is_empty() {
        say!("there is no lesson; a lesson is a file *.md");
        Exit::Nothing
    } else {
        Exit::Success
    })
}

/// The place of a lesson, by its name or its number.
fn find(lessons: &[Lesson], name: &str) -> Result<usize, String> {
    let number = name.parse::<usize>().ok();
    let number = number.and_then(|number| number.checked_sub(1));
    let numbered = number.filter(|place| *place < lessons.len());
    let named = || lessons.iter().position(|lesson| lesson.name == name);
    numbered.or_else(named).ok_or_else(|| {
        let known: Vec<_> = lessons.iter().map(|one| one.name.as_str()).collect();
        format!(
            "there is no lesson {name:?}; there are {}",
            known.join(", ")
        )
    })
}

/// Whether the lab has a terminal to be a screen on.
#[cfg(feature = "tui")]
fn is_screen(args: &Arguments) -> bool {
    use std::io::{IsTerminal, stdin, stdout};
    let pages =
        args.print || args.form.format == Format::Json || args.pcap.is_some() || args.svg.is_some();
    !pages && stdout().is_terminal() && stdin().is_terminal()
}

/// The lab as a screen.
#[cfg(feature = "tui")]
fn screen(args: &Arguments, lab: Option<Lab>, lesson: Option<usize>) -> Outcome {
    use crate::pipeline::Options;
    use crate::replay::Inputs;
    use crate::session::Detail;
    use crate::tui::app::{LabState, LessonState};

    let state = LabState {
        lab: lab.unwrap_or_default(),
        lessons: shipped::lessons(args.lessons.as_deref())?.into(),
        lesson: lesson.map(LessonState::new),
        ..LabState::default()
    };
    let settings = crate::tui::Settings {
        inputs: Inputs::default(),
        options: Options::new(Detail::Payloads),
        threads: 1,
        colours: style(args.color).colour,
        keep_rows: 0,
        config: super::config::read()?,
        present: false,
        opening: crate::tui::Opening::default(),
        redact: Redact::Nothing,
        save_secrets: false,
        lab: Some(Box::new(state)),
    };
    crate::tui::run(settings).map_err(super::exit::unusable)?;
    Ok(Exit::Success)
}

fn lesson(args: &Arguments, lesson: &Lesson) -> Outcome {
    let scenes = play(lesson, Layout::WIDTH).map_err(|fault| fault.to_string())?;
    let lines = page::lesson(&lesson.title, &scenes, Layout::WIDTH);
    if let Some(path) = &args.svg {
        picture(path, &lines)?;
        return Ok(Exit::Success);
    }
    write(&mut Stdout, style(args.color).page(&lines).as_bytes())?;
    Ok(Exit::Success)
}

/// What is typed, under the controls that are given.
fn typed(args: &Arguments) -> Result<Lab, String> {
    let mut lab = Lab::default();
    for (name, value) in args.controls.given() {
        let said = lab.controls.set(name, value);
        let said = said.map_err(|why| format!("--{name}: {why}"))?;
        if let Some(said) = said {
            say!("{said}");
        }
    }
    let from = args.from.map(Peer::from);
    let sender = from.unwrap_or(Peer::Server);
    for line in &args.say {
        match Instruction::parse(line).map_err(|why| format!("--say: {why}"))? {
            Instruction::Say(item) => lab.push(item)?,
            _ => return Err(format!("--say: {line:?} is nothing that a side sends")),
        }
    }
    for text in &args.text {
        lab.push(Item::text(sender, text))?;
    }
    for path in &args.file {
        lab.push(file(sender, path)?)?;
    }
    for digits in &args.binary {
        let bytes = hex::bytes(digits).map_err(|why| format!("--binary: {why}"))?;
        lab.push(Item::message(sender, OpCode::Binary, bytes))?;
    }
    for digits in &args.hex {
        let guess = guess(hex::bytes(digits).map_err(|why| format!("--hex: {why}"))?);
        if let Some(said) = guess.said {
            say!("{said}");
        }
        lab.push(Item {
            from: from.or(guess.from).unwrap_or(sender),
            content: guess.content,
            lost: false,
        })?;
    }
    for digits in &args.deflate {
        let bytes = hex::bytes(digits).map_err(|why| format!("--deflate: {why}"))?;
        lab.push(Item {
            from: sender,
            content: Content::Deflate(bytes),
            lost: false,
        })?;
    }
    if lab.items.is_empty() {
        lab.items = Lab::demonstration(sender);
    }
    Ok(lab)
}

/// A file as a message.
fn file(from: Peer, path: &Path) -> Result<Item, String> {
    let failed = |error| format!("{}: {error}", path.display());
    let mut bytes = Vec::new();
    // One byte more than the lab takes shows that it is too long.
    let mut file = File::open(path)
        .map_err(failed)?
        .take(MOST_BYTES as u64 + 1);
    file.read_to_end(&mut bytes).map_err(failed)?;
    let opcode = match std::str::from_utf8(&bytes) {
        Ok(_) => OpCode::Text,
        Err(_) => OpCode::Binary,
    };
    Ok(Item::message(from, opcode, bytes))
}
