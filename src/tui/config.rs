//! What the user has chosen once and for all.
//!
//! Job: read a configuration, say what is wrong with it, and write the one in force with what each
//! line means. Input: TOML. Output: [`Config`].

use std::fmt::Write;
use std::str::FromStr;

use strum::{VariantArray, VariantNames};
use toml::{Table, Value};

use super::app::{App, Column, ConnectionColumn, FindingColumn, MessageColumn};
use super::colours::Colours;
use super::keymap::{BINDINGS, Key, Keymap, Place};
use crate::output::text::TimeFormat;
use crate::page::{Colour, Role};

/// What the user has chosen.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// How time is shown.
    pub time: TimeFormat,
    /// The mouse is not ours: the terminal selects text with it.
    pub no_mouse: bool,
    /// Columns of the tables, where chosen.
    pub columns: Columns,
    /// Colours that were chosen.
    pub colours: Colours,
    /// The keys.
    pub keys: Keymap,
}

/// Columns of the tables, where chosen.
#[derive(Debug, Clone, Default)]
pub struct Columns {
    /// Of connections.
    pub connections: Option<Vec<ConnectionColumn>>,
    /// Of messages.
    pub messages: Option<Vec<MessageColumn>>,
    /// Of findings.
    pub findings: Option<Vec<FindingColumn>>,
}

/// A column as the configuration names it.
fn column_name<C: Column + Into<&'static str>>(column: C) -> &'static str {
    column.into()
}

impl Config {
    /// Reads a configuration; what is not in it stays as it is.
    pub fn parse(text: &str) -> Result<Self, String> {
        let table: Table = text
            .parse()
            .map_err(|error: toml::de::Error| error.to_string())?;
        let mut config = Self::default();
        for (name, value) in &table {
            let section = as_table(name, value)?;
            match name.as_str() {
                "defaults" => config.defaults(section)?,
                "columns" => config.columns(section)?,
                "colours" => config.colours(section)?,
                "keys" => config.keys(section)?,
                _ => return Err(unknown("section", name, &SECTIONS)),
            }
        }
        Ok(config)
    }

    fn defaults(&mut self, table: &Table) -> Result<(), String> {
        for (name, value) in table {
            match (name.as_str(), value) {
                ("time", Value::String(time)) => {
                    let names = <TimeFormat as VariantNames>::VARIANTS;
                    self.time = time.parse().map_err(|_| unknown("time", time, names))?;
                }
                ("mouse", Value::Boolean(mouse)) => self.no_mouse = !mouse,
                ("time", _) => return Err("time is a text, such as \"relative\"".to_owned()),
                ("mouse", _) => return Err("mouse is true or false".to_owned()),
                _ => return Err(unknown("default", name, &["time", "mouse"])),
            }
        }
        Ok(())
    }

    fn columns(&mut self, table: &Table) -> Result<(), String> {
        for (name, value) in table {
            match name.as_str() {
                "connections" => self.columns.connections = Some(columns(name, value)?),
                "messages" => self.columns.messages = Some(columns(name, value)?),
                "findings" => self.columns.findings = Some(columns(name, value)?),
                _ => {
                    let tables = ["connections", "messages", "findings"];
                    return Err(unknown("table", name, &tables));
                }
            }
        }
        Ok(())
    }

    fn colours(&mut self, table: &Table) -> Result<(), String> {
        for (name, value) in table {
            let role =
                Role::from_str(name).map_err(|_| unknown("colour of", name, Role::VARIANTS))?;
            let Value::String(colour) = value else {
                return Err(format!("{name} has to be the name of a colour"));
            };
            let colour = Colour::from_str(colour)
                .map_err(|_| unknown("colour", colour, Colour::VARIANTS))?;
            self.colours.choose(role, colour);
        }
        Ok(())
    }

