//! `wscope interfaces`.
//!
//! Job: print what can be listened on. Input: the system's list. Output: a table or JSON Lines.

use std::io::Write;

use super::args::Interfaces;
use super::exit::{Exit, unwritten};
use super::out::Stdout;
use super::say::say;
use crate::error::Error;

/// Prints the interfaces.
pub(super) fn run(args: &Interfaces) -> Exit {
    let out = match list(args.json) {
        Ok(out) => out,
        Err(error) => {
            say!("{error}");
            return Exit::Failed;
        }
    };
    if out.is_empty() {
        say!("no interface can be seen");
        return Exit::Nothing;
    }
    let mut stdout = Stdout;
    let written = stdout.write_all(&out).and_then(|()| stdout.flush());
    unwritten(written).unwrap_or(Exit::Success)
}

/// Says what there is to a user who has named none.
pub(super) fn ask() {
    say!("-i needs the name of an interface; there are:");
    match list(false) {
        Ok(table) => eprint!("{}", String::from_utf8_lossy(&table)),
        Err(error) => say!("{error}"),
    }
}

#[cfg(feature = "live")]
fn list(json: bool) -> Result<Vec<u8>, Error> {
    use crate::capture::live::interfaces;
    use crate::output::capture::{InterfaceLine, interfaces as table, interfaces_json};

    let list = interfaces()?;
    let lines: Vec<_> = list
        .iter()
        .map(|one| {
            let description = one.description.as_deref();
            let mut line = InterfaceLine::new(&one.name, description, &one.addresses);
            line.up = one.up;
            line.running = one.running;
            line.loopback = one.loopback;
            line.wireless = one.wireless;
            line.likely = one.likely;
            line
        })
        .collect();
    Ok(if json {
        interfaces_json(&lines)
    } else {
        table(&lines).into_bytes()
    })
}

#[cfg(not(feature = "live"))]
fn list(_: bool) -> Result<Vec<u8>, Error> {
    Err(Error::NoLive)
}
