//! Secrets that a sentence names.
//!
//! Job: find words that look like tokens, and values beside a name that says so: `token=…`,
//! `"password":"…"`, `Authorization: Bearer …`, `bad passcode …`. Input: text. Output: the same
//! without them.

use super::secrecy::{is_of_token, looks_secret, secret, sounds_secret};

/// Names after which a word of letters and digits is a secret, whatever is between.
const LOUD: [&str; 9] = [
    "token",
    "secret",
    "password",
    "passcode",
    "passwd",
    "passphrase",
    "apikey",
    "jwt",
    "ticket",
];

/// What comes before the secret in `Authorization`. RFC 9110 §11.4.
const SCHEMES: [&str; 5] = ["bearer", "basic", "digest", "negotiate", "token"];

/// Characters from which on a word after such a name is taken for a secret.
const ENOUGH: usize = 8;

/// How a value goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    /// Up to what no value has without quotes.
    Bare,
    /// Up to this quote.
    Quoted(char),
    /// It may be a word of the sentence.
    Loose,
}

impl Value {
    fn ends(self, c: char) -> bool {
        match self {
            Self::Quoted(quote) => c == quote || c == '\\',
            _ => c.is_whitespace() || c.is_control() || "&\"',;()<>[]{}…".contains(c),
        }
    }
}

/// The text without them.
pub(super) fn reworded(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    let mut expected = None;
    while !rest.is_empty() {
        let expects = expected.take();
        if let Some(value @ (Value::Bare | Value::Quoted(_))) = expects {
            let end = rest.find(|c| value.ends(c)).unwrap_or(rest.len());
            let (found, after) = rest.split_at(end);
            rest = after;
            if value == Value::Bare
                && is_one_of(&SCHEMES, found)
                && let Some(after) = after.strip_prefix(' ')
            {
                shown.push_str(found);
                shown.push(' ');
                rest = after;
                expected = Some(value);
            } else if found.is_empty() || stands_for_one(found) {
                shown.push_str(found);
            } else {
                shown.push_str(&secret(found));
            }
            continue;
        }
        let (word, after) = rest.split_at(rest.find(|c| !is_of_token(c)).unwrap_or(rest.len()));
        if let Some((name, value)) = word.split_once('=')
            && names_secret(name, value)
        {
            shown.push_str(name);
            shown.push('=');
            let value = rest.get(name.len() + 1..).unwrap_or_default();
            let quote = value.chars().next().filter(|c| "\"'".contains(*c));
            shown.extend(quote);
            rest = value
                .get(quote.map_or(0, char::len_utf8)..)
                .unwrap_or_default();
            expected = Some(quote.map_or(Value::Bare, Value::Quoted));
            continue;
        }
        let is_hidden = looks_secret(word) || expects == Some(Value::Loose) && is_random(word);
        if is_hidden {
            shown.push_str(&secret(word));
        } else {
            shown.push_str(word);
        }
        let (between, _) = after.split_at(after.find(is_of_token).unwrap_or(after.len()));
        let (len, value) = match mark(word, between) {
            Some((len, value)) => (len, Some(value)),
            None => (between.len(), None),
        };
        let (between, after) = after.split_at_checked(len).unwrap_or((after, ""));
        shown.push_str(between);
        (rest, expected) = (after, value);
    }
    shown
}

/// Whether it is what stands for a secret already.
fn stands_for_one(found: &str) -> bool {
    let inside = found
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    inside.is_some_and(|inside| inside.contains(" bytes #"))
}

/// Whether `name=value` has a secret. What is called a code is one of OAuth, or a number.
fn names_secret(name: &str, value: &str) -> bool {
    let name = name.rsplit('/').next().unwrap_or_default();
    let number = value.chars().all(|c| c.is_ascii_digit());
    sounds_secret(name) && !(name.eq_ignore_ascii_case("code") && number)
}

/// What of the signs after a word comes before a value that the word names, and how that goes on.
fn mark(word: &str, between: &str) -> Option<(usize, Value)> {
    // As JSON has them, and JSON in a text of JSON.
    let quoted = [":\"", ": \"", ":\\\"", ": \\\""]
        .into_iter()
        .find_map(|sign| {
            let at = between.find(sign)?;
            Some((at + sign.len(), Value::Quoted('"')))
        });
    if quoted.is_some() {
        return quoted.filter(|_| sounds_secret(word));
    }
    // As headers have them.
    let header = between.strip_prefix(':');
    if header.is_some_and(|rest| !rest.starts_with(char::is_whitespace)) {
        return sounds_secret(word).then_some((1, Value::Bare));
    }
    if header == Some(" ") && ends_with(word, "authorization") {
        return Some((2, Value::Bare));
    }
    let near = [" ", ": ", " = ", " \"", " '", ": '"].contains(&between);
    let loud = near && LOUD.iter().any(|name| ends_with(word, name));
    loud.then_some((between.len(), Value::Loose))
}

/// Whether a word is made as random ones are, and none of the language.
fn is_random(word: &str) -> bool {
    word.len() >= ENOUGH
        && word.chars().any(|c| c.is_ascii_digit())
        && word.chars().any(|c| c.is_ascii_alphabetic())
}

fn ends_with(word: &str, end: &str) -> bool {
    let start = word.len().checked_sub(end.len());
    let tail = start.and_then(|start| word.get(start..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

fn is_one_of(names: &[&str], word: &str) -> bool {
    names.iter().any(|name| name.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_name_says_is_a_secret_is_one() {
        for (said, parts) in [
            (
                "no answer to /q/a?token=T0!x (SEND)",
                ["no answer to /q/a?token=[", "] (SEND)"],
            ),
            ("api_key='T0 T0' is wrong", ["api_key='[", "]' is wrong"]),
            (
                r#"{"password":"!T0 T0","a":1}"#,
                [r#"{"password":"["#, r#"]","a":1}"#],
            ),
            (r#"{\"token\":\"T0\"}"#, [r#"{\"token\":\"["#, r#"]\"}"#]),
            ("passcode:T0$T0\nhost:a", ["passcode:[", "]\nhost:a"]),
            ("Authorization:Bearer T0", ["Authorization:Bearer [", "]"]),
            ("Authorization: Basic T0", ["Authorization: Basic [", "]"]),
            ("bad passcode T0secret", ["bad passcode [", "]"]),
        ] {
            let shown = reworded(said);
            assert!(!shown.contains("T0"), "{shown}");
            assert!(shown.starts_with(parts[0]), "{shown}");
            assert!(shown.ends_with(parts[1]), "{shown}");
        }
    }

    #[test]
    fn other_words_stay() {
        for said in [
            "the token expired, and the token v2 is not there",
            "token: none; password required",
            "code=1006 window_bits=15 a=b==",
            "the masking key 37fa213d comes again",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "",
            "token=",
            "token:",
        ] {
            assert_eq!(reworded(said), said);
        }
    }
}
