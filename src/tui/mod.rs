//! The terminal UI.
//!
//! Job: run the loop: what happened goes to `update`, the state goes to `view`, effects are done
//! here. Input: captures, keys, the mouse. Output: the terminal; files and the clipboard where
//! the user asks for them.
//!
//! `index` holds what is known of the capture, `app` the state, `update` changes it, `view` draws
//! it, `keymap` binds keys. Nothing but this file and `terminal` touches the outside.

pub mod app;
pub mod chooser;
pub mod effect;
pub mod index;
pub mod keymap;
pub mod layout;
pub mod message;
mod sixteen;
#[cfg(feature = "live")]
mod standing;
mod terminal;
pub mod update;
pub mod view;
mod world;

#[cfg(feature = "live")]
pub use world::listen;
pub use world::run;

use crate::pipeline::Options;
use crate::replay::Inputs;

/// What the UI is to show.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The captures.
    pub inputs: Inputs,
    /// How they are read.
    pub options: Options,
    /// Threads that read them.
    pub threads: usize,
    /// Colours are wanted.
    pub colours: bool,
    /// For the wall.
    pub present: bool,
}

#[cfg(test)]
mod tests;
