//! OCPP 1.6, 2.0.1 and 2.1: charging stations and who manages them.
//!
//! Job: recognise OCPP and read its calls. Input: messages. Output: a unit for each.
//! OCPP-J 1.6 §4, OCPP 2.0.1 and 2.1 part 4 §4.

use super::json;
use super::sight::Sight;
use super::telling::{self, ENTRY_BYTES};
use super::{Asked, At, Body, Confidence, Entry, Opening, Out, Subprotocol, Unit, UnitStatus};
use crate::base::{Peer, PerPeer, Stamp};
use crate::finding::{Code, Observation};

/// The registry's entry.
pub(super) const ENTRY: Entry = Entry {
    name: "ocpp",
    title: "OCPP",
    tokens: &["ocpp1.6", "ocpp2.0", "ocpp2.0.1", "ocpp2.1"],
    suits: |_, _, look| {
        // Most arrays are ruled out here, before they are read.
        let numbered = look
            .first_item()
            .filter(|first| matches!(first, b'2'..=b'6'));
        let items = numbered.and_then(|_| look.items());
        match items.and_then(|items| Rpc::of(items, true)) {
            Some(Rpc {
                kind: "CALL",
                action: Some("BootNotification"),
                ..
            }) => Confidence::Certain,
            Some(_) => Confidence::Possible,
            None => Confidence::No,
        }
    },
    new: |opening| Box::new(Session::new(opening)),
};

/// One message: `[2,"id","Action",{…}]`, `[3,"id",{…}]`, `[4,"id","code","text",{…}]`.
#[derive(Debug)]
struct Rpc<'a> {
    kind: &'static str,
    id: std::borrow::Cow<'a, str>,
    action: Option<&'a str>,
    error: Option<String>,
    description: Option<String>,
    payload: Option<&'a str>,
}

impl<'a> Rpc<'a> {
    /// From an array, which is whole or ends at a hole.
    fn read(text: &'a str, whole: bool) -> Option<Self> {
        let (items, all) = json::items(text);
        Self::of(&items, whole).filter(|_| all || !whole)
    }

    /// From the items of that array.
    fn of(items: &[&'a str], whole: bool) -> Option<Self> {
        let (number, rest) = items.split_first()?;
        let (id, rest) = rest.split_first()?;
        // Version 1.6, §4.1.3: the number says what it is; 2.1 adds 5 and 6.
        let kind = match *number {
            "2" => "CALL",
            "3" => "CALLRESULT",
            "4" => "CALLERROR",
            "5" => "CALLRESULTERROR",
            "6" => "SEND",
            _ => return None,
        };
        let own = |raw: &&str| json::text(raw).map(std::borrow::Cow::into_owned);
        let mut rpc = Self {
            kind,
            id: json::text(id)?,
            action: None,
            error: None,
            description: None,
            payload: None,
        };
        let (wanted, payload) = match kind {
            "CALL" | "SEND" => {
                // An action is a name without escapes.
                rpc.action = rest
                    .first()
                    .and_then(|raw| raw.strip_prefix('"')?.strip_suffix('"'));
                (2, rest.get(1))
            }
            "CALLRESULT" => (1, rest.first()),
            _ => {
                rpc.error = rest.first().and_then(own);
                rpc.description = rest.get(1).and_then(own);
                (3, rest.get(2))
            }
        };
        let texts = match kind {
            "CALL" | "SEND" => rpc.action.is_some(),
            "CALLRESULT" => true,
            _ => rpc.error.is_some() && rpc.description.is_some(),
        };
        rpc.payload = payload.copied().filter(|payload| payload.starts_with('{'));
        let right = rest.len() == wanted && texts && rpc.payload.is_some();
        (right || !whole).then_some(rpc)
    }
}

/// One conversation.
#[derive(Debug, Clone)]
struct Session {
    sight: Sight,
    asked: Asked<(Peer, String)>,
    /// The call of each side that waits for its answer.
    waiting: PerPeer<Option<String>>,
}

impl Session {
    fn new(opening: &Opening<'_>) -> Self {
        Self {
            sight: Sight::new(opening),
            asked: Asked::new(opening.limits.questions),
            waiting: PerPeer::default(),
        }
    }

