//! The keys.
//!
//! Job: what a key asks for, by one table, from which help and the bottom line are made, too.
//! Input: key presses. Output: [`Command`]s.

mod bindings;
mod command;
mod key;

pub use bindings::{BINDINGS, Binding};
pub use command::{Command, Place};
pub use key::Key;

use crossterm::event::KeyEvent;

/// A binding with the keys that it has now.
#[derive(Debug, Clone)]
pub struct Bound {
    /// Where it holds.
    pub place: Place,
    /// The keys.
    pub keys: Vec<Key>,
    /// What they ask for.
    pub command: Command,
    /// What that does, for help.
    pub help: &'static str,
    /// A word for the bottom line, where it deserves one.
    pub hint: Option<&'static str>,
}

/// What keys ask for.
#[derive(Debug, Clone)]
pub struct Keymap {
    /// Every binding, narrower places first.
    pub bindings: Vec<Bound>,
}

impl Default for Keymap {
    fn default() -> Self {
        let bound = |binding: &Binding| Bound {
            place: binding.place,
            keys: binding.keys.to_vec(),
            command: binding.command,
            help: binding.help,
            hint: binding.hint,
        };
        let mut bindings: Vec<_> = BINDINGS.iter().map(bound).collect();
        // Those of a place together, in the order in which places come first.
        let places: Vec<_> = BINDINGS.iter().map(|binding| binding.place).collect();
        let order = |place| places.iter().position(|other| *other == place);
        bindings.sort_by_key(|bound| order(bound.place));
        Self { bindings }
    }
}

impl Keymap {
    /// Gives a command of a place other keys.
    pub fn rebind(&mut self, place: Place, command: &str, keys: &[Key]) {
        for bound in &mut self.bindings {
            if bound.place == place && bound.command.name() == command {
                bound.keys = keys.to_vec();
            }
        }
    }

    /// A key that asks for two things in one place.
    pub fn twice(&self) -> Option<(Place, Key)> {
        self.bindings.iter().enumerate().find_map(|(at, one)| {
            let others = self.bindings.get(at + 1..).unwrap_or_default().iter();
            let here = others.filter(|other| other.place == one.place);
            let taken: Vec<Key> = here.flat_map(|other| other.keys.clone()).collect();
            let key = one.keys.iter().find(|key| taken.contains(key))?;
            Some((one.place, *key))
        })
    }

    /// What a key asks for in these places, the narrowest first.
    pub fn command(&self, places: &[Place], event: KeyEvent) -> Option<Command> {
        let key = Key::of(event);
        places.iter().find_map(|place| {
            self.bindings
                .iter()
                .find(|binding| binding.place == *place && binding.keys.contains(&key))
                .map(|binding| binding.command)
        })
    }

    /// The bindings that count in these places, the narrowest first, for help.
    pub fn active(&self, places: &[Place]) -> Vec<(Place, Vec<&Bound>)> {
        let mut seen: Vec<Key> = Vec::new();
        let mut out = Vec::new();
        for place in places {
            let mut here = Vec::new();
            for binding in self.bindings.iter().filter(|one| one.place == *place) {
                if binding.keys.iter().any(|key| !seen.contains(key)) {
                    here.push(binding);
                }
            }
            seen.extend(here.iter().flat_map(|binding| &binding.keys));
            out.push((*place, here));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyModifiers};

    use super::*;

    #[test]
    fn no_key_is_bound_twice_in_a_place() {
        for (at, one) in BINDINGS.iter().enumerate() {
            for other in &BINDINGS[at + 1..] {
                if one.place == other.place {
                    for key in one.keys {
                        assert!(!other.keys.contains(key), "{key:?} in {:?}", one.place);
                    }
                }
            }
        }
    }

    #[test]
    fn names_of_keys_are_read_again() {
        for key in BINDINGS.iter().flat_map(|binding| binding.keys) {
            assert_eq!(Key::parse(&key.name()), Some(*key));
        }
        assert_eq!(Key::parse("Ctrl-ab"), None);
    }

    #[test]
    fn narrower_places_come_first() {
        let tab = KeyEvent::new(KeyCode::Tab, KeyModifiers::NONE);
        assert_eq!(
            Keymap::default().command(&[Place::Message, Place::Everywhere], tab),
            Some(Command::NextPane)
        );
        let enter = KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE);
        assert_eq!(Keymap::default().command(&[Place::Everywhere], enter), None);
        let capital = KeyEvent::new(KeyCode::Char('G'), KeyModifiers::SHIFT);
        assert_eq!(
            Keymap::default().command(&[Place::Everywhere], capital),
            Some(Command::Bottom)
        );
    }
}
