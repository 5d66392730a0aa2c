//! Which hypothesis explains a direction.
//!
//! Job: read a direction as agreed, and where that fails under each hypothesis; take the one that
//! makes it right, if it does so better than the others and than chance. Input: a [`Direction`].
//! Output: a [`Verdict`] with its evidence.

use super::hypotheses::{Hypothesis, Kind, codings, windows};
use super::reading::{self, Behaviour, Budget, Played, Reading, Score, Script};
use super::sent::Direction;
use super::tokens::Coding;

/// Texts or checksums that make a reading sure.
const SURE_TEXTS: u64 = 3;

/// Copies held against what follows their source that make a reading sure.
const SURE_COPIES: u64 = 60;

/// What explains a direction.
#[derive(Debug, Clone)]
pub(super) enum Verdict {
    /// Nothing has to be explained.
    Good,
    /// Bytes are missing in the capture before the first message that cannot be read.
    Lost { first: usize },
    /// This does.
    Found(Box<Found>),
    /// Nothing that was tried.
    Nothing { first: usize, bad: u64 },
}

/// A hypothesis that holds, and why.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) hypothesis: Hypothesis,
    /// Kinds that explain the direction just as well.
    pub(super) rivals: Vec<Kind>,
    /// The first message that does not come out right as agreed.
    pub(super) first: usize,
    /// How many do not.
    pub(super) bad: u64,
    /// How many of them become right.
    pub(super) mended: u64,
    /// Their bytes.
    pub(super) bytes: u64,
    /// JSON texts among them, and messages with the right checksum.
    pub(super) json: u64,
    pub(super) sealed: u64,
    /// Copies that were held against what follows their source in them.
    pub(super) tested: u64,
    /// More than chance would do.
    pub(super) sure: bool,
}

/// A hypothesis with what it makes of the direction.
struct Trial {
    hypothesis: Hypothesis,
    reading: Reading,
    score: Score,
}

/// Explains a direction.
pub(super) fn judge(direction: &Direction) -> Verdict {
    let mut budget = Budget::default();
    let script = Script::new(direction, Coding::Message);
    let resets = direction.resets();
    let agreed = Behaviour {
        resets,
        ..Behaviour::default()
    };
    let base = Reading::new(&script, &agreed, usize::MAX, &mut budget);
    let score = Score::of(&base.played);
    let wrong = |one: &Played| is_bad(one, true) && one.verdict != reading::Verdict::Unknown;
    let Some(first) = base.played.iter().position(wrong) else {
        return Verdict::Good;
    };
    let lost = direction.messages.iter().take(first + 1).any(|m| m.lost);
    let mut trials = Vec::new();
    let mut tried = codings(direction, first);
    if !lost {
        tried.extend(windows(&script, resets, first, &mut budget));
    }
    for hypothesis in tried {
        let other;
        let lines = match hypothesis.coding {
            Coding::Message => &script,
            coding => {
                other = Script::new(direction, coding);
                &other
            }
        };
        let reading = Reading::new(lines, &hypothesis.behaviour, usize::MAX, &mut budget);
        let score = Score::of(&reading.played);
        trials.push(Trial {
            hypothesis,
            reading,
            score,
        });
    }
    let strict = speaks_json(trials.iter().map(|t| &t.score).chain([&score]));
    let bad = count(&base.played, strict);
    match choose(trials, &base, first, strict) {
        Some(found) => Verdict::Found(Box::new(found)),
        None if lost => Verdict::Lost { first },
        None if score.wrong > 0 && faults(&base.played) > 0 => Verdict::Nothing { first, bad },
        None => Verdict::Good,
    }
}

/// Whether texts that begin like JSON are JSON in this direction.
fn speaks_json<'a>(scores: impl Iterator<Item = &'a Score>) -> bool {
    let best = scores.min_by_key(|score| (score.broken, u64::MAX - score.json));
    best.is_some_and(|score| score.json > 0 && score.broken * 4 <= score.json)
}

