//! The thread that gets messages again.
//!
//! Job: replay a connection until the wanted message, drop what is no longer wanted.
//! Input: requests. Output: [`Fetched`], with the messages behind the wanted one as they come by.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::content::{Content, Key, Want};
use crate::pipeline::Options;
use crate::replay::{Inputs, replay};
use crate::session::Detail;

/// Messages behind the wanted one that are fetched with it.
const AHEAD: u64 = 24;

/// Bytes after which no more of them are.
const AHEAD_BYTES: usize = 4 << 20;

/// How much of a message is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Depth {
    /// Its payload.
    Payload,
    /// Its frames and what lies in them.
    Wire,
}

/// What came of a request.
#[derive(Debug, Clone)]
pub enum Fetched {
    /// A message.
    Content(Box<Content>),
    /// It could not be got, and why.
    Failed(Key, String),
}

struct Request {
    key: Key,
    depth: Depth,
    cancel: Arc<AtomicBool>,
}

/// Where messages are got from.
#[derive(Debug)]
pub struct Fetcher {
    requests: Sender<Request>,
    /// What comes.
    pub results: Receiver<Fetched>,
    cancel: Arc<AtomicBool>,
}

impl Fetcher {
    /// Starts the thread; it ends with the fetcher.
    pub fn start(inputs: Inputs, options: Options) -> Self {
        let (requests, to_do) = unbounded();
        let (done, results) = bounded(64);
        thread::spawn(move || work(&inputs, options, &to_do, &done));
        Self {
            requests,
            results,
            cancel: Arc::default(),
        }
    }

    /// Wants a message, and no longer the one before.
    pub fn request(&mut self, key: Key, depth: Depth) {
        self.cancel.store(true, Ordering::Relaxed);
        self.cancel = Arc::default();
        let cancel = Arc::clone(&self.cancel);
        // The thread lives as long as the fetcher.
        let _ = self.requests.send(Request { key, depth, cancel });
    }
}

impl Drop for Fetcher {
    fn drop(&mut self) {
        self.cancel.store(true, Ordering::Relaxed);
    }
}

fn work(inputs: &Inputs, options: Options, to_do: &Receiver<Request>, done: &Sender<Fetched>) {
    for mut request in to_do {
        // Only the newest counts.
        while let Ok(newer) = to_do.try_recv() {
            request = newer;
        }
        if let Some(fetched) = one(inputs, options, &request, done)
            && done.send(fetched).is_err()
        {
            return;
        }
    }
}

/// Sends what it finds; returns what else there is to say.
fn one(
    inputs: &Inputs,
    options: Options,
    request: &Request,
    done: &Sender<Fetched>,
) -> Option<Fetched> {
    let (detail, ahead) = match request.depth {
        Depth::Payload => (Detail::Payloads, AHEAD),
        Depth::Wire => (Detail::Wire, 0),
    };
    let options = Options {
        only: Some(request.key.connection),
        detail,
        ..options
    };
    let mut bytes = 0;
    let mut any = false;
    let mut found = |content: Content| {
        any = true;
        bytes += content.payload.len();
        done.send(Fetched::Content(Box::new(content))).is_ok()
            && bytes < AHEAD_BYTES
            && !request.cancel.load(Ordering::Relaxed)
    };
    let mut sink = Want::new(request.key, ahead, request.depth == Depth::Wire, &mut found);
    let result = replay(inputs, options, &mut sink, &request.cancel);
    let cancelled = request.cancel.load(Ordering::Relaxed);
    match result {
        _ if any || cancelled => None,
        Err(error) => Some(Fetched::Failed(request.key, error.to_string())),
        Ok(()) => Some(Fetched::Failed(
            request.key,
            "the capture no longer has it: has the file changed?".to_owned(),
        )),
    }
}
