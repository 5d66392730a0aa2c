//! Lists whose lines are in groups: findings by code, streams under their connection.
//!
//! Job: which groups have their lines below them, and which lines the list of findings has. Input:
//! findings in their order, and choices. Output: [`Groups`], [`Line`]s.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::base::Conversing;
use crate::finding::{Code, Finding, Severity};

/// Groups of lines, each of which can be folded into one.
#[derive(Debug, Clone)]
pub struct Groups<K> {
    /// Lines are in groups.
    pub folded: bool,
    /// Groups whose lines are listed below them.
    open: BTreeSet<K>,
}

impl<K> Default for Groups<K> {
    fn default() -> Self {
        Self {
            folded: true,
            open: BTreeSet::new(),
        }
    }
}

impl<K: Ord> Groups<K> {
    /// Whether the lines of a group are listed.
    pub fn is_open(&self, group: &K) -> bool {
        self.open.contains(group)
    }

    /// Lists the lines of a group.
    pub fn open(&mut self, group: K) {
        self.open.insert(group);
    }

    /// Lists the lines of a group, or folds them.
    pub fn turn(&mut self, group: K) {
        if !self.open.remove(&group) {
            self.open.insert(group);
        }
    }

    /// What stands before a group.
    pub fn mark(&self, group: &K) -> &'static str {
        if self.is_open(group) { "▾" } else { "▸" }
    }
}

/// A line of the list of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// All findings of a code.
    Group {
        /// The code.
        code: Code,
        /// Listed findings that have it.
        count: usize,
        /// Connections that have one.
        connections: usize,
    },
    /// A finding, by its place.
    One(usize),
}

/// How findings are listed.
#[derive(Debug, Clone)]
pub struct Folds {
    /// The lines.
    pub lines: Vec<Line>,
    /// Which findings of one code stand together.
    pub groups: Groups<Code>,
    /// Codes that are not listed.
    pub hidden: BTreeSet<Code>,
    /// The least severity that is listed.
    pub least: Severity,
    /// Counts changes of what is chosen.
    version: u64,
    /// What the lines were made of.
    made: Option<Made>,
}

/// What lines are made of: findings, matches of a filter, choices, and whether and how sorted.
type Made = (usize, usize, u64, usize, bool);

impl Default for Folds {
    fn default() -> Self {
        Self {
            lines: Vec::new(),
            groups: Groups::default(),
            hidden: BTreeSet::new(),
            least: Severity::Note,
            version: 0,
            made: None,
        }
    }
}

impl Folds {
    /// Whether findings of a code are listed.
    pub fn shows(&self, code: Code) -> bool {
        code.severity() >= self.least && !self.hidden.contains(&code)
    }

    /// Whether lines have to be made anew of what is `made` so.
    pub fn is_stale(&mut self, made: (usize, usize, usize, bool)) -> bool {
        let (findings, matches, column, backwards) = made;
        let made = Some((findings, matches, self.version, column, backwards));
        std::mem::replace(&mut self.made, made) != made
    }

    /// Something else is chosen.
    pub fn changed(&mut self) {
        self.version += 1;
    }

    /// Makes the lines of findings that are `ordered`.
    pub fn arrange(&mut self, all: &[(Conversing, Finding)], ordered: &[usize]) {
        if !self.groups.folded {
            self.lines = ordered.iter().map(|place| Line::One(*place)).collect();
            return;
        }
        let mut groups = BTreeMap::<_, (BTreeSet<Conversing>, Vec<usize>)>::new();
        for place in ordered {
            let Some((conversing, finding)) = all.get(*place) else {
                continue;
            };
            // The worst first; of equally bad ones the lowest layer, since it is the likeliest cause.
            let key = (Reverse(finding.code.severity()), finding.code);
            let (connections, places) = groups.entry(key).or_default();
            connections.insert(*conversing);
            places.push(*place);
        }
        self.lines.clear();
        for ((_, code), (connections, places)) in groups {
            self.lines.push(Line::Group {
                code,
                count: places.len(),
                connections: connections.len(),
            });
            if self.groups.is_open(&code) {
                self.lines.extend(places.into_iter().map(Line::One));
            }
        }
    }
}
