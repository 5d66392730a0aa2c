//! Findings, grouped by code.
//!
//! Job: count every finding and keep the first of each kind. Input: findings of connections, in
//! the order of each connection. Output: [`Group`]s, the worst first.
//!
//! What is kept does not depend on how connections are spread over workers: of each code the
//! entries that come first in the capture, and counts of all.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::choice::Choice;
use crate::base::{Conversing, Peer, Stamp};
use crate::finding::{Code, Finding, Severity};

/// Connections that are looked at again.
pub(super) const LOOKS: usize = 16;

/// Entries that are kept of one code, where repeats are folded.
const KEPT_FOLDED: usize = 1_000;

/// Entries that are kept of one code, where each finding is one.
const KEPT_EACH: usize = 100_000;

/// Bytes of a text that are kept: what it cites came from the network.
const TEXT_BYTES: usize = 400;

/// A finding, with those like it on the same connection by the same peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The conversation.
    pub conversing: Conversing,
    /// The first of them.
    pub first: Finding,
    /// How many there are.
    pub count: u64,
    /// How many other findings it explains; they are not told by themselves.
    pub explains: u64,
    /// The message that the last one stands in, where it stands in one.
    pub last_message: Option<u64>,
    /// The packet that showed the last one.
    pub last: Stamp,
}

/// Where an entry stands: its first packet, its connection, and the order in which it came.
type Key = (Stamp, Conversing, u64);

/// Who did what where; the entries that are open to repeats.
type Doer = (Conversing, Option<Peer>);

/// All findings with one code.
#[derive(Debug, Clone, Default)]
pub struct Group {
    /// Findings.
    pub count: u64,
    /// Connections that have one.
    pub connections: u64,
    entries: BTreeMap<Key, Entry>,
    open: HashMap<Doer, Key, foldhash::fast::RandomState>,
}

impl Group {
    /// The entries that are kept, in the order of the capture.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.entries.values()
    }

    fn trim(&mut self, kept: usize) {
        while self.entries.len() > kept
            && let Some((key, entry)) = self.entries.pop_last()
        {
            let doer = (entry.conversing, entry.first.from);
            if self.open.get(&doer) == Some(&key) {
                self.open.remove(&doer);
            }
        }
    }
}

/// The codes that a connection has, by who did it.
#[derive(Debug, Clone, Copy, Default)]
struct Had([[u128; WORDS]; 3]);

/// Words of 128 bits that have room for all codes.
const WORDS: usize = Code::ALL.len().div_ceil(128);

impl Had {
    /// Notes a finding. Says whether the connection had its code, and had it by this peer.
    fn note(&mut self, code: Code, from: Option<Peer>) -> (bool, bool) {
        let (word, bit) = (code as usize / 128, 1_u128 << (code as u32 % 128));
        let has = |codes: &[u128; WORDS]| codes.get(word).is_some_and(|codes| codes & bit != 0);
        let had = self.0.iter().any(has);
        let [nobody, client, server] = &mut self.0;
        let codes = match from {
            None => nobody,
            Some(Peer::Client) => client,
            Some(Peer::Server) => server,
        };
        let by_this = has(codes);
        if let Some(codes) = codes.get_mut(word) {
            *codes |= bit;
        }
        (had, by_this)
    }
}

/// Everything that was found.
#[derive(Debug, Default)]
pub struct Report {
    /// Connections that were told of.
    pub connections: u64,
    /// Messages that were told of.
    pub messages: u64,
    /// Connections that deserve a look although nothing was found on them.
    suspects: BTreeSet<Conversing>,
    each: bool,
    ignored: BTreeSet<Code>,
    groups: BTreeMap<Code, Group>,
    /// Of open connections.
    had: HashMap<Conversing, Had, foldhash::fast::RandomState>,
    came: u64,
    /// Which findings are wanted: each worker's choice; none where all are.
    pub(super) choices: Vec<Box<dyn Choice>>,
}

