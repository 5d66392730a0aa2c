//! Causes: why a direction cannot be read, and who made it so.
//!
//! Job: find the one deed that explains all that goes wrong behind it. Input: both directions'
//! messages as they stood on the wire. Output: [`Cause`]s. RFC 7692 §7.1, §7.2.
//!
//! A message that does not inflate is a symptom: the deed lies before it. So the direction is
//! decoded once more under each thing that senders are known to do wrong, and what makes its
//! messages right is the cause, if it does so better than anything else and than chance would.

mod cause;
mod explain;
mod gather;
mod hypotheses;
mod judge;
mod pair;
mod reading;
mod sent;
mod suspects;
mod tokens;
mod window;
mod words;

pub use cause::Cause;
pub use explain::causes;
pub use gather::{needs_second_look, second_look};
pub use sent::{Direction, Sent};

pub(super) use suspects::Suspects;
