//! Which colour tells what.
//!
//! Job: the colours of `page`, but for those that the user has chosen otherwise. Input and output: none.

use std::collections::BTreeMap;

use crate::page::{Colour, Role};

/// Colours by what they tell.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Colours(BTreeMap<Role, Colour>);

impl Colours {
    /// Has something told by another colour.
    pub fn choose(&mut self, role: Role, colour: Colour) {
        self.0.insert(role, colour);
    }

    /// The colour that tells something.
    pub fn of(&self, role: Role) -> Colour {
        self.0.get(&role).copied().unwrap_or(role.colour())
    }
}
