//! Which messages match, on the command line.
//!
//! Job: make one filter of `-Y`, `-m`, `--from` and `--opcode`, and point at what is wrong with an
//! expression. Input: arguments. Output: a filter, or the lines to say.

use super::args::Selection;
use super::exit::Outcome;
use crate::base::Peer;
use crate::filter::{Error, Filter};
use crate::page::escape;

/// The filter that the options of a selection make together, with or without `-m`.
pub(super) fn selected(args: &Selection, numbered: bool) -> Outcome<Option<Filter>> {
    let from = args.from.map(Peer::from);
    let from = from.map(|from| format!("from == {from}"));
    let opcodes = any(args.opcode.iter().map(|name| format!("opcode == {name}")));
    let numbers = args.message.iter().filter(|_| numbered);
    let numbers = numbers.flat_map(crate::base::Numbers::ranges);
    let numbers = numbers.map(|range| match (range.start(), range.end()) {
        (one, other) if one == other => format!("message == {one}"),
        (first, last) => format!("(message >= {first} and message <= {last})"),
    });
    let mut all = None;
    let mut add = |one: Filter| {
        all = Some(match all.take() {
            Some(before) => Filter::and(before, one),
            None => one,
        });
    };
    for options in [from, opcodes, any(numbers)].into_iter().flatten() {
        add(parse(&options)?);
    }
    if let Some(typed) = &args.matching {
        add(parse(typed).map_err(|why| format!("-Y: {why}"))?);
    }
    Ok(all)
}

/// An expression that holds where one of `parts` does.
fn any(parts: impl Iterator<Item = String>) -> Option<String> {
    let parts: Vec<_> = parts.collect();
    match &parts[..] {
        [] => None,
        [one] => Some(one.clone()),
        _ => Some(format!("({})", parts.join(" or "))),
    }
}

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