fn is_bad(one: &Played, strict: bool) -> bool {
    use reading::Verdict::{Broken, Fault, NotUtf8, Unknown};
    match one.verdict {
        Fault | NotUtf8 | Unknown => true,
        Broken => strict,
        _ => false,
    }
}

fn count(played: &[Played], strict: bool) -> u64 {
    played.iter().filter(|one| is_bad(one, strict)).count() as u64
}

fn faults(played: &[Played]) -> usize {
    let fault = |one: &&Played| one.verdict == reading::Verdict::Fault;
    played.iter().filter(fault).count()
}

/// The trial that explains the direction.
fn choose(trials: Vec<Trial>, base: &Reading, first: usize, strict: bool) -> Option<Found> {
    let bad = count(&base.played, strict);
    let all = base.played.len();
    let mut fitting: Vec<_> = trials
        .into_iter()
        .filter(|trial| trial.reading.played.len() == all)
        .filter(|trial| {
            let left = count(&trial.reading.played, strict);
            left < bad && left * 10 <= bad && copies_fit(trial, base, first)
        })
        .collect();
    fitting.sort_by_key(|trial| {
        let left = count(&trial.reading.played, strict);
        (left, trial.score.short, trial.hypothesis.kind)
    });
    let best = fitting.first()?;
    let left = count(&best.reading.played, strict);
    let mut rivals = Vec::new();
    for other in fitting.iter().skip(1) {
        let same = count(&other.reading.played, strict) == left
            // A wrong window makes some copies short; a few prove nothing.
            && other.score.short <= best.score.short + 2;
        let kind = other.hypothesis.kind;
        if same && kind != best.hypothesis.kind && !rivals.contains(&kind) {
            rivals.push(kind);
        }
    }
    let found = evidence(best, base, first, strict, rivals);
    // Text that could have been bad from the start needs more than a lucky message.
    let enough = faults(&base.played) > 0 || (found.mended >= 2 && found.sure);
    enough.then_some(found)
}

/// Whether the copies behind `first` fit as those before do.
fn copies_fit(trial: &Trial, base: &Reading, first: usize) -> bool {
    let before = Score::of(base.played.get(..first).unwrap_or_default());
    let behind = Score::of(trial.reading.played.get(first..).unwrap_or_default());
    let as_agreed = Score::of(base.played.get(first..).unwrap_or_default());
    // In thousandths.
    let usual = if before.tested >= 10 {
        before.short * 1000 / before.tested
    } else {
        0
    };
    let allowed = behind.tested * (usual * 3 / 2 + 10) + 1000;
    // Some compressors do not make copies as long as they can. Then at least no more are short
    // than there were as agreed.
    behind.short * 1000 <= allowed
        || (usual > 20 && behind.short * as_agreed.tested <= as_agreed.short * behind.tested)
}

fn evidence(best: &Trial, base: &Reading, first: usize, strict: bool, rivals: Vec<Kind>) -> Found {
    let mut found = Found {
        hypothesis: best.hypothesis.clone(),
        rivals,
        first,
        bad: 0,
        mended: 0,
        bytes: 0,
        json: 0,
        sealed: 0,
        tested: 0,
        sure: false,
    };
    for (was, is) in base.played.iter().zip(&best.reading.played).skip(first) {
        found.tested += is.fit.tested;
        if !is_bad(was, strict) {
            continue;
        }
        found.bad += 1;
        if is_bad(is, strict) {
            continue;
        }
        found.mended += 1;
        found.bytes += is.bytes;
        found.json += u64::from(is.verdict == reading::Verdict::Json);
        found.sealed += u64::from(is.verdict == reading::Verdict::Sealed);
    }
    found.sure = found.sealed > 0
        || found.json >= SURE_TEXTS
        || found.tested >= SURE_COPIES
        // Codes that are wrong become right by no chance, bit by bit to the end.
        || matches!(found.hypothesis.kind, Kind::Wrapped | Kind::PerFrame) && found.mended >= 2;
    found
}
