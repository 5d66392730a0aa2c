//! Cipher suites by name.
//!
//! Job: say what a suite's number stands for. Input: the number in a `ServerHello`. Output: its name.

use std::fmt;

use super::suite_names::NAMES;

/// A cipher suite by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Suite(pub u16);

impl Suite {
    /// The name in IANA's registry, without `TLS_` in front.
    pub(super) fn short_name(self) -> Option<&'static str> {
        let at = NAMES.binary_search_by_key(&self.0, |&(id, _)| id).ok()?;
        NAMES.get(at).map(|&(_, name)| name)
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.short_name() {
            Some(name) => write!(f, "TLS_{name}"),
            None => write!(f, "0x{:04x}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_ordered() {
        assert!(NAMES.is_sorted_by(|one, other| one.0 < other.0));
    }
}
