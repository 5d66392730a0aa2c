//! Lesson files.
//!
//! Job: read a lesson, and say with file and line what is wrong with it. Input: Markdown with
//! `lab` and `ask` blocks, as `docs/lessons.md` describes. Output: a [`Lesson`].

use std::fmt;

use super::instruction::Instruction;

/// A lesson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lesson {
    /// What it is called on the command line.
    pub name: String,
    /// Its file, for what is said about it.
    pub file: String,
    /// Its first heading.
    pub title: String,
    /// Where it stops, in order.
    pub stops: Vec<Stop>,
}

/// From one heading to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stop {
    /// The heading.
    pub title: String,
    /// What stands below it, each with its line in the file.
    pub parts: Vec<(usize, Part)>,
}

/// A part of a stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A paragraph.
    Prose(String),
    /// An entry of a list.
    Entry(String),
    /// A line as it is.
    Literal(String),
    /// Something that is done in the lab.
    Do(Instruction),
    /// A question.
    Ask(Question),
}

/// A question of a lesson.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Question {
    /// What is asked.
    pub text: String,
    /// What can be chosen, and whether it is right.
    pub choices: Vec<(bool, String)>,
    /// The answer.
    pub answer: String,
    /// The figure that wscope's own engine has to give for it.
    pub check: Option<String>,
    /// Why it is so.
    pub why: String,
}

/// What is wrong with a lesson file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub text: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.text)
    }
}

impl std::error::Error for Fault {}

/// `header` for `lessons/01-header.md`.
pub fn name_of(file: &str) -> String {
    let base = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = base.strip_suffix(".md").unwrap_or(base);
    let named = stem.trim_start_matches(|c: char| c.is_ascii_digit());
    match named.strip_prefix('-') {
        Some(named) if !named.is_empty() => named.to_owned(),
        _ => stem.to_owned(),
    }
}

impl Lesson {
    /// Reads the text of `file`.
    pub fn parse(file: &str, text: &str) -> Result<Self, Fault> {
        let mut reader = Reader {
            file,
            lesson: Self {
                name: name_of(file),
                file: file.to_owned(),
                title: String::new(),
                stops: Vec::new(),
            },
            prose: None,
        };
        let mut lines = (1..).zip(text.lines());
        while let Some((number, line)) = lines.next() {
            match line.strip_prefix("```") {
                Some(kind) => {
                    reader.flush();
                    let mut block = Vec::new();
                    let end = lines.by_ref().find_map(|(at, line)| {
                        let over = line.trim_end() == "```";
                        if !over {
                            block.push((at, line));
                        }
                        over.then_some(at)
                    });
                    if end.is_none() {
                        return Err(reader.fault(number, "this block does not end; ``` ends it"));
                    }
                    reader.block(number, kind.trim(), &block)?;
                }
                None => reader.line(number, line)?,
            }
        }
        reader.flush();
        reader.finish()
    }

    /// How many questions it asks.
    pub fn questions(&self) -> usize {
        let parts = self.stops.iter().flat_map(|stop| &stop.parts);
        parts
            .filter(|(_, part)| matches!(part, Part::Ask(_)))
            .count()
    }
}

struct Reader<'a> {
    file: &'a str,
    lesson: Lesson,
    /// A paragraph or an entry that goes on.
    prose: Option<(usize, Part)>,
}

