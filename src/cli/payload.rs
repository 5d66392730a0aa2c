//! `wscope payload`.
//!
//! Job: write the payloads of messages as they are, inflated and unmasked. Input: arguments.
//! Output: bytes on standard output or in a file, and an exit code.

use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::args::{Format, Payload};
use super::ends::planned;
use super::exit::{Exit, Outcome, written};
use super::out::Stdout;
use super::run::render_to;
use super::say::say;
use crate::event::{Event, Message, Outlet, Renderer};
use crate::output::chosen::Chosen;
use crate::page::redact::Redact;
use crate::page::words::count;
use crate::session::Detail;

/// What was written, and what is said of payloads that are not all there.
#[derive(Debug, Default)]
struct Written {
    messages: u64,
    notes: Vec<String>,
}

type Told = Arc<Mutex<Written>>;

pub(super) fn run(args: &Payload) -> Outcome {
    let plan = planned(&args.common, [])?;
    if args.common.printing.form.format == Format::Json {
        return Err(
            "payload writes raw bytes; `messages --json` has them as JSON"
                .to_owned()
                .into(),
        );
    }
    if plan.redact(Redact::Nothing) == Redact::Secrets {
        return Err("payload writes what was sent; it cannot redact"
            .to_owned()
            .into());
    }
    plan.needs_connections()?;
    let told = Told::default();
    let make = || Chosen::new(plan.filter.clone(), Payloads(told.clone()));
    let exit = match &args.output {
        None => render_to(&plan, Detail::Payloads, Stdout, make)?,
        Some(path) => {
            let name = path.display();
            // A file that exists is never overwritten.
            let file = File::create_new(path).map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => format!("{name} exists; give another name"),
                _ => format!("{name} cannot be written: {error}"),
            })?;
            render_to(&plan, Detail::Payloads, file, make)?
        }
    };
    written(io::stdout().flush())?;
    let told = told.lock().unwrap_or_else(PoisonError::into_inner);
    for note in &told.notes {
        say!("warning: {note}");
    }
    if told.messages > 0 || exit != Exit::Success {
        return Ok(exit);
    }
    if let Some(path) = &args.output {
        let _ = std::fs::remove_file(path);
    }
    say!("no message is as asked for; `wscope messages FILE -c N` lists them");
    Ok(Exit::Nothing)
}

/// Renders payloads and nothing else.
struct Payloads(Told);

impl Renderer for Payloads {
    type Output = Vec<u8>;

    fn event(&mut self, event: Event<'_>, out: &mut Outlet<'_, Vec<u8>>) {
        if let Event::Message(message) = event {
            out.put(message.payload);
            let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            told.messages += 1;
            told.notes.extend(note(message));
        }
    }
}

/// What is missing of a payload.
fn note(message: &Message<'_>) -> Option<String> {
    let place = format!(
        "message {} of connection {}",
        message.number, message.conversing
    );
    if message.truncated {
        let kept = count(message.payload.len() as u64, "byte");
        return Some(format!(
            "{place} is longer than wscope keeps (more with --max-memory); these are its first {kept}"
        ));
    }
    let reason = message.reason()?;
    Some(if message.is_lost() {
        format!("{place} is lost ({reason})")
    } else {
        let unknown = count(message.missing_bytes(), "byte");
        format!(
            "{place} is partial ({reason}); {unknown} not known, written as zeros where they have a place"
        )
    })
}