impl Report {
    /// An empty report; see [`Check::new`](super::Check::new).
    pub(super) fn new(each: bool, ignored: BTreeSet<Code>) -> Self {
        Self {
            each,
            ignored,
            ..Self::default()
        }
    }

    fn kept(&self) -> usize {
        if self.each { KEPT_EACH } else { KEPT_FOLDED }
    }

    /// Takes a finding.
    pub(super) fn add(&mut self, connection: Conversing, finding: Finding) {
        let mut choices = self.choices.iter();
        let wanted = choices.any(|choice| choice.wants(connection, finding.message));
        let left_out = !self.choices.is_empty() && !wanted;
        if self.ignored.contains(&finding.code) || left_out {
            return;
        }
        let kept = self.kept();
        self.came += 1;
        let had = self.had.entry(connection).or_default();
        let (had, by_this) = had.note(finding.code, finding.from);
        let group = self.groups.entry(finding.code).or_default();
        group.count += 1;
        group.connections += u64::from(!had);
        let doer = (connection, finding.from);
        if !self.each && by_this {
            let entry = group.open.get(&doer);
            if let Some(entry) = entry.and_then(|key| group.entries.get_mut(key)) {
                entry.count += 1;
                entry.last_message = finding.message;
                entry.last = finding.at;
            }
            return;
        }
        let key = (finding.at, connection, self.came);
        if !self.each {
            group.open.insert(doer, key);
        }
        let entry = Entry {
            conversing: connection,
            last_message: finding.message,
            last: finding.at,
            first: clipped(finding),
            count: 1,
            explains: 0,
        };
        group.entries.insert(key, entry);
        group.trim(kept);
    }

    /// Notes connections that deserve a look, as many as can be looked at.
    pub(super) fn suspect(&mut self, connections: impl IntoIterator<Item = Conversing>) {
        self.suspects.extend(connections);
        while self.suspects.len() > LOOKS {
            self.suspects.pop_last();
        }
    }

    /// A connection has ended: nothing more will be found on it.
    pub(super) fn ended(&mut self, connection: Conversing) {
        self.had.remove(&connection);
    }

    /// Takes over what another worker found.
    pub(super) fn merge(&mut self, other: Self) {
        let kept = self.kept();
        self.connections += other.connections;
        self.messages += other.messages;
        self.came += other.came;
        self.suspect(other.suspects);
        self.choices.extend(other.choices);
        self.had.extend(other.had);
        for (code, group) in other.groups {
            let mine = self.groups.entry(code).or_default();
            mine.count += group.count;
            mine.connections += group.connections;
            mine.entries.extend(group.entries);
            mine.open.extend(group.open);
            mine.trim(kept);
        }
    }

    /// The first connections with an entry of one of `codes`, or that are suspect.
    pub(super) fn with_symptoms(&self, codes: &[Code], most: usize) -> BTreeSet<Conversing> {
        let groups = codes.iter().filter_map(|code| self.groups.get(code));
        let connections: BTreeSet<_> = groups
            .flat_map(Group::entries)
            .map(|entry| entry.conversing)
            .chain(self.suspects.iter().copied())
            .collect();
        connections.into_iter().take(most).collect()
    }

