//! The thread that makes the lab.
//!
//! Job: compress all messages anew, read what comes of it, play lessons; of several wishes only
//! the newest counts. Input: [`Wanted`]. Output: [`Ready`], whole, so that the screen changes at
//! once.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::index::{Batch, Loaded, Loader};
use crate::base::Conversing;
use crate::capture::Input;
use crate::explain::Layout;
use crate::lesson::{Ground, Lab, Lesson, Made, Scene, options, play};
use crate::pipeline::Options;
use crate::replay::{Inputs, Trail};
use crate::session::Detail;

/// What is to be looked at.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// A lab.
    Lab(Box<Lab>),
    /// A connection of a capture; what is kept with it stays until it was read.
    Capture(Arc<Ground>),
    /// The lesson of that place.
    Lesson(usize),
}

/// What was made.
#[derive(Debug)]
pub enum Ready {
    /// Something to look at.
    Capture(Box<Taken>),
    /// A lesson, or why it does not play.
    Lesson(usize, Result<Vec<Scene>, String>),
}

/// A capture that was read.
#[derive(Debug)]
pub struct Taken {
    /// What was made, where it is a lab.
    pub made: Option<Arc<Made>>,
    /// The conversation that is looked at.
    pub conversing: Conversing,
    /// Everything that the index takes.
    pub batches: Vec<Batch>,
    /// How it went.
    pub loaded: Loaded,
    /// How it is read again.
    pub inputs: Inputs,
    /// The same.
    pub options: Options,
    /// The same.
    pub trail: Trail,
}

/// The thread; it ends with this.
#[derive(Debug)]
pub struct Maker {
    wishes: Sender<Wanted>,
    /// What it made.
    pub ready: Receiver<Ready>,
}

impl Maker {
    /// Starts the thread.
    pub fn start(lessons: Arc<[Lesson]>) -> Self {
        let (wishes, to_do) = unbounded::<Wanted>();
        let (done, ready) = bounded(4);
        thread::spawn(move || {
            for mut wanted in &to_do {
                while let Ok(newer) = to_do.try_recv() {
                    wanted = newer;
                }
                if done.send(make(wanted, &lessons)).is_err() {
                    return;
                }
            }
        });
        Self { wishes, ready }
    }

    /// Wants something, and no longer what was wanted before.
    pub fn want(&self, wanted: Wanted) {
        // The thread lives as long as this.
        let _ = self.wishes.send(wanted);
    }
}

/// Makes what is wanted.
pub fn make(wanted: Wanted, lessons: &[Lesson]) -> Ready {
    match wanted {
        Wanted::Lesson(number) => {
            let lesson = lessons
                .get(number)
                .ok_or_else(|| "there is no such lesson".to_owned());
            let scenes = lesson.and_then(|lesson| {
                play(lesson, Layout::WIDTH - 2).map_err(|fault| fault.to_string())
            });
            Ready::Lesson(number, scenes)
        }
        Wanted::Lab(lab) => Ready::Capture(Box::new(of_lab(&lab))),
        Wanted::Capture(ground) => match &*ground {
            Ground::Lab(lab) => Ready::Capture(Box::new(of_lab(lab))),
            Ground::Capture {
                path, connection, ..
            } => Ready::Capture(Box::new(of_capture(path.clone(), *connection))),
        },
    }
}

fn of_lab(lab: &Lab) -> Taken {
    let made = Arc::new(Made::of(lab));
    let conversing = Conversing::from(1);
    Taken {
        made: Some(Arc::clone(&made)),
        ..read(made.input(), Options::new(Detail::Payloads), conversing)
    }
}

fn of_capture(path: PathBuf, conversing: Conversing) -> Taken {
    let options = Options {
        detail: Detail::Payloads,
        ..options(&path, conversing)
    };
    read(Input::from(path), options, conversing)
}

fn read(input: Input, options: Options, conversing: Conversing) -> Taken {
    let inputs = Inputs {
        files: vec![input],
        filter: None,
    };
    let trail = Trail::default();
    let loader = Loader::start(inputs.clone(), &options, 1, &trail);
    let batches = loader.batches.iter().collect();
    Taken {
        made: None,
        conversing,
        batches,
        loaded: loader.loaded.recv().unwrap_or_default(),
        inputs,
        options,
        trail,
    }
}
