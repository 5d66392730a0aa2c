//! JSON that is looked into one level deep, whole or cut.
//!
//! Job: name the members of an object and the items of an array without copying them. Input: text.
//! Output: borrowed values, and whether the text was whole. RFC 8259.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A member's name and its value as it is written, which is empty where it is cut.
type Member<'a> = (Cow<'a, str>, &'a str);

/// The members of an object, in their order.
#[derive(Debug, Default)]
pub(super) struct Members<'a> {
    known: Vec<Member<'a>>,
    /// The text is one object to its end.
    pub(super) whole: bool,
}

impl<'a> Members<'a> {
    /// What is there of the object that the text is, or begins with where it is cut.
    pub(super) fn read(text: &'a str) -> Self {
        let mut known = Vec::new();
        let whole = walk(text, Walk::Members(&mut known));
        // What follows the value at the cut is not known, so that a number there may be longer.
        if let Some((_, value)) = known.last_mut()
            && !whole
            && ends(value, text)
        {
            *value = "";
        }
        Self { known, whole }
    }

    /// The value of a member, as it is written.
    pub(super) fn raw(&self, name: &str) -> Option<&'a str> {
        let member = self.known.iter().find(|(own, _)| own == name);
        member
            .map(|(_, value)| *value)
            .filter(|value| !value.is_empty())
    }

    /// The value of a member that is a text.
    pub(super) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        text(self.raw(name)?)
    }

    /// The value of a member that is a number and no fraction.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.raw(name)?.parse().ok()
    }

    /// Whether there is such a member, if only its name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.known.iter().any(|(own, _)| own == name)
    }
}

/// The items of an array, and whether the text is one array to its end.
pub(super) fn items(text: &str) -> (Vec<&str>, bool) {
    let mut known = Vec::new();
    let whole = walk(text, Walk::Items(&mut known));
    if known.last().is_some_and(|last| !whole && ends(last, text)) {
        known.pop();
    }
    (known, whole)
}

/// A value that is a text.
pub(super) fn text(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str(raw).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

/// A value as an id is shown: a text without its quotes, anything else as it is written.
pub(super) fn id(raw: &str) -> String {
    text(raw).map_or_else(|| raw.to_owned(), Cow::into_owned)
}

/// Whether a part of the text reaches its end.
fn ends(part: &str, text: &str) -> bool {
    part.as_bytes().as_ptr_range().end == text.as_bytes().as_ptr_range().end
}

/// What is gathered on the way.
enum Walk<'w, 'a> {
    Members(&'w mut Vec<Member<'a>>),
    Items(&'w mut Vec<&'a str>),
}

fn walk<'a>(text: &'a str, walk: Walk<'_, 'a>) -> bool {
    let mut json = serde_json::Deserializer::from_str(text);
    walk.deserialize(&mut json).is_ok() && json.end().is_ok()
}

impl<'a> DeserializeSeed<'a> for Walk<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, json: D) -> Result<(), D::Error> {
        match self {
            Self::Members(_) => json.deserialize_map(self),
            Self::Items(_) => json.deserialize_seq(self),
        }
    }
}

impl<'a> Visitor<'a> for Walk<'_, 'a> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let Self::Members(known) = self else {
            return Err(A::Error::custom("an array is expected"));
        };
        while let Some(Name(name)) = map.next_key()? {
            known.push((name, ""));
            let value: &RawValue = map.next_value()?;
            if let Some((_, last)) = known.last_mut() {
                *last = value.get();
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut items: A) -> Result<(), A::Error> {
        let Self::Items(known) = self else {
            return Err(A::Error::custom("an object is expected"));
        };
        while let Some(item) = items.next_element::<&RawValue>()? {
            known.push(item.get());
        }
        Ok(())
    }
}

/// A name that borrows where it can.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_as_they_are_written() {
        let object = Members::read(r#" {"id": 7,"a\n":"b\u0041","c":[1, {"d":2}], "e":"f" } "#);
        assert!(object.whole);
        assert_eq!(object.raw("id"), Some("7"));
        assert_eq!(object.number("id"), Some(7));
        assert_eq!(object.text("a\n").as_deref(), Some("bA"));
        assert_eq!(object.raw("c"), Some(r#"[1, {"d":2}]"#));
        assert_eq!(object.text("e").as_deref(), Some("f"));
        assert_eq!(object.text("id"), None);
        assert!(!object.has("d"));
    }

    #[test]
    fn what_stands_before_a_cut_is_known() {
        let object = Members::read(r#"{"id":1,"type":"next","payload":{"da"#);
        assert!(!object.whole);
        assert_eq!(object.text("type").as_deref(), Some("next"));
        assert!(object.has("payload") && object.raw("payload").is_none());
        // The number may go on.
        assert_eq!(Members::read(r#"{"a":"b","id":12"#).raw("id"), None);
        assert_eq!(items(r#"["a",12"#), (vec![r#""a""#], false));
        assert_eq!(items(r#"["a",12]"#), (vec![r#""a""#, "12"], true));
    }

    #[test]
    fn what_is_no_object_has_no_members() {
        for text in ["", "[]", "7", "null", "x"] {
            let object = Members::read(text);
            assert!(!object.whole && object.known.is_empty(), "{text}");
        }
        assert!(!Members::read("{} {}").whole);
        assert_eq!(items("{}"), (vec![], false));
    }
}
