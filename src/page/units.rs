//! Units in a line.
//!
//! Job: sum up what a message completes, in the words of its protocol. Input: [`Unit`]s. Output:
//! text, which is not escaped yet.

use std::collections::HashSet;
use std::fmt::Write;

use super::redact::{Redact, secrets, secrets_of_json};
use super::words;
use crate::subprotocol::{Recognised, Unit, UnitStatus, Why, named};

/// `STOMP MESSAGE /topic/prices sub-0  {"bid":…}`, one after the other; of units that wrap others
/// only what is inside. Where secrets are redacted, a unit that has one shows no body.
pub fn summary(units: &[Unit], redact: Redact) -> String {
    let wrappers: HashSet<usize> = units.iter().filter_map(|unit| unit.inside).collect();
    let mut line = String::new();
    for (index, unit) in units.iter().enumerate() {
        if wrappers.contains(&index) {
            continue;
        }
        if !line.is_empty() {
            line.push_str(" · ");
        }
        one(unit, redact, &mut line);
    }
    line
}

fn one(unit: &Unit, redact: Redact, line: &mut String) {
    line.push_str(title(unit.protocol));
    line.push(' ');
    line.push_str(&unit.kind);
    let parts = [redact.about(unit), redact.id(unit)];
    for part in parts.into_iter().flatten() {
        line.push(' ');
        line.push_str(&part);
    }
    match unit.status {
        UnitStatus::Ok => {}
        UnitStatus::Error => line.push_str(" (error)"),
        UnitStatus::Partial => line.push_str(" (partial)"),
    }
    if let Some(answers) = answers(unit) {
        let _ = write!(line, " ({answers})");
    }
    let hides = |body: &str| {
        redact == Redact::Secrets
            && !(secrets(&unit.fields).is_empty() && secrets_of_json(body).is_empty())
    };
    if let Some(body) = unit
        .body
        .as_ref()
        .filter(|body| !body.is_empty() && !hides(body))
    {
        line.push_str("  ");
        line.push_str(&redact.words(body));
    }
}

/// `3.20 ms after #5`, `to #5, #7`: what a unit answers.
pub fn answers(unit: &Unit) -> Option<String> {
    let mut numbers: Vec<_> = unit.answers.iter().map(|to| to.message).collect();
    numbers.dedup();
    let first = numbers.first()?;
    let named = match numbers.len() {
        1 => format!("#{first}"),
        2 => format!("#{first}, #{}", numbers.last()?),
        _ => format!("#{first} to #{}", numbers.last()?),
    };
    Some(match unit.after {
        Some(after) => format!("{} after {named}", words::span(after)),
        None => format!("to {named}"),
    })
}

/// A protocol's name for people.
pub fn title(name: &'static str) -> &'static str {
    named(name).map_or(name, |entry| entry.title)
}

/// `STOMP, by message 1 and the agreed name`.
pub fn recognised(recognised: &Recognised) -> String {
    let Recognised { title, message, .. } = recognised;
    match recognised.why {
        Why::Said => format!("{title}, by what message {message} says"),
        Why::SaidAndAgreed => {
            format!("{title}, by what message {message} says and the agreed name")
        }
        Why::Asked => format!("{title}, as asked for"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::subprotocol::Answered;

    #[test]
    fn a_line_says_what_a_message_completes() {
        let asked = |message| Answered { message, unit: 0 };
        let message = Unit {
            protocol: "stomp",
            kind: "MESSAGE".into(),
            subject: Some("/topic/a".to_owned()),
            id: Some("sub-0".to_owned()),
            body: Some("{}".to_owned()),
            ..Unit::default()
        };
        let ack = Unit {
            protocol: "stomp",
            kind: "ACK".into(),
            answers: vec![asked(5), asked(6), asked(7)],
            after: Some(12_000_000),
            status: UnitStatus::Error,
            ..Unit::default()
        };
        let units = [message, ack];
        assert_eq!(
            summary(&units, Redact::Nothing),
            "STOMP MESSAGE /topic/a sub-0  {} · STOMP ACK (error) (12 ms after #5 to #7)"
        );
        // What wraps another is left out, and a body beside a secret.
        let fields = json!({"passcode": "x"});
        let wrapper = Unit {
            kind: "message".into(),
            ..Unit::default()
        };
        let connect = Unit {
            protocol: "stomp",
            kind: "CONNECT".into(),
            inside: Some(0),
            fields: fields.as_object().unwrap().clone(),
            body: Some("x".to_owned()),
            ..Unit::default()
        };
        let units = [wrapper, connect];
        assert_eq!(summary(&units, Redact::Secrets), "STOMP CONNECT");
        assert_eq!(summary(&units, Redact::Nothing), "STOMP CONNECT  x");
    }
}
