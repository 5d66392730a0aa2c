//! docs/json.md, held strictly: `shapes.txt` has each object, and nothing else may come.

#![allow(
    dead_code,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "each program uses its part, and a test that cannot go on has failed"
)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// The fields of an object, by name.
type Fields = BTreeMap<String, Field>;

#[derive(Debug, Clone)]
struct Field {
    is_optional: bool,
    is_array: bool,
    /// An object whose names are not fixed.
    is_map: bool,
    /// Kinds, one of which it has.
    kinds: Vec<String>,
    /// Of its objects, where they are written out here.
    fields: Fields,
}

/// All shapes, and what was seen of them.
#[derive(Debug)]
pub(crate) struct Shapes {
    shapes: BTreeMap<String, Fields>,
    seen: BTreeSet<String>,
}

impl Shapes {
    pub(crate) fn new() -> Self {
        let mut shapes = BTreeMap::new();
        let text = include_str!("shapes.txt");
        let mut lines = text
            .lines()
            .filter(|l| !l.trim().is_empty() && !l.starts_with('#'));
        let mut lines = lines.by_ref().peekable();
        while let Some(name) = lines.next() {
            shapes.insert(name.to_owned(), fields(&mut lines, 2));
        }
        Self {
            shapes,
            seen: BTreeSet::new(),
        }
    }

    /// Fails unless `object`, which `command` printed, has the shape that its type says.
    pub(crate) fn hold(&mut self, command: &str, object: &Value) {
        let kind = object["type"]
            .as_str()
            .unwrap_or_else(|| panic!("no type: {object}"));
        let name = format!("{command}.{kind}");
        let mut object = object.clone();
        object.as_object_mut().map(|fields| fields.remove("type"));
        if let Err(fault) = self.object(&name, &self.shape(&name), &object) {
            panic!("{fault} in {object}");
        }
    }

    /// A shape with those that it takes in.
    fn shape(&self, name: &str) -> Fields {
        let shape = self.shapes.get(name);
        self.whole(shape.unwrap_or_else(|| panic!("shapes.txt has no {name}")))
    }

    fn whole(&self, fields: &Fields) -> Fields {
        let mut all = Fields::new();
        for (name, field) in fields {
            match name.strip_prefix("+ ") {
                Some(other) => all.extend(self.shape(other)),
                None => drop(all.insert(name.clone(), field.clone())),
            }
        }
        all
    }

    fn object(&mut self, place: &str, fields: &Fields, value: &Value) -> Result<(), String> {
        let object = value
            .as_object()
            .ok_or_else(|| format!("{place} is no object"))?;
        for name in object.keys() {
            if !fields.contains_key(name) {
                return Err(format!("{place}.{name} is not documented"));
            }
        }
        for (name, field) in fields {
            let place = format!("{place}.{name}");
            match object.get(name) {
                None if field.is_optional => {}
                None => return Err(format!("{place} is missing")),
                Some(value) => {
                    self.seen.insert(place.clone());
                    self.field(&place, field, value)?;
                }
            }
        }
        Ok(())
    }

    fn field(&mut self, place: &str, field: &Field, value: &Value) -> Result<(), String> {
        match value {
            Value::Array(values) if field.is_array => values
                .iter()
                .try_for_each(|value| self.value(place, field, value)),
            Value::Object(values) if field.is_map => values
                .values()
                .try_for_each(|value| self.value(place, field, value)),
            _ if field.is_array || field.is_map => Err(format!("{place} is {value}")),
            _ => self.value(place, field, value),
        }
    }

    fn value(&mut self, place: &str, field: &Field, value: &Value) -> Result<(), String> {
        for kind in &field.kinds {
            match kind.as_str() {
                "object" if value.is_object() => {
                    return self.object(place, &self.whole(&field.fields), value);
                }
                name if name.starts_with('@') && value.is_object() => {
                    return self.object(name, &self.shape(name), value);
                }
                kind if is(kind, value) => return Ok(()),
                _ => {}
            }
        }
        Err(format!("{place} is {value}"))
    }

    /// The fields of `command`'s objects that were not seen. A shape that several objects share
    /// is one.
    pub(crate) fn unseen(&self, command: &str) -> Vec<String> {
        let mut places = BTreeSet::new();
        for name in self.shapes.keys() {
            if name.starts_with(&format!("{command}.")) {
                self.places(name, &self.shape(name), &mut places);
            }
        }
        places.difference(&self.seen).cloned().collect()
    }

    fn places(&self, place: &str, fields: &Fields, into: &mut BTreeSet<String>) {
        for (name, field) in fields {
            let place = format!("{place}.{name}");
            let is_new = into.insert(place.clone());
            self.places(&place, &self.whole(&field.fields), into);
            for kind in field
                .kinds
                .iter()
                .filter(|kind| kind.starts_with('@') && is_new)
            {
                self.places(kind, &self.shape(kind), into);
            }
        }
    }

    /// The names of all fields of all shapes.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for fields in self.shapes.values() {
            gather(fields, &mut names);
        }
        names
    }
}

fn gather(fields: &Fields, into: &mut BTreeSet<String>) {
    for (name, field) in fields {
        if !name.starts_with('+') {
            into.insert(name.clone());
        }
        gather(&field.fields, into);
    }
}

/// The lines that are indented by `depth`, as fields.
fn fields<'a>(
    lines: &mut std::iter::Peekable<impl Iterator<Item = &'a str>>,
    depth: usize,
) -> Fields {
    let mut found = Fields::new();
    let indent = |line: &str| line.len() - line.trim_start().len();
    while let Some(line) = lines.next_if(|line| indent(line) == depth) {
        let line = line.trim();
        let (name, kinds) = match line.split_once(' ') {
            Some(_) if line.starts_with('+') => (line, "object"),
            Some((name, kinds)) => (name, kinds),
            None => (line, "object"),
        };
        let (name, or_null) = match name.strip_suffix("|null") {
            Some(name) => (name, Some("null")),
            None => (name, None),
        };
        let bare = name.trim_end_matches('?');
        let (is_array, is_map) = (bare.ends_with("[]"), bare.ends_with("{}"));
        let field = Field {
            is_optional: name.ends_with('?'),
            is_array,
            is_map,
            kinds: kinds.split('|').chain(or_null).map(str::to_owned).collect(),
            fields: fields(lines, depth + 2),
        };
        let bare = bare.trim_end_matches("[]").trim_end_matches("{}");
        assert!(
            found.insert(bare.to_owned(), field).is_none(),
            "{bare} twice"
        );
    }
    found
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "number" => value.is_number(),
        "string" => value.is_string(),
        "bool" => value.is_boolean(),
        "true" => *value == Value::Bool(true),
        "null" => value.is_null(),
        "time" => value
            .as_str()
            .is_some_and(|text| is_time(text.strip_prefix('-').unwrap_or(text))),
        "range" => {
            let pair = value.as_array().filter(|pair| pair.len() == 2);
            pair.is_some_and(|pair| pair.iter().all(Value::is_u64))
        }
        "triple" => {
            let three = value.as_array().filter(|three| three.len() == 3);
            three.is_some_and(|three| three.iter().all(Value::is_u64))
        }
        "any" => true,
        "object" => false,
        kind if kind.starts_with('@') => false,
        _ => panic!("unknown kind {kind:?}"),
    }
}

/// Seconds since the epoch with nine digits after the point.
fn is_time(text: &str) -> bool {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    text.split_once('.').is_some_and(|(seconds, nanos)| {
        digits(seconds) && !seconds.is_empty() && digits(nanos) && nanos.len() == 9
    })
}
