//! The `wscope` binary: arguments in, exit code out.

use std::process::ExitCode;

use clap::Parser;
use wscope::cli::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::parse_from(Arguments::with_command(std::env::args_os()));
    ExitCode::from(wscope::cli::run(&arguments).code())
}