    fn keys(&mut self, table: &Table) -> Result<(), String> {
        for (name, value) in table {
            let places: Vec<_> = Place::VARIANTS.iter().map(|place| place.name()).collect();
            let place = Place::VARIANTS.iter().find(|place| place.name() == name);
            let place = *place.ok_or_else(|| unknown("place", name, &places))?;
            for (command, keys) in as_table(name, value)? {
                let here = BINDINGS.iter().filter(|binding| binding.place == place);
                let names: Vec<_> = here.map(|binding| binding.command.name()).collect();
                if !names.contains(command) {
                    let names: Vec<_> = names.iter().map(String::as_str).collect();
                    return Err(unknown("command", command, &names));
                }
                self.keys.rebind(place, command, &keys_of(command, keys)?);
            }
        }
        match self.keys.twice() {
            Some((place, key)) => Err(format!(
                "the key {} has two meanings in [keys.{}]",
                key.name(),
                place.name()
            )),
            None => Ok(()),
        }
    }

    /// Has a UI do as was chosen.
    pub fn apply(self, app: &mut App) {
        app.time = self.time;
        app.colours = self.colours;
        app.keys = self.keys;
        app.connections.table.choose(self.columns.connections);
        app.messages.table.choose(self.columns.messages);
        app.findings.table.choose(self.columns.findings);
    }

    /// The configuration in force, each line with what it means.
    pub fn text(&self) -> String {
        let mut out = String::from(
            "# What holds in the terminal UI unless an option says otherwise.\n\
             # A line that is left out leaves things as they are here.\n\n[defaults]\n",
        );
        let time: &str = self.time.into();
        let _ = writeln!(
            out,
            "# relative, utc, local, epoch or delta\ntime = {time:?}"
        );
        let _ = writeln!(
            out,
            "# false leaves the mouse to the terminal, to select text with\nmouse = {}",
            !self.no_mouse
        );
        out.push_str("\n# Columns of the tables, from left to right; left out, they fit the width.\n[columns]\n");
        list("connections", self.columns.connections.as_deref(), &mut out);
        list("messages", self.columns.messages.as_deref(), &mut out);
        list("findings", self.columns.findings.as_deref(), &mut out);
        let _ = writeln!(
            out,
            "\n# One colour for one meaning: {}\n[colours]",
            Colour::VARIANTS.join(", ")
        );
        for name in Role::VARIANTS {
            if let Ok(role) = Role::from_str(name) {
                let colour: &str = self.colours.of(role).into();
                let _ = writeln!(out, "{name} = {colour:?}");
            }
        }
        let mut before = None;
        for bound in &self.keys.bindings {
            if before != Some(bound.place) {
                let _ = writeln!(out, "\n[keys.{}]", bound.place.name());
                before = Some(bound.place);
            }
            let keys: Vec<_> = bound.keys.iter().map(|key| key.name()).collect();
            let _ = writeln!(out, "# {}\n{} = {keys:?}", bound.help, bound.command.name());
        }
        out
    }
}

const SECTIONS: [&str; 4] = ["defaults", "columns", "colours", "keys"];

fn list<C: Column + Into<&'static str>>(name: &str, chosen: Option<&[C]>, out: &mut String) {
    let all: Vec<_> = C::VARIANTS.iter().map(|one| column_name(*one)).collect();
    let chosen = chosen.map(|some| some.iter().map(|one| column_name(*one)).collect::<Vec<_>>());
    let _ = match chosen {
        Some(chosen) => writeln!(out, "# of {}\n{name} = {chosen:?}", all.join(", ")),
        None => writeln!(out, "# {name} = {all:?}"),
    };
}

fn as_table<'a>(name: &str, value: &'a Value) -> Result<&'a Table, String> {
    value
        .as_table()
        .ok_or_else(|| format!("{name} has to be a section: [{name}]"))
}

