//! What gives the objects of known protocols away.
//!
//! Job: rule most JSON out before it is read member by member. Input: text. Output: whether it may be an
//! object, or an array of objects, that one of these protocols sends: GraphQL, JSON-RPC and its dialects.
//!
//! All protocols look at the first messages of every conversation, and a document without any of this takes
//! longer to read than all else that is done with it. What is found here may stand anywhere in the text; who
//! asks reads the text then.

use std::sync::LazyLock;

use regex::Regex;

/// A shorter text is read at once.
const SHORT: usize = 256;

/// Members by their name and the beginning of their value, with the blanks of RFC 8259 §2.
const MEMBERS: &[(&str, &str)] = &[
    // JSON-RPC 2.0 §4, §5.
    ("jsonrpc", r"2\.0"),
    // CDP: a domain and its method.
    ("method", r"[A-Z][A-Za-z0-9]*\."),
    // GraphQL, both protocols.
    (
        "type",
        "(?:connection_init|connection_ack|connection_error|connection_terminate|subscribe|next|error|complete|ping\
         |pong|start|stop|data|ka)\"",
    ),
];

/// RFC 8259 §7: an escaped letter, digit, dot or low line, which can stand in any of these names and values.
/// They have no other escapes.
const ESCAPED: &str = r"\\u00(?:2[eE]|3[0-9]|[46][1-9A-Fa-f]|5[0-9AaFf]|7[0-9Aa])";

static TELLTALE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let members = MEMBERS
        .iter()
        .map(|(name, value)| format!("\"{name}\"[ \\t\\n\\r]*:[ \\t\\n\\r]*\"{value}"));
    let all: Vec<_> = members.chain([ESCAPED.to_owned()]).collect();
    Regex::new(&all.join("|")).ok()
});

/// Whether the text may be one of theirs, or hold some.
pub(super) fn is_in(text: &str) -> bool {
    let telltale = || TELLTALE.as_ref();
    text.len() < SHORT || telltale().is_none_or(|telltale| telltale.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With so much before it that it is not read at once.
    fn long(members: &str) -> String {
        let filler = "word ".repeat(SHORT / 5 + 1);
        format!(r#"{{"text":"{filler}",{members}}}"#)
    }

    #[test]
    fn what_tells_is_found_wherever_it_stands() {
        for members in [
            r#""jsonrpc":"2.0""#,
            "\"jsonrpc\" :\r\n\t\"2.0\"",
            r#""id":1,"method":"Page.navigate""#,
            r#""type":"ping""#,
            r#""type": "connection_init""#,
            r#""inside":{"type":"next"}"#,
        ] {
            assert!(is_in(&long(members)), "{members}");
        }
    }

    #[test]
    fn what_is_escaped_may_be_anything_of_it() {
        for members in [
            r#""\u0074ype":"ping""#,
            r#""type":"connection\u005Finit""#,
            r#""jsonrpc":"2\u002e0""#,
            r#""jsonrpc":"\u0032.0""#,
        ] {
            assert!(is_in(&long(members)), "{members}");
        }
        // Neither a quotation mark in a text nor a letter that is not of ASCII.
        for members in [r#""a":"\u003cb\u003e""#, r#""a":"\u00e9\n\"""#] {
            assert!(!is_in(&long(members)), "{members}");
        }
    }

    #[test]
    fn all_else_need_not_be_read() {
        for members in [
            r#""type":"ticker","id":5"#,
            r#""method":"GET""#,
            r#""jsonrpc":"1.0""#,
            r#""types":"ping""#,
            r#""a":"type","b":"ping""#,
        ] {
            assert!(!is_in(&long(members)), "{members}");
        }
        assert!(is_in("{}"));
    }
}
