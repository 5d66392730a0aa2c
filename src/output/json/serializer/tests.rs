//! What `serde_json` writes of the same values is the second opinion.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Map, Number, Value};

use super::*;

fn written(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    let mut serializer = Serializer::new(&mut out);
    value.serialize(&mut serializer).unwrap();
    serializer.end(b"").unwrap();
    String::from_utf8(out).unwrap()
}

#[derive(Serialize)]
struct Unit;

#[derive(Serialize)]
struct Wrapped(u8);

#[derive(Serialize)]
struct Pair(u8, &'static str);

#[derive(Serialize)]
enum Variant {
    Unit,
    Wrapped(i64),
    Pair(bool, char),
    Fields { a: f64, b: Option<u32> },
}

/// All that serde knows.
#[derive(Serialize)]
struct Everything {
    unit: Unit,
    wrapped: Wrapped,
    pair: Pair,
    variants: [Variant; 4],
    small: (i8, i16, i32, u16),
    large: (u64, i64),
    floats: (f32, f64, f64, f64),
    nothing: Option<()>,
    bytes: Bytes,
    numbered: BTreeMap<u32, Vec<()>>,
    chosen: BTreeMap<bool, u8>,
    none_in: Map<String, Value>,
    none: [(); 0],
}

struct Bytes;

impl Serialize for Bytes {
    fn serialize<S: ser::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&[0, 255])
    }
}

#[test]
fn every_kind_of_value_is_written_as_serde_json_writes_it() {
    let everything = Everything {
        unit: Unit,
        wrapped: Wrapped(7),
        pair: Pair(1, "two"),
        variants: [
            Variant::Unit,
            Variant::Wrapped(i64::MIN),
            Variant::Pair(true, '"'),
            Variant::Fields { a: -0.5, b: None },
        ],
        small: (i8::MIN, i16::MIN, i32::MIN, u16::MAX),
        large: (u64::MAX, i64::MAX),
        floats: (0.1, 1e300, f64::NAN, 1.0),
        nothing: None,
        bytes: Bytes,
        numbered: BTreeMap::from([(1, vec![()]), (20, Vec::new())]),
        chosen: BTreeMap::from([(false, 1)]),
        none_in: Map::new(),
        none: [],
    };
    let expected = serde_json::to_string(&everything).unwrap();
    assert_eq!(written(&everything), expected);
}

/// Any JSON whose strings need no sieve.
fn json() -> impl Strategy<Value = Value> {
    let text = r#"[ -~äß€\n\t\\"]{0,40}"#;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|float| Number::from_f64(float).map_or(Value::Null, Value::Number)),
        text.prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((text, inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_is_written_as_serde_json_writes_it(value in json()) {
        prop_assert_eq!(written(&value), value.to_string());
    }
}
