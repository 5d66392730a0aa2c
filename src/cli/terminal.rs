//! The terminal that the UI needs.
//!
//! Job: say that there is none, or that it cannot be used. Output: what is told to the user.

use std::io::{self, IsTerminal};

/// What a terminal says that is none.
#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
pub(super) fn unusable(error: io::Error) -> String {
    format!("the terminal cannot be used: {error}")
}

/// Refuses to go on without a terminal; `instead` is the command that needs none.
pub(super) fn terminal(instead: &str) -> Result<(), String> {
    if io::stdout().is_terminal() && io::stdin().is_terminal() {
        return Ok(());
    }
    Err(format!(
        "the UI needs a terminal; `{instead}` prints to files and pipes"
    ))
}
