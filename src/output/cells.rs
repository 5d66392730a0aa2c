//! Rows of figures: of the client, of the server, of both.
//!
//! Job: one form for all of them. Input: what the columns are of, and what a row says of each. Output: a
//! line.

use std::fmt::Write;

/// What the columns are of, and the table as it grows.
pub(super) struct Columns<'a, T>(pub(super) [&'a T; 3], pub(super) &'a mut String);

impl<T> Columns<'_, T> {
    /// A row of figures, unless there is nothing to say.
    pub(super) fn figures(&mut self, name: &str, figure: impl Fn(&T) -> u64) {
        self.texts(name, |column| figure(column).to_string());
    }

    /// A row of texts; `0` and `-` say nothing.
    pub(super) fn texts(&mut self, name: &str, text: impl Fn(&T) -> String) {
        let cells = self.0.map(text);
        if cells.iter().any(|cell| cell != "0" && cell != "-") {
            let [client, server, both] = cells;
            let _ = writeln!(self.1, "  {name:<32} {client:>14} {server:>14} {both:>14}");
        }
    }
}
