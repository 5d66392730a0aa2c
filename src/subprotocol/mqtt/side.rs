//! One side of a session of MQTT.
//!
//! Job: resolve topic aliases and count what is under way. Input: packets of PUBLISH. Output: topics,
//! and what breaks a rule. MQTT 5 §3.3.2.3.4, §4.9.

use std::collections::BTreeMap;

use serde_json::Value;

use super::packet::Packet;
use crate::finding::{Figure, Sentence};

/// What is known of one sender.
#[derive(Debug, Clone, Default)]
pub(super) struct Side {
    /// Some of what it said is not known.
    pub(super) unknown: bool,
    pub(super) packets: u64,
    pub(super) aliases: BTreeMap<u16, String>,
    /// What it may use, as the other side said.
    pub(super) alias_maximum: u16,
    pub(super) receive_maximum: Option<u16>,
    /// Messages with a quality of service above 0 that are under way.
    pub(super) under_way: u64,
}

impl Side {
    /// The topic of a PUBLISH, of which `most` are kept, and what is wrong with its alias.
    /// MQTT 5 §3.3.2.3.4: a number stands for a topic that was said before.
    pub(super) fn topic(
        &mut self,
        packet: &Packet,
        most: usize,
    ) -> (Option<String>, Option<Sentence>) {
        let topic = packet.topic.clone().filter(|topic| !topic.is_empty());
        let alias = packet.fields.get("topic_alias").and_then(Value::as_u64);
        let Some(alias) = alias.and_then(|alias| u16::try_from(alias).ok()) else {
            return (topic, None);
        };
        let known = self.aliases.get(&alias);
        let wrong = if alias == 0 {
            Some("the topic alias is {alias}, which stands for nothing")
        } else if alias > self.alias_maximum {
            Some("the topic alias is {alias}, and the receiver takes {most} at most")
        } else if topic.is_none() && known.is_none() {
            Some("the topic alias {alias} was never given a topic")
        } else {
            None
        };
        let maximum = Figure::Id(self.alias_maximum.into());
        let figures = [("alias", Figure::Id(alias.into())), ("most", maximum)];
        let wrong = wrong.map(|text| Sentence::new(text, &figures));
        let Some(topic) = topic else {
            // After a loss the alias may stand for another topic by now.
            return (known.filter(|_| !self.unknown).cloned(), wrong);
        };
        if known.is_some() || self.aliases.len() < most {
            self.aliases.insert(alias, topic.clone());
        } else {
            self.unknown = true;
        }
        (Some(topic), wrong)
    }

    /// Another message is under way. What is wrong where they are more than the receiver allows.
    pub(super) fn begun(&mut self) -> Option<Sentence> {
        self.under_way += 1;
        let most = self.receive_maximum?;
        // MQTT 5 §4.9: the receiver's Receive Maximum is the most at once.
        let text = "more messages are under way than the {most} that the receiver takes at once";
        let figures = [("most", Figure::Count(most.into()))];
        (self.under_way == u64::from(most) + 1).then(|| Sentence::new(text, &figures))
    }
}
