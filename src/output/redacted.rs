//! Fields without secrets.
//!
//! Job: answer for the fields of a message or a connection as JSON shows them, where secrets are
//! redacted. Input: what answers for fields. Output: the same without secrets.

use std::borrow::Cow;

use super::censored::Censored;
use crate::filter::{Field, Subject, Value};
use crate::page::redact::Redact;
use crate::subprotocol::Unit;

/// Something whose secrets are not shown.
pub(super) struct Redacted<'a> {
    whole: &'a dyn Subject,
    censored: Censored,
    units: Vec<Unit>,
}

impl<'a> Redacted<'a> {
    /// What is left of `whole`.
    pub(super) fn of(whole: &'a dyn Subject) -> Self {
        let censored = whole.message().map_or(Censored::No, |message| {
            Censored::of(message, Redact::Secrets)
        });
        Self {
            whole,
            censored,
            units: whole.units().iter().map(unit).collect(),
        }
    }

    fn text(&self) -> Value<'_> {
        match (&self.censored, self.whole.message()) {
            (Censored::No, _) | (_, None) => self.whole.get(Field::Text),
            (Censored::All, _) => Value::Missing,
            (censored, Some(message)) => {
                let payload = censored.payload(message.payload);
                let text = String::from_utf8_lossy(&payload).into_owned();
                Value::Text(Cow::Owned(text))
            }
        }
    }
}

impl Subject for Redacted<'_> {
    fn get(&self, field: Field) -> Value<'_> {
        match (field, self.whole.get(field)) {
            (Field::Text, _) => self.text(),
            (Field::Subprotocol, Value::Text(name)) => {
                let agreed = self.whole.handshake();
                let agreed = agreed.and_then(|one| Redact::Secrets.agreed(one));
                let shown = agreed.unwrap_or_else(|| {
                    let shown = Redact::Secrets.subprotocols(&name);
                    shown.into_owned()
                });
                Value::Text(Cow::Owned(shown))
            }
            (Field::Target | Field::Path | Field::Host | Field::Authority, Value::Text(url)) => {
                Value::Text(Cow::Owned(Redact::Secrets.target(&url).into_owned()))
            }
            (_, value) => value,
        }
    }

    fn units(&self) -> &[Unit] {
        &self.units
    }
}

fn unit(unit: &Unit) -> Unit {
    Unit {
        subject: Redact::Secrets.about(unit).map(Cow::into_owned),
        id: Redact::Secrets.id(unit).map(Cow::into_owned),
        fields: Redact::Secrets.fields(&unit.fields).into_owned(),
        ..unit.clone()
    }
}