impl Reader<'_> {
    fn fault(&self, line: usize, text: impl Into<String>) -> Fault {
        Fault {
            file: self.file.to_owned(),
            line,
            text: text.into(),
        }
    }

    fn stop(&mut self, title: &str) {
        self.lesson.stops.push(Stop {
            title: title.to_owned(),
            parts: Vec::new(),
        });
    }

    fn part(&mut self, line: usize, part: Part) -> Result<(), Fault> {
        let fault = self.fault(line, "a lesson begins with its title: # …");
        let stop = self.lesson.stops.last_mut().ok_or(fault)?;
        stop.parts.push((line, part));
        Ok(())
    }

    fn flush(&mut self) {
        if let Some((line, part)) = self.prose.take() {
            // There is a stop, or the prose would not have begun.
            let _ = self.part(line, part);
        }
    }

    fn line(&mut self, number: usize, line: &str) -> Result<(), Fault> {
        let trimmed = line.trim();
        if let Some(title) = line.strip_prefix("# ") {
            self.flush();
            if !self.lesson.title.is_empty() {
                return Err(self.fault(number, "a lesson has one title; stops begin with ##"));
            }
            title.trim().clone_into(&mut self.lesson.title);
            self.stop(title.trim());
        } else if let Some(title) = line.strip_prefix("## ") {
            self.flush();
            if self.lesson.title.is_empty() {
                return Err(self.fault(number, "a lesson begins with its title: # …"));
            }
            self.stop(title.trim());
        } else if trimmed.is_empty() {
            self.flush();
        } else if let Some(entry) = trimmed.strip_prefix("- ") {
            self.flush();
            self.begin(number, Part::Entry(entry.to_owned()))?;
        } else {
            match &mut self.prose {
                Some((_, Part::Prose(text) | Part::Entry(text))) => {
                    text.push(' ');
                    text.push_str(trimmed);
                }
                _ => self.begin(number, Part::Prose(trimmed.to_owned()))?,
            }
        }
        Ok(())
    }

    fn begin(&mut self, number: usize, part: Part) -> Result<(), Fault> {
        if self.lesson.stops.is_empty() {
            return Err(self.fault(number, "a lesson begins with its title: # …"));
        }
        self.prose = Some((number, part));
        Ok(())
    }

    fn block(&mut self, begin: usize, kind: &str, lines: &[(usize, &str)]) -> Result<(), Fault> {
        match kind {
            "lab" => {
                for (number, line) in lines.iter().filter(|(_, line)| !line.trim().is_empty()) {
                    let instruction = Instruction::parse(line.trim());
                    let instruction = instruction.map_err(|text| self.fault(*number, text))?;
                    self.part(*number, Part::Do(instruction))?;
                }
            }
            "ask" => {
                let question = self.question(begin, lines)?;
                self.part(begin, Part::Ask(question))?;
            }
            "" | "text" | "sh" => {
                for (number, line) in lines {
                    self.part(*number, Part::Literal((*line).to_owned()))?;
                }
            }
            other => {
                let text = format!(
                    "there are no blocks of the kind {other:?}; there are lab, ask and text"
                );
                return Err(self.fault(begin, text));
            }
        }
        Ok(())
    }

    fn question(&self, begin: usize, lines: &[(usize, &str)]) -> Result<Question, Fault> {
        let mut question = Question::default();
        for (number, line) in lines {
            let line = line.trim();
            if let Some(choice) = line.strip_prefix("- [x] ") {
                question.choices.push((true, choice.to_owned()));
            } else if let Some(choice) = line.strip_prefix("- [ ] ") {
                question.choices.push((false, choice.to_owned()));
            } else if let Some(answer) = line.strip_prefix("answer:") {
                answer.trim().clone_into(&mut question.answer);
            } else if let Some(check) = line.strip_prefix("check:") {
                question.check = Some(check.trim().to_owned());
            } else if let Some(why) = line.strip_prefix("why:") {
                why.trim().clone_into(&mut question.why);
            } else if line.starts_with('-') {
                return Err(self.fault(
                    *number,
                    "a choice begins with \"- [x] \" where it is right, else with \"- [ ] \"",
                ));
            } else if !question.why.is_empty() {
                question.why.push(' ');
                question.why.push_str(line);
            } else if question.answer.is_empty() && question.choices.is_empty() {
                if !question.text.is_empty() {
                    question.text.push(' ');
                }
                question.text.push_str(line);
            } else {
                return Err(
                    self.fault(*number, "this belongs before the answer, or after \"why:\"")
                );
            }
        }
        self.answered(begin, question)
    }

    fn answered(&self, begin: usize, mut question: Question) -> Result<Question, Fault> {
        if question.text.is_empty() {
            return Err(self.fault(begin, "there is no question in this block"));
        }
        let right: Vec<_> = question
            .choices
            .iter()
            .filter(|(right, _)| *right)
            .collect();
        match (question.choices.is_empty(), right.as_slice()) {
            (true, _) if question.answer.is_empty() => {
                return Err(self.fault(
                    begin,
                    "this question has no answer: \"answer: …\", or choices",
                ));
            }
            (true, _) => {}
            (false, [(_, only)]) if question.answer.is_empty() || question.answer == *only => {
                question.answer.clone_from(only);
            }
            (false, [_]) => {
                return Err(
                    self.fault(begin, "the answer is another than the choice that is right")
                );
            }
            (false, _) => {
                return Err(self.fault(begin, "one choice has to be right: \"- [x] …\""));
            }
        }
        Ok(question)
    }

    fn finish(self) -> Result<Lesson, Fault> {
        if self.lesson.title.is_empty() {
            return Err(self.fault(1, "a lesson begins with its title: # …"));
        }
        Ok(self.lesson)
    }
}

#[cfg(test)]
mod tests;
