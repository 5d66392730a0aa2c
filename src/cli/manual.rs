//! Completions for shells, manual pages, and names that were nearly right.
//!
//! Job: all that is made of the description of the arguments. Input: that description. Output: text
//! on standard output, and an exit code.

use clap::{Command, CommandFactory};
use clap_complete::{Shell, generate};
use clap_mangen::Man;

use super::args::Arguments;
use super::exit::{Exit, Outcome, write, written};
use super::out::Stdout;

/// Prints a script that completes words for a shell.
pub(super) fn completions(shell: Shell) -> Outcome {
    let mut script = Vec::new();
    generate(shell, &mut Arguments::command(), "wscope", &mut script);
    write(&mut Stdout, &script)?;
    Ok(Exit::Success)
}

/// Prints a manual page: of all, or of one command.
pub(super) fn page(of: Option<&str>) -> Outcome {
    let mut all = Arguments::command();
    all.build();
    let man = match of {
        None => Man::new(all),
        Some(name) => {
            let found = commands(&all).find(|command| command.get_name() == name);
            let found = found.cloned().ok_or_else(|| match nearest(name) {
                Some(near) => format!("there is no command {name:?}, but {near:?}"),
                None => format!("there is no command {name:?}"),
            })?;
            let found = found.version(env!("CARGO_PKG_VERSION"));
            Man::new(found).title(format!("wscope-{name}"))
        }
    };
    let mut page = Vec::new();
    written(man.render(&mut page))?;
    write(&mut Stdout, &page)?;
    Ok(Exit::Success)
}

fn commands(all: &Command) -> impl Iterator<Item = &Command> {
    all.get_subcommands().filter(|one| !one.is_hide_set())
}

/// The command that was most likely meant.
pub(super) fn nearest(name: &str) -> Option<String> {
    // Nothing that long is a name typed wrongly.
    let name: String = name.chars().take(32).collect();
    let all = Arguments::command();
    let near = commands(&all).map(|one| (strsim::osa_distance(&name, one.get_name()), one));
    let (distance, near) = near.min_by_key(|(distance, _)| *distance)?;
    let is_near = distance <= 2 && distance * 3 <= name.len();
    is_near.then(|| near.get_name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_are_corrected_and_others_are_not() {
        for (typed, meant) in [
            ("message", Some("messages")),
            ("stat", Some("stats")),
            ("chekc", Some("check")),
            ("conections", Some("connections")),
            ("no-such-file", None),
            ("a.pcap", None),
            ("x", None),
        ] {
            assert_eq!(nearest(typed).as_deref(), meant, "{typed}");
        }
    }

    #[test]
    fn the_arguments_are_consistent() {
        Arguments::command().debug_assert();
    }
}
