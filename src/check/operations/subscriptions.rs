//! What a client has subscribed to, and whether it does so again after it lost its connection.
//!
//! Job: follow the subscriptions of one connection, and hold those of the connection after it against them.
//! Input: messages with their units. Output: what was not renewed. STOMP 1.2, SUBSCRIBE; MQTT 5 §3.8, §4.1.2;
//! WAMP, "Subscribing and Unsubscribing".
//!
//! A session that the server keeps, as MQTT's does, needs no renewal, and what was said in a gap is not known:
//! neither is judged.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::base::Peer;
use crate::event::{Message, Status};
use crate::subprotocol::{Unit, UnitStatus};

/// Protocols whose subscriptions end with their connection.
const PROTOCOLS: &[&str] = &["stomp", "mqtt", "wamp"];

/// Subscriptions of one connection that are kept.
const KEPT: usize = 64;

/// Bytes of a subject that are kept.
const SUBJECT: usize = 120;

/// What one connection has subscribed to.
#[derive(Debug, Clone, Default)]
pub(super) struct Subscriptions(Option<Box<Known>>);

#[derive(Debug, Clone)]
struct Known {
    protocol: &'static str,
    /// Who the client says it is.
    client: Option<String>,
    /// What it has at this moment.
    open: BTreeSet<String>,
    /// What it ever had.
    ever: BTreeSet<String>,
    /// The server keeps the session, too many are open, or not all was seen.
    unsure: bool,
}

impl Subscriptions {
    /// Takes a message.
    #[inline]
    pub(super) fn message(&mut self, message: &Message<'_>) {
        if let Some(known) = &mut self.0 {
            let data = !message.opcode.is_control();
            known.unsure |=
                data && message.from == Peer::Client && message.status != Status::Complete;
        }
        for unit in message.units {
            if message.from == Peer::Client && PROTOCOLS.contains(&unit.protocol) {
                self.unit(unit);
            }
        }
    }

    fn unit(&mut self, unit: &Unit) {
        let known = self.0.get_or_insert_with(|| {
            Box::new(Known {
                protocol: unit.protocol,
                client: None,
                open: BTreeSet::new(),
                ever: BTreeSet::new(),
                unsure: false,
            })
        });
        known.unsure |= unit.status == UnitStatus::Partial;
        match unit.kind.as_ref() {
            "SUBSCRIBE" => {
                let subjects = subjects(unit);
                known.unsure |= known.open.len() + subjects.len() > KEPT || subjects.is_empty();
                if !known.unsure {
                    known.ever.extend(subjects.iter().cloned());
                    known.open.extend(subjects);
                }
            }
            "UNSUBSCRIBE" => {
                // An MQTT packet names several.
                let subjects = unit.subject.as_deref().unwrap_or_default();
                let all = known.open.remove(&clipped(subjects))
                    || subjects
                        .split(", ")
                        .all(|one| known.open.remove(&clipped(one)));
                known.unsure |= !all;
            }
            // MQTT 5 §3.1.2.4: without this flag the server goes on with the session that it has kept.
            "CONNECT" if unit.protocol == "mqtt" => {
                let clean = ["clean_start", "clean_session"].map(|name| unit.fields.get(name));
                known.unsure |= !clean.contains(&Some(&Value::Bool(true)));
                known.client = unit.fields.get("client_id").and_then(text);
            }
            "CONNECT" | "STOMP" => known.client = unit.fields.get("login").and_then(text),
            _ => {}
        }
    }

    /// Not all that the client said is known.
    pub(super) fn lost(&mut self) {
        if let Some(known) = &mut self.0 {
            known.unsure = true;
        }
    }

    /// How many subscriptions this connection had open at its end, and which of them `next`, the same client's,
    /// never asked for; none where that cannot be said.
    pub(super) fn not_renewed<'a>(&'a self, next: &'a Self) -> (usize, Vec<&'a str>) {
        let (Some(before), Some(after)) = (&self.0, &next.0) else {
            return (0, Vec::new());
        };
        let same = before.protocol == after.protocol && before.client == after.client;
        if !same || before.unsure || after.unsure {
            return (0, Vec::new());
        }
        let lacking = before.open.difference(&after.ever);
        (before.open.len(), lacking.map(String::as_str).collect())
    }
}

#[cfg(test)]
impl Subscriptions {
    /// Of a client of STOMP, all open.
    pub(super) fn made(subjects: &[&str]) -> Self {
        let mut made = Self::default();
        for subject in subjects {
            made.unit(&Unit {
                protocol: "stomp",
                kind: "SUBSCRIBE".into(),
                subject: Some((*subject).to_owned()),
                ..Unit::default()
            });
        }
        made
    }
}

/// What a unit subscribes to. An MQTT packet lists several filters.
fn subjects(unit: &Unit) -> BTreeSet<String> {
    let listed = unit.fields.get("filters").and_then(Value::as_array);
    match listed {
        Some(filters) => filters
            .iter()
            .filter_map(|entry| text(entry.get("filter")?))
            .collect(),
        None => unit.subject.as_deref().map(clipped).into_iter().collect(),
    }
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(clipped)
}

fn clipped(text: &str) -> String {
    let mut end = text.len().min(SUBJECT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn unit(protocol: &'static str, kind: &'static str, fields: &Value) -> Unit {
        Unit {
            protocol,
            kind: kind.into(),
            subject: fields.get("subject").and_then(text),
            fields: fields.as_object().cloned().unwrap_or_default(),
            ..Unit::default()
        }
    }

    fn mqtt(clean: bool, filters: &[&str]) -> Subscriptions {
        let filters: Vec<_> = filters
            .iter()
            .map(|it| json!({"filter": it, "qos": 1}))
            .collect();
        let mut made = Subscriptions::default();
        made.unit(&unit(
            "mqtt",
            "CONNECT",
            &json!({"clean_session": clean, "client_id": "me"}),
        ));
        made.unit(&unit("mqtt", "SUBSCRIBE", &json!({"filters": filters})));
        made
    }

    #[test]
    fn filters_are_held_one_by_one_and_kept_sessions_not_at_all() {
        let before = mqtt(true, &["a/#", "b"]);
        assert_eq!(before.not_renewed(&mqtt(true, &["b"])), (2, vec!["a/#"]));
        assert_eq!(before.not_renewed(&mqtt(true, &["b", "a/#"])).1, [""; 0]);
        assert_eq!(before.not_renewed(&mqtt(false, &["b"])).1, [""; 0]);
        assert_eq!(
            mqtt(false, &["a"]).not_renewed(&mqtt(true, &["b"])).1,
            [""; 0]
        );
        assert_eq!(before.not_renewed(&Subscriptions::made(&["b"])).1, [""; 0]);
    }

    #[test]
    fn what_was_given_up_need_not_be_renewed() {
        let mut before = mqtt(true, &["a", "b", "c/d"]);
        before.unit(&unit("mqtt", "UNSUBSCRIBE", &json!({"subject": "c/d, a"})));
        assert_eq!(before.not_renewed(&mqtt(true, &["b"])).1, [""; 0]);
        before.lost();
        assert_eq!(before.not_renewed(&mqtt(true, &["c"])).1, [""; 0]);
    }
}
