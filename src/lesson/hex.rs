//! Bytes that somebody types.
//!
//! Job: hexadecimal digits to bytes. Input: words. Output: bytes, or what is wrong with them.

/// Bytes from digits in pairs, with anything between them that people write there.
pub fn bytes(typed: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let words = typed.split(|c: char| c.is_whitespace() || matches!(c, ',' | ':' | ';'));
    for word in words {
        let word = word.strip_prefix("0x").unwrap_or(word);
        if let Some(other) = word.chars().find(|c| !c.is_ascii_hexdigit()) {
            return Err(format!("{other:?} is no hexadecimal digit"));
        }
        if word.len() % 2 != 0 {
            return Err(format!("{word:?} has an odd number of digits"));
        }
        for pair in word.as_bytes().chunks(2) {
            let pair = std::str::from_utf8(pair).unwrap_or_default();
            bytes.extend(u8::from_str_radix(pair, 16));
        }
    }
    if bytes.is_empty() {
        return Err("no bytes".to_owned());
    }
    Ok(bytes)
}
