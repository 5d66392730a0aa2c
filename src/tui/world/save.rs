//! Packets of a live capture are saved.
//!
//! Job: write what is kept to a file, with the secrets that belong to it. Input: the store. Output: a
//! file; how that went.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::thread;

use super::World;
use crate::capture::{Input, Store};
use crate::page::words::{self, grouped};
use crate::tui::update::Action;

impl World {
    /// Writes the packets that are kept, on a thread of its own.
    pub(super) fn save(&self, path: PathBuf) {
        let said = self.said.0.clone();
        let mut inputs = self.again.inputs().files.iter();
        let store = inputs.find_map(|input| match input {
            Input::Store(store) => Some(store.clone()),
            Input::File(_) | Input::Stdin | Input::Memory(..) => None,
        });
        let lines = self.secrets();
        thread::spawn(move || {
            let action = match store {
                Some(store) => saved(&store, &path, &lines),
                None => Action::Said("nothing keeps packets".to_owned()),
            };
            // The user may have left.
            let _ = said.send(action);
        });
    }

    /// The newest state of the key log, where its secrets are to be saved.
    #[cfg(feature = "tls")]
    fn keys(&self) -> Option<crate::tls::Keys> {
        let options = &self.settings.options;
        let newest = || match &options.newest {
            Some(newest) => newest.get(),
            None => options.keys.clone(),
        };
        self.settings.save_secrets.then(newest)
    }

    /// The secrets of TLS that were used so far, as lines of a key log, where they are to be saved.
    #[cfg(feature = "tls")]
    fn secrets(&self) -> zeroize::Zeroizing<Vec<u8>> {
        let keys = self.keys();
        keys.map_or_else(Default::default, |keys| keys.lines(&keys.used()))
    }

    /// How many these are.
    #[cfg(feature = "tls")]
    pub(super) fn used_secrets(&self) -> usize {
        self.keys().map_or(0, |keys| keys.used().len())
    }

    /// Without TLS there are none.
    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_self, reason = "as where there are some")]
    fn secrets(&self) -> Vec<u8> {
        Vec::new()
    }

    #[cfg(not(feature = "tls"))]
    #[expect(clippy::unused_self, reason = "as where there are some")]
    pub(super) fn used_secrets(&self) -> usize {
        0
    }
}

/// Writes what a store keeps, and tells how that went.
fn saved(store: &Store, path: &Path, lines: &[u8]) -> Action {
    let unkept = store.unkept();
    if let Some(unkept) = unkept.as_ref().filter(|unkept| unkept.from == 1) {
        return Action::Said(format!("nothing is saved, as {unkept}"));
    }
    let (packets, bytes) = match store.save(path, lines) {
        Ok(saved) => saved,
        Err(error) => {
            return Action::Said(format!("{} cannot be written: {error}", path.display()));
        }
    };
    let mut text = format!("{} bytes saved to {}", grouped(bytes), path.display());
    let secrets = lines.split_inclusive(|byte| *byte == b'\n').count();
    if secrets > 0 {
        let secrets = words::count(secrets as u64, "TLS secret");
        let _ = write!(text, ", with {secrets} (--no-secrets leaves them out)");
    }
    if let Some(unkept) = unkept {
        let _ = write!(text, "; {unkept}");
    }
    Action::Saved(packets, text)
}
