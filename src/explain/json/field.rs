//! A field in JSON: some bits with a name.

use serde::Serialize;

use crate::explain::fields::{FieldInfo, FieldValue};
use crate::page::words::digits;

#[derive(Serialize)]
pub(super) struct FieldLine {
    name: &'static str,
    bits: (u64, u64),
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hex: Option<String>,
    meaning: String,
    rule: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    wrong: bool,
}

impl FieldLine {
    pub(super) fn of(field: &FieldInfo) -> Self {
        let (value, hex) = match field.value {
            FieldValue::Number(value) => (Some(value), None),
            FieldValue::Key(key) => (None, Some(digits(&key))),
        };
        Self {
            name: field.name,
            bits: field.bits,
            value,
            hex,
            meaning: field.meaning.clone(),
            rule: field.rule,
            wrong: field.wrong,
        }
    }
}