    /// Puts `cause` in the place of all findings with one of `symptoms` that stand on a
    /// connection by its peer, from the message `since` on.
    pub fn explain(
        &mut self,
        connection: Conversing,
        symptoms: &[Code],
        since: u64,
        mut cause: Finding,
    ) {
        if self.ignored.contains(&cause.code) {
            return;
        }
        let (code, from) = (cause.code, cause.from);
        let mut explains = 0;
        for symptom in symptoms {
            let Some(group) = self.groups.get_mut(symptom) else {
                continue;
            };
            let by = |entry: &Entry| {
                let message = entry.first.message;
                entry.conversing == connection
                    && entry.first.from == from
                    && message.is_none_or(|message| message >= since)
            };
            let gone = || group.entries.values().filter(|entry| by(entry));
            let count: u64 = gone().map(|entry| entry.count).sum();
            if count == 0 {
                continue;
            }
            let bit = gone().find(|entry| entry.first.message == cause.message);
            cause.bit = cause.bit.or(bit.and_then(|entry| entry.first.bit));
            group.count -= count;
            group.entries.retain(|_, entry| !by(entry));
            group.open.remove(&(connection, from));
            let left = |entry: &Entry| entry.conversing == connection;
            group.connections -= u64::from(!group.entries.values().any(left));
            if group.count == 0 {
                self.groups.remove(symptom);
            }
            explains += if *symptom == code { 0 } else { count };
        }
        let at = cause.at;
        let of = |entry: &Entry| entry.conversing == connection;
        let group = self.groups.get(&code);
        let counted = group.is_some_and(|group| group.entries.values().any(of));
        // The connection has ended: nothing is to be folded into this.
        self.had.remove(&connection);
        self.add(connection, cause);
        self.had.remove(&connection);
        if let Some(group) = self.groups.get_mut(&code) {
            group.connections -= u64::from(counted);
            group.open.remove(&(connection, from));
            let mut own = group.entries.iter_mut().rev();
            let own = own.find(|(key, entry)| key.0 == at && of(entry) && entry.first.from == from);
            if let Some((_, entry)) = own {
                entry.explains = explains;
            }
        }
    }

    /// Changes what was seen, where `reword` has other words for it.
    pub fn reword(&mut self, reword: impl Fn(&str) -> Option<String>) {
        for entry in self
            .groups
            .values_mut()
            .flat_map(|group| group.entries.values_mut())
        {
            if let Some(text) = reword(&entry.first.text) {
                entry.first.text.reword(text);
            }
        }
    }

    /// The groups, the worst first; of equally bad ones the lowest layer first, since it is the
    /// likeliest cause.
    pub fn groups(&self) -> Vec<(Code, &Group)> {
        let mut groups: Vec<_> = self
            .groups
            .iter()
            .map(|(code, group)| (*code, group))
            .collect();
        groups.sort_by_key(|(code, _)| (std::cmp::Reverse(code.severity()), *code));
        groups
    }

    /// How many findings are of this severity.
    pub fn count(&self, severity: Severity) -> u64 {
        let of = self.groups.iter();
        of.filter(|(code, _)| code.severity() == severity)
            .map(|(_, group)| group.count)
            .sum()
    }

    /// The worst severity, where there is a finding.
    pub fn worst(&self) -> Option<Severity> {
        self.groups.keys().map(|code| code.severity()).max()
    }
}

