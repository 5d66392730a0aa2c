//! A lesson as it is played.
//!
//! Job: do in the lab what a lesson says, put figures into its words, and hold its answers against
//! what wscope's own engine says. Input: a [`Lesson`]. Output: a [`Scene`] for each stop, or what
//! is wrong with the lesson, with file and line.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempPath;

use super::document::{Fault, Lesson, Part, Question, Stop};
use super::figures::Figures;
use super::instruction::{Instruction, Show};
use super::lab::Lab;
use super::made::{Made, Size};
use super::page;
use super::shipped;
use super::shown::{Content, Ground, Scene};
use super::taken::Taken;
use crate::page::Line;

/// Plays a lesson to its end; pages are `width` columns wide.
pub fn play(lesson: &Lesson, width: usize) -> Result<Vec<Scene>, Fault> {
    let mut player = Player {
        lesson,
        width,
        ground: Arc::new(Ground::Lab(Lab::default())),
        before: Vec::new(),
        changing: false,
        known: None,
        message: None,
    };
    lesson.stops.iter().map(|stop| player.stop(stop)).collect()
}

struct Player<'a> {
    lesson: &'a Lesson,
    width: usize,
    ground: Arc<Ground>,
    /// What the items cost before the last change of controls.
    before: Vec<Size>,
    /// The last instruction changed a control too.
    changing: bool,
    /// What is known of the ground as it is now.
    known: Option<Known>,
    message: Option<u64>,
}

struct Known {
    made: Option<Made>,
    taken: Taken,
}

