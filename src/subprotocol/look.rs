//! A first message, as protocols look at it.
//!
//! Job: read once what several of them ask. Input: a message. Output: its text, and the members or items of the
//! JSON in it.
//!
//! All protocols look at the first messages of every conversation, and most conversations speak none of them. So
//! what hardly costs anything comes first: JSON is read where the first byte is that of an object or an array,
//! and then once for all.

use std::cell::OnceCell;

use super::decoder::Body;
use super::json::{self, Members};
use super::telltale;

/// A message that may show a protocol.
#[derive(Debug)]
pub struct Look<'a> {
    /// The message.
    pub body: Body<'a>,
    text: OnceCell<Option<&'a str>>,
    telltale: OnceCell<bool>,
    object: OnceCell<Members<'a>>,
    items: OnceCell<Vec<&'a str>>,
}

impl<'a> Look<'a> {
    /// At that message.
    pub fn new(body: Body<'a>) -> Self {
        Self {
            body,
            text: OnceCell::new(),
            telltale: OnceCell::new(),
            object: OnceCell::new(),
            items: OnceCell::new(),
        }
    }

    /// A whole text.
    pub fn text(&self) -> Option<&'a str> {
        *self.text.get_or_init(|| self.body.as_text())
    }

    /// Whether an object, or an array of objects, may say what gives a protocol away: what can be known
    /// before it is read.
    pub(super) fn may_tell(&self) -> bool {
        let may_tell = || self.text().is_some_and(telltale::is_in);
        *self.telltale.get_or_init(may_tell)
    }

    /// The members of a whole text that is one object.
    pub(super) fn object(&self) -> Option<&Members<'a>> {
        let text = self.text().filter(|text| first(text) == Some(b'{'))?;
        let object = self.object.get_or_init(|| Members::read(text));
        object.whole.then_some(object)
    }

    /// The first byte of the first item, where the text is an array or begins as one.
    pub(super) fn first_item(&self) -> Option<u8> {
        let text = self.text().filter(|text| first(text) == Some(b'['))?;
        text.split_once('[').and_then(|(_, items)| first(items))
    }

    /// The items of a whole text that is one array, and not an empty one.
    pub(super) fn items(&self) -> Option<&[&'a str]> {
        let text = self.text().filter(|text| first(text) == Some(b'['))?;
        let items = self.items.get_or_init(|| {
            let (items, whole) = json::items(text);
            if whole { items } else { Vec::new() }
        });
        (!items.is_empty()).then_some(items)
    }
}

/// The first byte that is no blank. RFC 8259 §2.
fn first(text: &str) -> Option<u8> {
    let mut bytes = text.bytes();
    bytes.find(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(text: &str) -> Look<'_> {
        Look::new(Body {
            text: true,
            bytes: text.as_bytes(),
            read: None,
            holes: &[],
            whole: true,
        })
    }

    #[test]
    fn json_is_read_where_it_is_whole() {
        let object = look(" \n{\"id\":1}");
        assert_eq!(object.object().unwrap().number("id"), Some(1));
        assert!(object.items().is_none());
        let array = look("[1, {}]");
        assert_eq!(array.items(), Some(&["1", "{}"][..]));
        assert!(array.object().is_none());
        for text in ["", "[]", "[1", "[1] 2", "{\"id\":1", "{} {}", "7"] {
            let look = look(text);
            assert!(look.object().is_none() && look.items().is_none(), "{text}");
        }
        assert!(look("{}").object().is_some());
    }
}
