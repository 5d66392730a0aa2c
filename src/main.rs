//! The `wscope` binary: arguments in, exit code out.

use std::process::ExitCode;

use clap::Parser;
use wscope::cli::Arguments;

fn main() -> ExitCode {
    let words = Arguments::with_command(std::env::args_os());
    ExitCode::from(match Arguments::try_parse_from(words) {
        Ok(arguments) => wscope::cli::run(&arguments).code(),
        Err(error) => wscope::cli::refusal(&error),
    })
}
