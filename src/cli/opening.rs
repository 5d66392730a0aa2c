//! Where the terminal UI opens.
//!
//! Job: turn a selection into a place and a filter. Input: arguments. Output: an [`Opening`].

use super::args::Selection;
use super::exit::Outcome;
use super::matching;
use crate::base::{Numbers, Only};
use crate::tui::Opening;

/// Where the UI opens: at one message of one connection, or with all that is selected.
pub(super) fn of(selection: &Selection) -> Outcome<Opening> {
    let single = |numbers: &Numbers| numbers.single();
    let connection = selection.connection.as_ref().and_then(Only::single);
    let message = selection.message.as_ref().and_then(single);
    let message = message.filter(|_| connection.is_some());
    let filter = matching::selected(selection, message.is_none())?;
    Ok(Opening {
        filter: filter.map(|filter| filter.source().to_owned()),
        connection,
        message,
    })
}
