//! Captures that are read again.
//!
//! Job: hold each further run over the inputs against the first one, so that none answers from less
//! than that had. Input: the inputs, and what the first run told. Output: feeds, and why one of them did not
//! give everything.

use std::sync::{Arc, OnceLock};

use super::load::{Pulse, Told, Watched};
use crate::base::Limits;
use crate::capture::Likeness;
use crate::replay::Inputs;

/// Inputs that were read, or are being read, for the first time. Clones are the same.
#[derive(Debug, Clone)]
pub struct Again {
    inputs: Inputs,
    first: Arc<First>,
}

#[derive(Debug)]
struct First {
    likeness: Likeness,
    /// What failed then.
    errors: OnceLock<Vec<String>>,
}

impl Again {
    /// Inputs as they are now.
    pub fn new(inputs: Inputs) -> Self {
        let likeness = Likeness::of(&inputs.files);
        let errors = OnceLock::new();
        Self {
            inputs,
            first: Arc::new(First { likeness, errors }),
        }
    }

    /// The same of what is read while it comes: nothing of it has failed.
    pub fn of_kept(inputs: Inputs) -> Self {
        let again = Self::new(inputs);
        again.know(Vec::new());
        again
    }

    /// What failed in the first run, and is known.
    pub fn know(&self, errors: Vec<String>) {
        // It is told once.
        let _ = self.first.errors.set(errors);
    }

    /// The inputs.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// Why the inputs are no longer what they were.
    pub(super) fn differs(&self) -> Option<String> {
        let differs = self.first.likeness.differs(&self.inputs.files);
        differs.map(|why| said(&why))
    }

    /// Begins another run.
    pub(super) fn open(&self, limits: Limits, pulse: Arc<Pulse>) -> Result<Watched, String> {
        if let Some(why) = self.differs() {
            return Err(why);
        }
        Watched::open(&self.inputs, limits, pulse).map_err(|why| said(&why))
    }

    /// Ends it: why it did not give what the first run had.
    pub(super) fn close(&self, feed: Watched) -> Result<(), String> {
        self.held(feed.told().0)
    }

    /// Holds what failed in another run against the first one.
    pub(super) fn held(&self, errors: impl IntoIterator<Item = String>) -> Result<(), String> {
        // While the first run goes on, it tells of them itself.
        let known = self.first.errors.get();
        let new = errors
            .into_iter()
            .find(|error| known.is_some_and(|known| !known.contains(error)));
        let unkept = self.inputs.unkept().map(|unkept| unkept.to_string());
        match self.differs().or_else(|| Some(said(&unkept.or(new)?))) {
            Some(why) => Err(why),
            None => Ok(()),
        }
    }
}

fn said(why: &str) -> String {
    format!("cannot be read again: {why}")
}
