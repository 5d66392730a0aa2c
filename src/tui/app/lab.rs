//! The state of the lab.
//!
//! Job: what is typed and set, what it costs, and where a lesson stands. Input: changed by `update`
//! only. Output: read by `view`.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::base::Conversing;
use crate::lesson::{Ground, Lab, Lesson, Made, Question, Scene, Shown, Size};

/// The lab.
#[derive(Debug, Clone, Default)]
pub struct LabState {
    /// What is typed and set.
    pub lab: Lab,
    /// What was made of it last, where a lab is looked at.
    pub made: Option<Arc<Made>>,
    /// What each item cost before that.
    pub before: Vec<Size>,
    /// It is being made.
    pub making: bool,
    /// The control that is chosen, by its place among those that are shown.
    pub control: usize,
    /// The message to select once it is there.
    pub select: Option<u64>,
    /// The conversation that is looked at.
    pub conversing: Option<Conversing>,
    /// The lessons that there are.
    pub lessons: Arc<[Lesson]>,
    /// The lesson, where there is one.
    pub lesson: Option<LessonState>,
}

/// Where a lesson stands.
#[derive(Debug, Clone, Default)]
pub struct LessonState {
    /// Its place among the lessons.
    pub number: usize,
    /// Its stops; none until it is played.
    pub scenes: Vec<Scene>,
    /// The stop.
    pub stop: usize,
    /// What was guessed, by stop and part.
    pub guesses: BTreeMap<(usize, usize), Guess>,
    /// The first line that is seen.
    pub scroll: usize,
    /// The lesson stands where else the list of messages is.
    pub shown: bool,
}

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Guess {
    /// The answer was guessed.
    Right,
    /// Something else was.
    Wrong(String),
    /// Nothing was.
    None,
}

impl LabState {
    /// The lesson, where it is shown.
    pub fn shown(&self) -> Option<&LessonState> {
        self.lesson.as_ref().filter(|lesson| lesson.shown)
    }

    /// What a lesson is called.
    pub fn title(&self, number: usize) -> Option<&str> {
        self.lessons.get(number).map(|lesson| lesson.title.as_str())
    }

    /// Whether any message has another size than before the last change.
    pub fn is_changed(&self) -> bool {
        let now = self.made.as_ref().map(|made| made.sizes.as_slice());
        !self.before.is_empty() && now.is_some_and(|now| now != self.before)
    }

    /// The item that a message belongs to, by its first packet.
    pub fn item_at(&self, packet: u64) -> Option<usize> {
        self.made.as_ref()?.item_at(packet)
    }
}

impl LessonState {
    /// A lesson that is still to be played.
    pub fn new(number: usize) -> Self {
        Self {
            number,
            shown: true,
            ..Self::default()
        }
    }

    /// The stop where it stands.
    pub fn scene(&self) -> Option<&Scene> {
        self.scenes.get(self.stop)
    }

    /// What the stop is about.
    pub fn ground(&self) -> Option<&Arc<Ground>> {
        self.scene().map(|scene| &scene.ground)
    }

    /// The first question of the stop that nobody has guessed at, and its place.
    pub fn open(&self) -> Option<(usize, &Question)> {
        let content = self.scene()?.content.iter().enumerate();
        content
            .filter_map(|(at, part)| match part {
                Shown::Question(question) => Some((at, question)),
                _ => None,
            })
            .find(|(at, _)| !self.guesses.contains_key(&(self.stop, *at)))
    }

    /// Guesses that were right, and questions that were answered.
    pub fn score(&self) -> (usize, usize) {
        let right = self
            .guesses
            .values()
            .filter(|guess| **guess == Guess::Right);
        (right.count(), self.guesses.len())
    }

    /// Questions of the whole lesson.
    pub fn questions(&self) -> usize {
        let content = self.scenes.iter().flat_map(|scene| &scene.content);
        content
            .filter(|part| matches!(part, Shown::Question(_)))
            .count()
    }

    /// Whether it is at its end.
    pub fn is_over(&self) -> bool {
        self.stop + 1 >= self.scenes.len() && self.open().is_none()
    }
}
