//! JSON objects as rows of fields.
//!
//! Job: what `--fields` and `--csv` print of `check` and `stats`, whose objects are docs/json.md's.
//! Input: JSON Lines, and names; dots lead into objects: `both.messages.total`. Output: a row each.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::fields::{Shape, quoted};
use super::json;
use crate::page::escape::safe;

/// The objects of `lines` as rows. Where no fields are named, they are those of `usual`; of names
/// that no object has, these are known all the same.
pub fn rows(
    lines: &[u8],
    fields: &[String],
    usual: &[&str],
    shape: Shape,
) -> Result<Vec<u8>, String> {
    let objects: Vec<Value> = lines
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect();
    let names: Vec<&str> = if fields.is_empty() {
        usual.to_vec()
    } else {
        fields.iter().map(String::as_str).collect()
    };
    if !objects.is_empty() {
        known(&objects, &names, usual)?;
    }
    let mut out = Vec::new();
    if shape.is_csv() {
        out.extend_from_slice((names.join(",") + "\r\n").as_bytes());
    }
    for object in &objects {
        row(object, &names, shape, &mut out);
    }
    Ok(out)
}

/// Refuses a name that nothing has.
fn known(objects: &[Value], names: &[&str], usual: &[&str]) -> Result<(), String> {
    let is_there = |name: &str| {
        usual.contains(&name) || objects.iter().any(|object| inside(object, name).is_some())
    };
    let Some(wrong) = names.iter().find(|name| !is_there(name)) else {
        return Ok(());
    };
    let mut all: BTreeSet<String> = usual.iter().map(|name| (*name).to_owned()).collect();
    for object in objects {
        leaves(object, "", &mut all);
    }
    // Nothing that long is a name typed wrongly.
    let typed: String = wrong.chars().take(64).collect();
    let near = all
        .iter()
        .map(|name| (strsim::osa_distance(&typed, name), name))
        .min()
        .filter(|(distance, name)| *distance <= (name.len() / 4).clamp(1, 3));
    Err(match near {
        Some((_, name)) => format!("no object here has a field {wrong}; {name} is one"),
        None => format!("no object here has a field {wrong}; docs/json.md lists them"),
    })
}

/// The names of all values that are no objects.
fn leaves(value: &Value, before: &str, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let dot = if before.is_empty() { "" } else { "." };
                leaves(value, &format!("{before}{dot}{name}"), names);
            }
        }
        _ => {
            names.insert(before.to_owned());
        }
    }
}

fn inside<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    name.split('.')
        .try_fold(object, |value, part| value.get(part))
}

fn row(object: &Value, names: &[&str], shape: Shape, out: &mut Vec<u8>) {
    let values = names.iter().map(|name| inside(object, name));
    if shape == Shape::Json {
        let kind = object
            .get("type")
            .map(|kind| ("type".to_owned(), kind.clone()));
        let cells = names
            .iter()
            .zip(values)
            .filter_map(|(name, value)| Some(((*name).to_owned(), value?.clone())));
        json::line(&kind.into_iter().chain(cells).collect::<Map<_, _>>(), out);
        return;
    }
    let cells = values.map(|value| match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    });
    let line = if shape.is_csv() {
        let cells: Vec<_> = cells.map(|cell| quoted(&cell, shape)).collect();
        cells.join(",") + "\r\n"
    } else {
        let cells: Vec<_> = cells.map(|cell| safe(&cell)).collect();
        cells.join("\t") + "\n"
    };
    out.extend_from_slice(line.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &[u8] =
        b"{\"type\":\"a\",\"n\":1,\"in\":{\"side\":\"x,y\"}}\n{\"type\":\"b\",\"n\":2}\n";

    fn made(fields: &[&str], shape: Shape) -> Result<String, String> {
        let fields: Vec<_> = fields.iter().map(|name| (*name).to_owned()).collect();
        let made = rows(LINES, &fields, &["n", "later"], shape)?;
        Ok(String::from_utf8(made).unwrap())
    }

    #[test]
    fn dots_lead_into_objects() {
        let csv = made(&["n", "in.side"], Shape::Csv);
        assert_eq!(csv.unwrap(), "n,in.side\r\n1,\"x,y\"\r\n2,\r\n");
        assert_eq!(made(&[], Shape::Tabs).unwrap(), "1\t\n2\t\n");
        let json = made(&["in.side"], Shape::Json).unwrap();
        assert_eq!(
            json,
            "{\"type\":\"a\",\"in.side\":\"x,y\"}\n{\"type\":\"b\"}\n"
        );
    }

    #[test]
    fn a_name_that_nothing_has_is_an_error_with_the_nearest() {
        let why = made(&["in.sdie"], Shape::Csv).unwrap_err();
        assert!(why.ends_with("in.side is one"), "{why}");
        let why = made(&["colour"], Shape::Csv).unwrap_err();
        assert!(why.ends_with("docs/json.md lists them"), "{why}");
    }
}
