//! The parts of a URL that are secrets.
//!
//! Job: put what stands for a secret in the place of user info and of parameters that are secrets by
//! their name or their look. Input: a URL, or text that has some in it. Output: the same without
//! them. RFC 3986 §3.2.1, §3.4.

use std::borrow::Cow;

use super::secrecy::{looks_secret, secret, sounds_secret};

/// A request target, with its host or without.
pub(super) fn target(url: &str) -> Cow<'_, str> {
    let begin = if url.contains("://") { 0 } else { user(url) };
    let (user, rest) = url.split_at_checked(begin).unwrap_or(("", url));
    let rest = text(rest);
    if user.is_empty() {
        return rest;
    }
    Cow::Owned(secret(user) + &rest)
}

/// Text that may name URLs, or be the path of one.
pub(super) fn text(text: &str) -> Cow<'_, str> {
    let whole = users(text);
    match parameters(&whole) {
        Some(shown) => Cow::Owned(shown),
        None => whole,
    }
}

/// How many bytes of user info an authority begins with.
fn user(authority: &str) -> usize {
    let is_end = |c: char| "/?#\"'<>\\".contains(c) || c.is_whitespace() || c.is_control();
    let end = authority.find(is_end).unwrap_or(authority.len());
    let authority = authority.get(..end).unwrap_or_default();
    // RFC 3986 §3.2.1: user info ends with an at sign; one inside it ought to be escaped.
    authority.rfind('@').unwrap_or(0)
}

/// User info of all URLs in a text: the password, and a name that may be a token itself.
pub(super) fn users(text: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let (user, host) = after.split_at_checked(user(after)).unwrap_or(("", after));
        shown.push_str(before);
        shown.push_str("://");
        if !user.is_empty() {
            shown.push_str(&secret(user));
        }
        rest = host;
    }
    if shown.is_empty() {
        return Cow::Borrowed(text);
    }
    shown.push_str(rest);
    Cow::Owned(shown)
}

/// Parameters of a query or a fragment, also of one that is the value of another; `None` where there
/// are none.
fn parameters(url: &str) -> Option<String> {
    let mut at = url.find(['?', '#'])?;
    let mut shown = String::with_capacity(url.len());
    shown.push_str(url.get(..at)?);
    let mut end = at;
    while let Some(sign) = url.get(at..).and_then(|rest| rest.chars().next()) {
        shown.push(sign);
        at += sign.len_utf8();
        let rest = url.get(at..)?;
        if end < at {
            end = rest.find(['&', '#']).map_or(url.len(), |found| at + found);
        }
        let next = rest.find(['?', '&', '#']).unwrap_or(rest.len());
        let parameter = rest.get(..next)?;
        let Some((name, value)) = parameter.split_once('=') else {
            if looks_secret(parameter) {
                shown.push_str(&secret(parameter));
            } else {
                shown.push_str(parameter);
            }
            at += next;
            continue;
        };
        let whole = url.get(at + name.len() + 1..end)?;
        if !whole.is_empty() && (sounds_secret(name) || looks_secret(value)) {
            shown.push_str(name);
            shown.push('=');
            shown.push_str(&secret(whole));
            at = end;
        } else {
            shown.push_str(parameter);
            at += next;
        }
    }
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_info_is_a_secret_wherever_a_url_is() {
        let hidden = secret("u:T0");
        for (url, shown) in [
            (
                "http://u:T0@a.example/z",
                format!("http://{hidden}@a.example/z"),
            ),
            ("u:T0@a.example:80", format!("{hidden}@a.example:80")),
            ("u:T0@a.example/z?a=1", format!("{hidden}@a.example/z?a=1")),
            (
                "/z?next=ws://u:T0@b/&a=1",
                format!("/z?next=ws://{hidden}@b/&a=1"),
            ),
            ("a.example/@all", "a.example/@all".to_owned()),
            ("ws://a.example/u@b", "ws://a.example/u@b".to_owned()),
            ("", String::new()),
        ] {
            assert_eq!(target(url), shown);
        }
        assert_eq!(text("sip:bob@a.example"), "sip:bob@a.example");
        assert_eq!(
            users("to ws://u:T0@a, later"),
            format!("to ws://{hidden}@a, later")
        );
    }

    #[test]
    fn parameters_are_found_in_fragments_and_in_values() {
        let hidden = secret("T0");
        for (url, shown) in [
            ("/q/a?token=T0", format!("/q/a?token={hidden}")),
            (
                "/cb#a=1&access_token=T0",
                format!("/cb#a=1&access_token={hidden}"),
            ),
            (
                "/r?to=/x?token=T0&b=2",
                format!("/r?to=/x?token={hidden}&b=2"),
            ),
            ("/r?token=T0#top", format!("/r?token={hidden}#top")),
            ("/r?token=?1", format!("/r?token={}", secret("?1"))),
            ("/r?é=1&a==&", "/r?é=1&a==&".to_owned()),
        ] {
            assert_eq!(target(url), shown);
            assert_eq!(text(url), shown);
        }
    }
}
