//! The `wscope` binary: arguments in, exit code out.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = wscope::cli::Arguments::parse();
    ExitCode::from(wscope::cli::run(&arguments).code())
}
