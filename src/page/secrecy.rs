//! What is a secret, and what stands for it.
//!
//! Job: tell by its name and its look whether a value is a secret. Input: names and values.
//! Output: yes or no, and the length and short hash of a value.

use sha1::{Digest, Sha1};

/// Words in the names of parameters, headers and fields whose values are secrets.
const SECRET: [&str; 16] = [
    "token",
    "secret",
    "passw",
    "passcode",
    "passwd",
    "apikey",
    "api_key",
    "api-key",
    "access_key",
    "auth",
    "jwt",
    "signature",
    "session",
    "cookie",
    "credential",
    "ticket",
];

/// Such names in full.
const SECRET_NAMES: [&str; 7] = ["key", "pass", "pwd", "sig", "sid", "code", "bearer"];

/// Names of headers that hold no secret although they sound like it. RFC 6455 §11.3: the key of a
/// handshake protects nothing that is secret. STOMP's `session` names one in the broker's log.
const OPEN: [&str; 6] = [
    "sec-websocket-key",
    "sec-websocket-accept",
    ":authority",
    "session",
    "www-authenticate",
    "session-present",
];

/// Characters from which on a text of letters and digits is taken for a token.
const LONG: usize = 32;

/// What stands for a secret.
pub fn secret(value: &str) -> String {
    let hash = Sha1::digest(value.as_bytes());
    let [a, b, c, ..] = hash.as_slice() else {
        return String::new();
    };
    format!("[{} bytes #{a:02x}{b:02x}{c:02x}]", value.len())
}

/// Whether a value is a secret by its name or its look.
pub(super) fn is_secret(name: &str, value: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    !value.is_empty()
        && !OPEN.contains(&lower.as_str())
        && (sounds_secret(&lower) || looks_secret(value))
}

/// Whether what has that name is a secret.
pub(super) fn sounds_secret(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let lower = lower
        .split_once('#')
        .map_or(lower.as_str(), |(name, _)| name);
    !OPEN.contains(&lower)
        && (SECRET_NAMES.contains(&lower) || SECRET.iter().any(|word| lower.contains(word)))
}

/// Whether a token can have this character.
pub(super) fn is_of_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.~+/=%".contains(c)
}

/// Whether a value looks like a token: a JSON Web Token, or long and made of letters and digits
/// of both kinds, as random ones are.
pub(super) fn looks_secret(value: &str) -> bool {
    if value.starts_with("eyJ") && value.contains('.') {
        return true;
    }
    value.to_ascii_lowercase().contains("bearer.")
        || (value.len() >= LONG
            && value.chars().all(is_of_token)
            && value.chars().any(|c| c.is_ascii_digit())
            && value.chars().any(|c| c.is_ascii_alphabetic())
            && value
                .split(['-', '_', '.'])
                .any(|part| part.len() >= LONG / 2))
}
