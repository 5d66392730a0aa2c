use super::*;
use crate::subprotocol::{Unit, UnitStatus};

/// Answers from a list; anything else is missing.
struct Fake(Vec<(Field, Value<'static>)>, Vec<Unit>);

impl Subject for Fake {
    fn get(&self, field: Field) -> Value<'_> {
        let found = self.0.iter().find(|(name, _)| *name == field);
        found.map_or(Value::Missing, |(_, value)| value.clone())
    }

    fn units(&self) -> &[Unit] {
        &self.1
    }
}

/// Two units: a frame to `/queue/a`, and an error that answers after half a second.
fn units() -> Vec<Unit> {
    let fields = serde_json::json!({"receipt": "17", "content-type": "text/json", "size": 17});
    let send = Unit {
        protocol: "stomp",
        kind: "SEND".into(),
        subject: Some("/queue/a".to_owned()),
        fields: fields.as_object().unwrap().clone(),
        ..Unit::default()
    };
    let fields = serde_json::json!({"receipt": "18", "deep": {"er": true}});
    let error = Unit {
        protocol: "stomp",
        kind: "ERROR".into(),
        id: Some("17".to_owned()),
        after: Some(500_000_000),
        status: UnitStatus::Error,
        fields: fields.as_object().unwrap().clone(),
        ..Unit::default()
    };
    vec![send, error]
}

fn subject() -> Fake {
    let text = |text: &'static str| Value::Text(text.into());
    Fake(
        vec![
            (Field::Connection, Value::Number(3.0)),
            (Field::From, text("server")),
            (Field::OpCode, text("text")),
            (Field::PayloadBytes, Value::Number(1500.0)),
            (Field::Ratio, Value::Number(0.5)),
            (Field::Compressed, Value::Truth(true)),
            (Field::Finding, Value::Truth(false)),
            (Field::Text, text("{\"kind\":\"Error\",\"n\":42}")),
            (Field::Host, text("feed.example:8080")),
        ],
        units(),
    )
}

fn holds(source: &str) -> bool {
    Filter::parse(source)
        .unwrap_or_else(|error| panic!("{source}: {error}"))
        .matches(&subject())
}

#[test]
fn what_the_manual_says_holds() {
    for yes in [
        r#"from == server and payload_bytes > 1000 and text contains "Error""#,
        "opcode == text",
        "ratio < 1",
        "connection == 3",
        r"text matches /\d+/",
        "text matches /error/i",
        "not finding",
        "not has finding",
        "has ratio",
        "compressed",
        "compressed == true and not (opcode == close or from == client)",
        "payload_bytes >= 1.5k && payload_bytes < 1M",
        "close_code != 1000",
        "not close_code == 1000",
        "error",
        "ERROR kind",
        "feed.example",
        r#""kind":"#,
        r#"from == server and "error""#,
        "from == client or from == server",
    ] {
        assert!(holds(yes), "{yes}");
    }
    for no in [
        "from == client",
        "text contains \"error\"",
        "text matches /error/",
        "close_code == 1000",
        "close_code < 1000",
        "has close_code",
        "error warning",
        "from == client and from == server or from == client",
        "has finding",
    ] {
        assert!(!holds(no), "{no}");
    }
}

#[test]
fn one_unit_must_satisfy_all() {
    for yes in [
        "protocol == stomp",
        "kind == SEND and subject == \"/queue/a\"",
        "kind == ERROR and latency > 0.4 and unit.status == error",
        "kind == ERROR and from == server",
        "unit.id == 17",
        "unit.receipt == 17",
        "unit.receipt == \"18\" and kind != SEND",
        "unit.size >= 16.5",
        "unit.content-type contains json",
        "unit.content-type matches /^text/",
        "unit.deep.er == true",
        "has unit.deep",
        "not kind == SEND",
    ] {
        assert!(holds(yes), "{yes}");
    }
    for no in [
        "kind == ERROR and subject == \"/queue/a\"",
        "unit.receipt == 17 and kind == ERROR",
        "latency < 0.4",
        "has unit.absent",
        "unit.size > 17",
        "kind == MESSAGE or protocol == mqtt",
        "not protocol == stomp",
    ] {
        assert!(!holds(no), "{no}");
    }
    // A message without units.
    let plain = Fake(Vec::new(), Vec::new());
    let asks = |source: &str| Filter::parse(source).unwrap().matches(&plain);
    assert!(!asks("kind == SEND") && asks("kind != SEND") && !asks("has unit.x"));
    assert!(Filter::parse("unit.x == 1").unwrap().needs_payload());
}

#[test]
fn and_binds_tighter_than_or() {
    assert!(holds(
        "from == server or from == client and connection == 99"
    ));
    assert!(!holds(
        "(from == server or from == client) and connection == 99"
    ));
}

#[test]
fn errors_stand_where_they_are() {
    for (source, offset, part) in [
        ("from == sever", 8, "one of client, server"),
        ("form == server", 0, "from is"),
        ("opcode ==", 9, "expected a text"),
        ("payload_bytes > many", 16, "expected a number"),
        ("payload_bytes contains 3", 14, "is a number"),
        ("from < server", 5, "order"),
        ("(from == server", 15, "expected )"),
        ("from == server connection", 15, "expected and"),
        ("text matches /(/", 13, "cannot be read"),
        ("text matches word", 13, "expected a pattern"),
        ("text contains \"abc", 14, "not closed"),
        ("from = server", 5, "== compares"),
        ("opcode", 6, "expected a comparison"),
        ("", 0, "nothing"),
    ] {
        let error = Filter::parse(source).unwrap_err();
        assert_eq!(error.offset, offset, "{source}: {error}");
        assert!(error.text.contains(part), "{source}: {error}");
    }
}

#[test]
fn who_needs_the_payload() {
    assert!(Filter::parse("words").unwrap().needs_payload());
    assert!(
        Filter::parse("not (ratio < 1 or text contains x)")
            .unwrap()
            .needs_payload()
    );
    assert!(
        !Filter::parse("ratio < 1 and host contains x")
            .unwrap()
            .needs_payload()
    );
    assert!(Filter::parse("has finding").unwrap().needs_findings());
}

#[test]
fn depth_is_bounded() {
    let deep = "(".repeat(10_000) + "compressed";
    assert!(Filter::parse(&deep).is_err());
    let negations = "not ".repeat(10_001) + "compressed";
    assert!(!Filter::parse(&negations).unwrap().matches(&subject()));
}

#[test]
fn completion_knows_fields_operators_and_names() {
    let names = |before: &str| -> Vec<_> {
        let found = complete(before);
        found.options.iter().map(|(name, _)| *name).collect()
    };
    assert_eq!(names("pay"), ["payload_bytes"]);
    assert_eq!(complete("pay").typed, 3);
    assert_eq!(names("from == s"), ["server"]);
    assert_eq!(names("text con"), ["contains"]);
    assert_eq!(names("ratio < 1 a"), ["and"]);
    assert_eq!(names("not comp"), ["compressed_bytes", "compressed"]);
    assert_eq!(names("text contains \"pay"), [""; 0]);
    assert_eq!(names("(fr"), ["from", "frames"]);
}

#[test]
fn the_manual_has_every_field() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/filter.md");
    let text = std::fs::read_to_string(path).unwrap();
    let rows: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let expected: Vec<_> = Field::ALL
        .iter()
        .map(|field| {
            let values = match field.kind() {
                Kind::Name(names) if names.len() < 6 => format!("`{}`", names.join("`, `")),
                Kind::Name(names) => format!("`{}` and so on", names[..5].join("`, `")),
                other => other.name().to_owned(),
            };
            format!("| `{field}` | {values} | {} |", field.help())
        })
        .collect();
    assert_eq!(rows, expected, "\n{}", expected.join("\n"));
}

/// Both ends of a connection may be on this machine.
#[test]
fn of_two_processes_one_has_to_match() {
    let both = |one, other| Value::Both([Box::new(one), Box::new(other)]);
    let text = |name: &'static str| Value::Text(name.into());
    let two = Fake(
        vec![
            (Field::Process, both(text("node"), text("nginx"))),
            (Field::Pid, both(Value::Number(7.0), Value::Number(12.0))),
        ],
        Vec::new(),
    );
    let holds = |source: &str| Filter::parse(source).unwrap().matches(&two);
    for yes in [
        "process == nginx and process == node",
        "process != python3",
        "process contains ode",
        "process matches /^ng/",
        "pid == 12 and pid < 10",
        "pid != 8",
        "has process",
    ] {
        assert!(holds(yes), "{yes}");
    }
    for no in [
        "process != node",
        "pid != 7",
        "pid > 12",
        "process contains z",
    ] {
        assert!(!holds(no), "{no}");
    }
    assert!(Filter::parse("pid == 7").unwrap().needs_processes());
    assert!(!Filter::parse("from == client").unwrap().needs_processes());
}
