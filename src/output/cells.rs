//! A line of totals: a name, and a cell for each column.

use std::fmt::Write;

/// A line of the table, unless there is nothing to say.
pub(super) fn cells(name: &str, values: &[String], out: &mut String) {
    if values.iter().all(|cell| cell == "0" || cell == "-") {
        return;
    }
    let _ = write!(out, "  {name:<32}");
    for cell in values {
        let _ = write!(out, " {cell:>14}");
    }
    out.push('\n');
}