impl Player<'_> {
    fn stop(&mut self, stop: &Stop) -> Result<Scene, Fault> {
        let mut content = Vec::new();
        for (line, part) in &stop.parts {
            let shown = self.part(part).map_err(|text| Fault {
                file: self.lesson.file.clone(),
                line: *line,
                text,
            })?;
            content.extend(shown);
        }
        Ok(Scene {
            title: stop.title.clone(),
            content,
            ground: Arc::clone(&self.ground),
            message: self.message,
        })
    }

    fn part(&mut self, part: &Part) -> Result<Vec<Content>, String> {
        if !matches!(part, Part::Do(Instruction::Set(..))) {
            self.changing = false;
        }
        Ok(vec![match part {
            Part::Prose(text) => Content::Prose(self.filled(text)?),
            Part::Entry(text) => Content::Entry(self.filled(text)?),
            Part::Literal(line) => Content::Literal(line.clone()),
            Part::Ask(question) => Content::Question(self.question(question)?),
            Part::Do(instruction) => return self.instruction(instruction),
        }])
    }

    fn instruction(&mut self, instruction: &Instruction) -> Result<Vec<Content>, String> {
        match instruction {
            Instruction::New => {
                self.change(Ground::Lab(Lab::default()));
                self.before.clear();
                self.message = None;
                Ok(Vec::new())
            }
            Instruction::Set(name, value) => {
                if !self.changing {
                    let made = self.known()?.made.as_ref();
                    self.before = made.map(|made| made.sizes.clone()).unwrap_or_default();
                }
                self.changing = true;
                let mut lab = self.lab()?.clone();
                let said = lab.controls.set(name, value)?;
                self.change(Ground::Lab(lab));
                let mut shown = vec![Content::Done(format!("set {name} {value}"))];
                shown.extend(said.map(|said| Content::Prose(said.to_owned())));
                Ok(shown)
            }
            Instruction::Say(item) => {
                let mut lab = self.lab()?.clone();
                lab.push(item.clone())?;
                let said = page::said(item);
                self.change(Ground::Lab(lab));
                Ok(vec![Content::Done(said)])
            }
            Instruction::Capture(name, connection) => {
                let (path, held) = self.capture(name)?;
                self.change(Ground::Capture {
                    path,
                    connection: *connection,
                    held,
                });
                self.message = None;
                Ok(Vec::new())
            }
            Instruction::Show(show) => self.show(*show).map(|lines| vec![Content::Page(lines)]),
        }
    }

    fn capture(&self, name: &str) -> Result<(PathBuf, Option<TempPath>), String> {
        if let Some(held) = shipped::capture(name)? {
            return Ok((held.to_path_buf(), Some(held)));
        }
        let folder = Path::new(&self.lesson.file)
            .parent()
            .unwrap_or(Path::new(""));
        let path = folder.join(name);
        if path.is_file() {
            return Ok((path, None));
        }
        Err(format!("there is no capture {}", path.display()))
    }

    fn change(&mut self, ground: Ground) {
        self.ground = Arc::new(ground);
        self.known = None;
    }

    fn lab(&self) -> Result<&Lab, String> {
        match &*self.ground {
            Ground::Lab(lab) => Ok(lab),
            Ground::Capture { .. } => {
                Err("this is about a capture; \"new\" goes back to the lab".to_owned())
            }
        }
    }

    /// What is known of the ground as it is now.
    fn known(&mut self) -> Result<&Known, String> {
        let known = match self.known.take() {
            Some(known) => known,
            None => match &*self.ground {
                Ground::Lab(lab) => {
                    let made = Made::of(lab);
                    let taken = Taken::of_lab(&made)?;
                    Known {
                        made: Some(made),
                        taken,
                    }
                }
                Ground::Capture {
                    path, connection, ..
                } => Known {
                    made: None,
                    taken: Taken::of_file(path, *connection)?,
                },
            },
        };
        Ok(self.known.insert(known))
    }

    fn show(&mut self, show: Show) -> Result<Vec<Line>, String> {
        if let Show::Message(_, number) = show {
            self.message = Some(number);
        }
        let (ground, before, width) = (Arc::clone(&self.ground), self.before.clone(), self.width);
        let known = self.known()?;
        match (show, &*ground, &known.made) {
            (Show::Sizes, Ground::Lab(lab), Some(made)) => {
                Ok(page::sizes(lab, made, &before, width))
            }
            (Show::Sizes, ..) => Err("a capture has no sizes to show".to_owned()),
            (Show::Handshake, ..) => Ok(page::handshake(&known.taken, width)),
            (Show::Extensions, ..) => Ok(page::extensions(&known.taken, width)),
            (Show::Message(part, number), ..) => {
                let message = known.taken.message(number);
                let message = message.ok_or_else(|| format!("there is no message {number}"))?;
                Ok(page::message(message, part, width, known.taken.start))
            }
        }
    }

    fn value(&mut self, words: &str) -> Result<String, String> {
        let (ground, before) = (Arc::clone(&self.ground), self.before.clone());
        let known = self.known()?;
        let made = match (&*ground, &known.made) {
            (Ground::Lab(lab), Some(made)) => Some((lab, made)),
            _ => None,
        };
        let figures = Figures {
            taken: &known.taken,
            made,
            before: &before,
        };
        figures.value(words)
    }

    /// The words with their figures: `{wire of 2}`.
    fn filled(&mut self, text: &str) -> Result<String, String> {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            // What begins otherwise is no figure: JSON, say.
            let figure = after.split_once('}').filter(|(words, _)| {
                words.starts_with(|c: char| c.is_ascii_lowercase()) && !words.contains('"')
            });
            if let Some((words, behind)) = figure {
                out.push_str(&self.value(words)?);
                rest = behind;
            } else {
                out.push('{');
                rest = after;
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    fn question(&mut self, question: &Question) -> Result<Question, String> {
        if let Some(check) = &question.check {
            let value = self.value(check)?;
            if value != question.answer {
                return Err(format!(
                    "the answer is {:?}, and wscope says of {check:?}: {value:?}",
                    question.answer
                ));
            }
        }
        let choices = question.choices.iter();
        let choices: Result<_, String> = choices
            .map(|(right, text)| Ok((*right, self.filled(text)?)))
            .collect();
        Ok(Question {
            text: self.filled(&question.text)?,
            choices: choices?,
            why: self.filled(&question.why)?,
            answer: self.filled(&question.answer)?,
            check: question.check.clone(),
        })
    }
}

impl Question {
    /// Whether a guess is right: the answer or, where there are choices, the letter of the right
    /// one. Case, and commas and spaces in numbers, do not count.
    pub fn is_right(&self, guess: &str) -> bool {
        let plain = |text: &str| {
            let kept = text.chars().filter(|c| !c.is_whitespace() && *c != ',');
            kept.collect::<String>().to_lowercase()
        };
        let guess = plain(guess);
        let letter = self
            .choices
            .iter()
            .zip('a'..)
            .find(|((right, _), _)| *right);
        letter.is_some_and(|(_, letter)| guess == letter.to_string())
            || guess == plain(&self.answer)
    }
}

#[cfg(test)]
mod tests;
