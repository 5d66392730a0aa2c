//! How fast whole captures are read, and with how much memory, next to tshark and to the bare floor.
//!
//! Makes captures, runs every program on the same file in turns, and prints one table with the best time of
//! each and its ratios. See `docs/performance.md`; `benches/bench.sh --help` for the options.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_possible_truncation,
    reason = "all its input is of its own making, and the floor must not check"
)]

mod agree;
mod captures;
mod connection;
mod floor;
mod generate;
#[cfg(feature = "tui")]
mod index;
mod kind;
mod measure;
mod payload;
mod programs;
mod random;
mod table;
mod talk;
mod wire;

use std::fs;
use std::io;
use std::path::PathBuf;

use captures::{Capture, Over, Wanted};
use clap::Parser;
use programs::Program;
use table::{Part, mega};

/// Reads whole captures with wscope, tshark and a bare reader, and compares.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(flatten)]
    wanted: Wanted,

    /// Rounds; the best one counts. tshark and the longer capture have one.
    #[arg(long, default_value_t = 5)]
    rounds: usize,

    /// Without tshark, which takes most of the time.
    #[arg(long)]
    no_tshark: bool,

    /// Only make the captures, and print their names.
    #[arg(long)]
    only_make: bool,

    /// Reads FILE as the floor does, and ends: how the benchmark runs itself.
    #[arg(long, value_name = "FILE", hide = true)]
    floor: Option<PathBuf>,

    /// The same for the index of the UI.
    #[cfg(feature = "tui")]
    #[arg(long, value_name = "FILE", hide = true)]
    index: Option<PathBuf>,

    /// What `cargo bench` passes.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    if let Some(file) = &arguments.floor {
        println!("{:?}", floor::run(file)?);
        return Ok(());
    }
    #[cfg(feature = "tui")]
    if let Some(file) = &arguments.index {
        println!("{}", index::run(file)?);
        return Ok(());
    }
    let captures = arguments.wanted.captures();
    if arguments.only_make {
        for capture in captures {
            println!("{}", capture.make()?.display());
        }
        return Ok(());
    }
    if !arguments.bench {
        // `cargo test --all-targets` comes here.
        return Ok(());
    }
    let tshark = !arguments.no_tshark && programs::has_tshark();
    if !tshark && !arguments.no_tshark {
        eprintln!("tshark is not installed: the table has no rows of it");
    }
    let parts = captures
        .iter()
        .map(|capture| compare(capture, arguments.rounds.max(1), tshark))
        .collect::<io::Result<Vec<Part>>>()?;
    print!("{}", table::page(&parts));
    Ok(())
}

fn compare(capture: &Capture, rounds: usize, tshark: bool) -> io::Result<Part> {
    eprintln!("{} …", capture.title());
    let file = capture.make()?;
    let totals = agree::check(capture, &file)?;
    let mut programs = programs::all(&file, capture.over)?;
    let rounds = if capture.over == Over::Longer {
        0
    } else {
        rounds
    };
    for _ in 0..rounds {
        for program in &mut programs {
            program.time()?;
        }
    }
    // It reads no WebSocket over HTTP/2.
    if tshark && capture.over == Over::Usual {
        programs.push(Program::tshark(&file));
    }
    for program in &mut programs {
        program.watch()?;
    }
    let bytes = fs::metadata(&file)?.len();
    if capture.over == Over::Longer {
        // Ten times the disk space is not kept.
        fs::remove_file(file)?;
    }
    Ok(Part {
        title: capture.title(),
        about: format!(
            "{:.1} MB, {}, {} messages, {:.1} MB of payload",
            mega(bytes),
            capture.talks(),
            totals.messages,
            mega(totals.payload_bytes)
        ),
        bytes,
        programs,
    })
}