    fn call(&mut self, at: &At, rpc: &Rpc<'_>, unit: Unit, out: &mut dyn Out) {
        let id = rpc.id.to_string();
        // Version 1.6, §4.1.1: a side sends no call before its last one was answered.
        if let Some(before) = self.waiting[at.from].as_ref() {
            let text = format!(
                "a call was sent before the call {} was answered",
                telling::excerpt(before)
            );
            self.sight.suspect(at, Code::OcppCallOverlap, text);
        }
        let what = format!("{} #{id}", rpc.action.unwrap_or_default());
        let index = out.unit(unit);
        self.asked
            .ask((at.from, id.clone()), telling::question(at, index, what));
        self.waiting[at.from] = Some(id);
    }

    fn answer(&mut self, at: &At, rpc: &Rpc<'_>, mut unit: Unit, out: &mut dyn Out) {
        // Version 2.1, §4.2.4: a CALLRESULTERROR goes the way of the call.
        let asking = at.from.other();
        if rpc.kind != "CALLRESULTERROR" {
            let id = rpc.id.to_string();
            if self.waiting[asking].as_ref() == Some(&id) {
                self.waiting[asking] = None;
            }
            match self.asked.answer(&(asking, id)) {
                Some(question) => telling::answers(&mut unit, &question, at),
                // Version 1.6, §4.2.2: an answer has the id of its call.
                None if self.asked.forgotten() == 0 => {
                    let text = format!(
                        "an answer has the id {}, for which no call waits",
                        telling::excerpt(&rpc.id)
                    );
                    self.sight.suspect(at, Code::OcppAnswerUnasked, text);
                }
                None => {}
            }
        }
        out.unit(unit);
    }
}

impl Subprotocol for Session {
    fn message(&mut self, at: &At, body: Body<'_>, out: &mut dyn Out) {
        self.sight.message(at);
        let text = telling::known_text(&body);
        let Some(rpc) = text.and_then(|text| Rpc::read(text, body.whole)) else {
            if body.whole {
                let text = "a message is no array with a type, an id and what belongs to them";
                out.observe(Observation::new(Code::OcppMalformed, at.from, text));
            } else {
                self.sight.lost(at.from);
            }
            return;
        };
        let mut unit = Unit {
            protocol: ENTRY.name,
            kind: rpc.kind.into(),
            subject: rpc.action.map(telling::excerpt),
            id: Some(telling::excerpt(&rpc.id)),
            parts: telling::whole(at, &body),
            body: rpc.payload.map(telling::excerpt),
            ..Unit::default()
        };
        if let Some(error) = &rpc.error {
            unit.fields
                .insert("error".into(), telling::excerpt(error).into());
        }
        if let Some(description) = &rpc.description {
            let description = telling::excerpt(description);
            unit.fields.insert("description".into(), description.into());
        }
        if !body.whole {
            unit.status = UnitStatus::Partial;
            self.sight.lost(at.from);
        } else if matches!(rpc.kind, "CALLERROR" | "CALLRESULTERROR") {
            unit.status = UnitStatus::Error;
        }
        match rpc.kind {
            "CALL" => self.call(at, &rpc, unit, out),
            "SEND" => {
                out.unit(unit);
            }
            _ => self.answer(at, &rpc, unit, out),
        }
    }

    fn lost(&mut self, from: Peer) {
        self.sight.lost(from);
    }

    fn finish(&mut self, _: Stamp, out: &mut dyn Out) {
        self.sight.finish(self.asked.drain(), out);
    }

    fn held(&self) -> usize {
        size_of::<Self>() + self.sight.held() + self.asked.len() * ENTRY_BYTES
    }
}

#[cfg(test)]
mod tests;
