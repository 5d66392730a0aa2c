//! `wscope interfaces`.
//!
//! Job: print what can be listened on. Input: the system's list. Output: a table or JSON Lines.

use super::args::{Form, Format};
use super::exit::{Early, Exit, Outcome, write};
use super::out::Stdout;
use super::say::say;
use crate::error::Error;

/// Prints the interfaces.
pub(super) fn run(args: &Form) -> Outcome {
    let out = list(args.format)?;
    if out.is_empty() {
        say!("no interface can be seen");
        return Ok(Exit::Nothing);
    }
    write(&mut Stdout, &out)?;
    Ok(Exit::Success)
}

/// Says what there is to a user who has named none.
pub(super) fn ask() {
    say!("-i needs the name of an interface; there are:");
    match list(Format::Text) {
        Ok(table) => eprint!("{}", String::from_utf8_lossy(&table)),
        Err(error) => {
            Early::from(error).say();
        }
    }
}

#[cfg(feature = "live")]
fn list(format: Format) -> Result<Vec<u8>, Error> {
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
    Ok(match format {
        Format::Text => table(&lines).into_bytes(),
        Format::Json => interfaces_json(&lines),
    })
}

#[cfg(not(feature = "live"))]
fn list(_: Format) -> Result<Vec<u8>, Error> {
    Err(Error::NoLive)
}
