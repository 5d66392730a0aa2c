//! A key log for all who read.
//!
//! Job: share it, and its newest state where it grows. Input and output: key logs.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

use super::log::KeyLog;

/// A key log that no one changes any more, for all who read.
#[derive(Debug, Clone, Default)]
pub struct Keys(Arc<KeyLog>);

impl From<KeyLog> for Keys {
    fn from(log: KeyLog) -> Self {
        Self(Arc::new(log))
    }
}

impl Keys {
    /// Whether it is this very state of the key log.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The newest state of a key log that grows, for all who begin to read.
#[derive(Debug, Clone, Default)]
pub struct Newest(Arc<Mutex<Keys>>);

impl Newest {
    /// The newest state.
    pub fn get(&self) -> Keys {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// From here on it is this.
    pub fn set(&self, keys: Keys) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = keys;
    }
}

impl Deref for Keys {
    type Target = KeyLog;

    fn deref(&self) -> &KeyLog {
        &self.0
    }
}
