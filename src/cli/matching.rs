//! `-Y EXPR`: a filter from the command line.
//!
//! Job: read it, and point at what is wrong with it. Input: the argument. Output: a filter, or
//! the lines to say.

use crate::filter::{Error, Filter};
use crate::page::escape;

/// Reads a filter.
pub(super) fn parse(typed: &str) -> Result<Filter, String> {
    Filter::parse(typed).map_err(|error| pointed(typed, &error))
}

/// What is wrong, the expression, and a caret under the place.
fn pointed(typed: &str, error: &Error) -> String {
    let before = typed.get(..error.offset).unwrap_or(typed);
    let mut shown = String::new();
    let column = escape::text(before, usize::MAX, &mut shown).unwrap_or(0);
    shown.clear();
    escape::text(typed, usize::MAX, &mut shown);
    format!("{error}\n  {shown}\n  {:column$}^", "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_place() {
        let said = parse("from == sever").unwrap_err();
        let lines: Vec<_> = said.lines().collect();
        assert!(lines[0].contains("one of client, server"), "{said}");
        assert_eq!(lines[1..], ["  from == sever", "          ^"]);
    }

    #[test]
    fn columns_are_counted_as_they_are_shown() {
        // A wide character takes two columns; a tab is shown as two characters.
        let said = parse("text contains \"世\"\tand from == x").unwrap_err();
        let lines: Vec<_> = said.lines().collect();
        assert_eq!(lines[1], "  text contains \"世\"\\tand from == x");
        assert_eq!(
            lines[2].len(),
            "  text contains \"__\"\\tand from == ^".len()
        );
    }

    #[test]
    fn the_end_can_be_wrong_and_nothing_at_all() {
        let said = parse("ratio <").unwrap_err();
        assert!(said.ends_with("\n  ratio <\n         ^"), "{said}");
        let said = parse("").unwrap_err();
        assert!(said.ends_with("\n  \n  ^"), "{said}");
    }

    #[test]
    fn an_expression_cannot_act_on_a_terminal() {
        let said = parse("from == \x1b[2J\n").unwrap_err();
        assert!(!said.contains('\x1b'), "{said:?}");
        assert_eq!(said.lines().count(), 3);
    }
}
