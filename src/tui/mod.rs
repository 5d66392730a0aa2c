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
pub mod colours;
pub mod config;
pub mod effect;
pub mod index;
pub mod keymap;
mod lab;
pub mod layout;
pub mod maker;
pub mod message;
mod rows;
mod settings;
pub mod shot;
mod sixteen;
mod standing;
mod terminal;
pub mod update;
pub mod view;
mod world;

pub use config::Config;
pub use index::Piped;
pub use settings::{Opening, Settings};
#[cfg(feature = "live")]
pub use world::listen;
pub use world::{pipe, run};

#[cfg(test)]
mod tests;