/// The texts of an array.
fn texts<'a>(name: &str, value: &'a Value) -> Result<Vec<&'a str>, String> {
    let all = value.as_array().into_iter().flatten();
    let texts: Vec<_> = all.map(Value::as_str).collect();
    let texts: Option<Vec<_>> = texts.into_iter().collect();
    texts
        .filter(|_| value.is_array())
        .ok_or_else(|| format!("{name} has to be a list of texts"))
}

fn columns<C: Column + Into<&'static str>>(name: &str, value: &Value) -> Result<Vec<C>, String> {
    let names: Vec<_> = C::VARIANTS.iter().map(|one| column_name(*one)).collect();
    let find = |text: &str| {
        let found = C::VARIANTS.iter().find(|one| column_name(**one) == text);
        found
            .copied()
            .ok_or_else(|| unknown("column", text, &names))
    };
    let columns = texts(name, value)?
        .into_iter()
        .map(find)
        .collect::<Result<Vec<_>, _>>()?;
    if columns.is_empty() {
        return Err(format!("{name} would have no columns"));
    }
    Ok(columns)
}

fn keys_of(command: &str, value: &Value) -> Result<Vec<Key>, String> {
    let parse = |text: &str| {
        Key::parse(text).ok_or_else(|| {
            format!("{text:?} is no key: a, A, Ctrl-A, Enter, PgUp, F5 and the like")
        })
    };
    texts(command, value)?.into_iter().map(parse).collect()
}

/// What is unknown, and the nearest name that is known.
fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let near = known
        .iter()
        .min_by_key(|other| strsim::osa_distance(name, other));
    match near {
        Some(near) => format!("there is no {what} {name:?}; the nearest name is {near:?}"),
        None => format!("there is no {what} {name:?}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let text = "[defaults]\ntime = \"delta\"\nmouse = false\n[columns]\n\
                    messages = [\"number\", \"preview\"]\n[colours]\nserver = \"bright-red\"\n\
                    [keys.messages]\nfollow = [\"F5\", \"Ctrl-T\"]\n";
        let config = Config::parse(text).unwrap();
        let again = Config::parse(&config.text()).unwrap();
        assert_eq!(config.text(), again.text());
        assert_eq!((again.time, again.no_mouse), (TimeFormat::Delta, true));
        assert_eq!(again.colours.of(Role::Server), Colour::BrightRed);
        assert_eq!(again.colours.of(Role::Client), Colour::Cyan);
        let columns = [MessageColumn::Number, MessageColumn::Preview];
        assert_eq!(again.columns.messages.as_deref(), Some(&columns[..]));
        let default = Config::default().text();
        assert_eq!(Config::parse(&default).unwrap().text(), default);
        assert_eq!(Config::parse("").unwrap().text(), default);
    }

    #[test]
    fn unknown_names_are_errors_with_the_nearest() {
        for (text, says) in [
            (
                "[colors]",
                "no section \"colors\"; the nearest name is \"colours\"",
            ),
            (
                "[defaults]\ntme = \"delta\"",
                "the nearest name is \"time\"",
            ),
            (
                "[colours]\nclinet = \"red\"",
                "the nearest name is \"client\"",
            ),
            ("[colours]\nclient = \"rde\"", "the nearest name is \"red\""),
            (
                "[columns]\nmessages = [\"nubmer\"]",
                "the nearest name is \"number\"",
            ),
            ("[keys.mesages]", "the nearest name is \"messages\""),
            (
                "[keys.messages]\nfolow = [\"x\"]",
                "the nearest name is \"follow\"",
            ),
            ("[keys.messages]\nfollow = [\"Hyper-X\"]", "is no key"),
            (
                "[keys.messages]\nfollow = [\"c\"]",
                "two meanings in [keys.messages]",
            ),
            ("[defaults]\nmouse = 3", "mouse is true or false"),
            ("defaults = 3", "has to be a section"),
            ("[columns]\nmessages = []", "no columns"),
        ] {
            let error = Config::parse(text).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
    }
}