fn clipped(mut finding: Finding) -> Finding {
    finding.text.clip(TEXT_BYTES);
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::{PacketRef, Timestamp};

    fn finding(code: Code, number: u64, message: u64) -> Finding {
        Finding {
            code,
            from: Some(Peer::Client),
            message: Some(message),
            at: Stamp {
                packet: PacketRef::new(0, number),
                time: Timestamp(number),
            },
            bit: None,
            text: format!("number {number}").into(),
        }
    }

    fn entries(report: &Report) -> Vec<(Code, u64, u64, u64, u64)> {
        let groups = report.groups();
        let all = groups.iter().flat_map(|(code, group)| {
            group.entries().map(|entry| {
                let packets = (entry.first.at.packet.number, entry.last.packet.number);
                (
                    *code,
                    entry.conversing.connection,
                    entry.count,
                    packets.0,
                    packets.1,
                )
            })
        });
        all.collect()
    }

    #[test]
    fn repeats_are_folded_and_the_worst_comes_first() {
        let mut report = Report::default();
        report.add(1.into(), finding(Code::HeadOfLine, 1, 1));
        for number in 2..5 {
            report.add(1.into(), finding(Code::ReservedBit, number, number));
        }
        report.add(2.into(), finding(Code::ReservedBit, 5, 1));
        report.add(1.into(), finding(Code::BytesMissing, 6, 1));
        assert_eq!(
            entries(&report),
            [
                (Code::ReservedBit, 1, 3, 2, 4),
                (Code::ReservedBit, 2, 1, 5, 5),
                (Code::BytesMissing, 1, 1, 6, 6),
                (Code::HeadOfLine, 1, 1, 1, 1),
            ]
        );
        let (_, group) = report.groups()[0];
        assert_eq!((group.count, group.connections), (4, 2));
        assert_eq!(report.worst(), Some(Severity::Error));
        assert_eq!(report.count(Severity::Error), 4);
    }

    #[test]
    fn long_texts_are_clipped() {
        let mut report = Report::default();
        let text = "é".repeat(1000);
        report.add(
            1.into(),
            Finding {
                text: text.into(),
                ..finding(Code::ReservedBit, 1, 1)
            },
        );
        let (_, group) = report.groups()[0];
        let kept = &group.entries().next().unwrap().first.text;
        assert!(kept.len() <= TEXT_BYTES + 3 && kept.ends_with("é…"));
    }

    #[test]
    fn each_is_kept_where_that_is_wanted_and_nothing_that_is_ignored() {
        let mut report = Report::new(true, BTreeSet::from([Code::BytesMissing]));
        report.add(1.into(), finding(Code::ReservedBit, 1, 1));
        report.add(1.into(), finding(Code::ReservedBit, 2, 2));
        report.add(1.into(), finding(Code::BytesMissing, 3, 3));
        assert_eq!(entries(&report).len(), 2);
        assert_eq!(report.worst(), Some(Severity::Error));
    }

    #[test]
    fn a_cause_takes_the_place_of_its_symptoms() {
        let mut report = Report::default();
        for number in 1..4 {
            report.add(1.into(), finding(Code::DeflateInvalid, number, number));
        }
        report.add(2.into(), finding(Code::DeflateInvalid, 4, 1));
        report.add(1.into(), finding(Code::BytesMissing, 5, 5));
        let symptoms = [Code::DeflateInvalid, Code::DistanceTooFar];
        report.explain(1.into(), &symptoms, 1, finding(Code::ContextKept, 1, 1));
        assert_eq!(
            entries(&report),
            [
                (Code::DeflateInvalid, 2, 1, 4, 4),
                (Code::ContextKept, 1, 1, 1, 1),
                (Code::BytesMissing, 1, 1, 5, 5),
            ]
        );
        let (_, group) = report.groups()[0];
        assert_eq!((group.count, group.connections), (1, 1));
        report.explain(2.into(), &symptoms, 1, finding(Code::ContextKept, 4, 1));
        let codes: Vec<_> = report.groups().iter().map(|(code, _)| *code).collect();
        assert_eq!(codes, [Code::ContextKept, Code::BytesMissing]);
    }

    /// Findings of many connections, to one worker or spread over three.
    #[test]
    fn what_is_kept_does_not_depend_on_the_workers() {
        let total = KEPT_FOLDED as u64 + 500;
        let run = |workers: u64| {
            let mut reports: Vec<_> = (0..workers).map(|_| Report::default()).collect();
            // Not in the order of the capture, as one worker takes one connection after the other.
            for connection in (1..=total).rev() {
                let report = &mut reports[usize::try_from(connection % workers).unwrap()];
                for repeat in 0..3 {
                    report.add(
                        connection.into(),
                        finding(Code::ReservedBit, connection + repeat, 1),
                    );
                }
                report.ended(connection.into());
            }
            let mut reports = reports.into_iter();
            let mut all = reports.next().unwrap();
            reports.for_each(|report| all.merge(report));
            all
        };
        let (one, three) = (run(1), run(3));
        assert_eq!(entries(&one), entries(&three));
        assert_eq!(entries(&one).len(), KEPT_FOLDED);
        assert_eq!(entries(&one)[0], (Code::ReservedBit, 1, 3, 1, 3));
        for report in [one, three] {
            let (_, group) = report.groups()[0];
            assert_eq!((group.count, group.connections), (total * 3, total));
            assert!(report.had.is_empty());
        }
    }
}
