//! `wscope config`: the configuration of the terminal UI.
//!
//! Job: find the file, read it, print what holds. Input: the environment. Output: a [`Config`]; TOML.

use std::env;
use std::io;
use std::path::PathBuf;

use super::args::View;
use super::exit::{Exit, Outcome};
use crate::tui::Config;

/// Where the file is, whether or not there is one.
fn path() -> Option<PathBuf> {
    let set = |name| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let folder = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))?;
    Some(folder.join("wscope").join("config.toml"))
}

/// What holds in the UI: the options, and for the rest the file.
pub(super) fn load(args: &View) -> Outcome<Config> {
    let mut config = read()?;
    config.no_mouse |= args.no_mouse;
    config.time = args.time.map_or(config.time, Into::into);
    Ok(config)
}

/// What the file says; where there is none, what holds without.
pub(super) fn read() -> Outcome<Config> {
    let Some(path) = path() else {
        return Ok(Config::default());
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Config::default()),
        Err(error) => return Err(format!("{} cannot be read: {error}", path.display()).into()),
    };
    let config = Config::parse(&text);
    Ok(config.map_err(|error| format!("{}: {error}", path.display()))?)
}

/// Prints the configuration that holds.
pub(super) fn run() -> Outcome {
    let config = read()?;
    let place = path().map_or_else(String::new, |path| format!("# {}\n", path.display()));
    let text = place + &config.text();
    super::exit::write(&mut io::stdout(), text.as_bytes())?;
    Ok(Exit::Success)
}
