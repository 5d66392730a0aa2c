//! What the arguments that all commands share come to.
//!
//! Job: choose between text and JSON, colours and none, and how many threads work. Input:
//! arguments, and what standard output is. Output: values for the commands.

use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::num::NonZeroUsize;

use super::args::{Common, When};
use crate::output::style::Style;
use crate::pipeline::Options;
use crate::session::Detail;

/// What a pipeline is to do; `None` where a key log that was named cannot be read, which is said.
pub(super) fn options(common: &Common, detail: Detail) -> Option<Options> {
    let options = Options {
        only: common.connection,
        ..Options::new(detail)
    };
    #[cfg(feature = "tls")]
    let options = Options {
        keys: common
            .keys
            .read(&common.files)
            .map_err(|error| eprintln!("wscope: {error}"))
            .ok()?,
        ..options
    };
    Some(options)
}

pub(super) fn render(
    common: &Common,
    text: impl FnOnce(Style) -> String,
    json: impl FnOnce(&mut Vec<u8>),
) -> Vec<u8> {
    if common.json {
        let mut out = Vec::new();
        json(&mut out);
        out
    } else {
        text(style(common.color)).into_bytes()
    }
}

pub(super) fn style(color: When) -> Style {
    Style {
        colour: coloured(color),
    }
}

/// Whether standard output gets colours.
pub(super) fn coloured(when: When) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto => {
            io::stdout().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
        }
    }
}

/// As many as there are cores, and no more than eight, unless told; one for a pipe, whose
/// packets come slowly and are to be shown at once.
pub(super) fn threads(files: &[OsString], asked: Option<NonZeroUsize>) -> usize {
    let piped = files.iter().any(|file| file == "-");
    match asked {
        Some(threads) => threads.get(),
        None if piped => 1,
        None => std::thread::available_parallelism()
            .map_or(1, NonZeroUsize::get)
            .min(8),
    }
}
