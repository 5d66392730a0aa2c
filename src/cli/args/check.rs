//! The arguments of `wscope check`.
//!
//! Job: which findings count. Input: words. Output: [`Check`].

use clap::{Args, ValueEnum};

use super::common::{Cells, Common};
use crate::finding::Code;

/// `wscope check`.
#[derive(Debug, Args)]
#[command(override_usage = "wscope check [OPTIONS] FILE...\n       wscope check [OPTIONS] -i NAME")]
#[command(after_help = "\
Exit codes: 0 no finding as bad as --fail-on says, 1 at least one, 2 an input or the output failed.
Each code is explained in docs/findings.md.")]
pub struct Check {
    /// Each finding by itself, where repeats on a connection are otherwise folded.
    #[arg(long)]
    pub all: bool,

    /// The least severity that makes the exit code 1.
    #[arg(long, value_enum, default_value_t = Level::Error, value_name = "SEVERITY")]
    pub fail_on: Level,

    /// Leave out findings with this code; can be given several times.
    #[arg(long, value_name = "CODE", value_parser = code)]
    pub ignore: Vec<Code>,

    /// Which fields.
    #[command(flatten)]
    pub cells: Cells,

    /// What all commands share.
    #[command(flatten)]
    pub common: Common,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// A rule was broken, or data are unreadable.
    Error,
    /// Likely trouble, too.
    Warning,
    /// Anything.
    Note,
}

fn code(name: &str) -> Result<Code, String> {
    if let Some(code) = Code::by_name(name) {
        return Ok(code);
    }
    let mut near: Vec<_> = Code::ALL
        .iter()
        .map(|code| (unlikeness(name, code.name()), code.name()))
        .collect();
    near.sort_unstable();
    let near: Vec<_> = near.iter().take(4).map(|(_, name)| *name).collect();
    Err(format!(
        "no finding has this code; near are {}; docs/findings.md lists all",
        near.join(", ")
    ))
}

/// How much of two names is not in both: words count twice as much as letters.
fn unlikeness(typed: &str, name: &str) -> usize {
    let words = |text: &str| text.split('-').map(str::to_owned).collect::<Vec<_>>();
    let (typed_words, name_words) = (words(typed), words(name));
    let same = typed_words
        .iter()
        .filter(|word| name_words.contains(word))
        .count();
    strsim::levenshtein(typed, name) + 8 - 4 * same.min(2)
}
