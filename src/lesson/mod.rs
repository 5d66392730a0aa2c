//! The lab: typed messages and guided steps.
//!
//! Job: make the bytes of both sides from what somebody types, and lead through lessons about
//! them. Input: messages, [`Controls`], lesson files. Output: captures in memory, explanations
//! and pages. It knows no terminal. RFC 6455, RFC 7692, RFC 1951.
//!
//! A [`Lab`] is what is typed. [`Made`] is a capture file of it, which the same pipeline reads
//! that reads all captures, so that a lab message is explained as a captured one is.

mod capture;
pub mod controls;
mod document;
mod figures;
mod guess;
pub mod hex;
mod instruction;
mod lab;
mod made;
pub mod page;
mod scene;
mod sender;
pub mod shipped;
mod shown;
mod taken;

pub use controls::{Controls, Proxy, Strategy};
pub use document::{Fault, Lesson, Question, name_of};
pub use figures::Figures;
pub use guess::{Guess, guess};
pub use instruction::{Instruction, item};
pub use lab::{Content, Item, Lab, MOST_BYTES, MOST_ITEMS};
pub use made::{Made, Size};
pub use scene::play;
pub use shown::{Content as Shown, Ground, Scene};
pub use taken::{Taken, options};
