//! The thread that gets messages again.
//!
//! Job: replay a connection from near the wanted message, drop what is no longer wanted.
//! Input: [`Wish`]es. Output: [`Fetched`], with the messages behind the wanted one as they come by.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::content::{Content, Key, Want};
use crate::base::Peer;
use crate::error::Error;
use crate::event::ConnectionInfo;
use crate::explain::{Collector, Target};
use crate::pipeline::Options;
use crate::replay::{Inputs, Trail, replay, replay_from};
use crate::session::{Detail, Waypoint};

/// Messages behind the wanted one that are fetched with it.
pub const AHEAD: u64 = 24;

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

/// A message that is wanted.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Which.
    pub key: Key,
    /// How much of it.
    pub depth: Depth,
    /// What the first run found, by which a replay is checked.
    pub known: Option<Known>,
}

/// What the first run found of a message.
#[derive(Debug, Clone)]
pub struct Known {
    /// Who sent it.
    pub from: Peer,
    /// The packet that completed it.
    pub last_packet: u64,
    /// Its connection, whose handshake does not come again.
    pub info: Arc<ConnectionInfo>,
}

/// What came of a wish.
#[derive(Debug, Clone)]
pub enum Fetched {
    /// A message.
    Content(Box<Content>),
    /// Nothing more comes of it.
    Ended(Key),
    /// It could not be got, and why.
    Failed(Key, String),
}

struct Request {
    wish: Wish,
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
    pub fn start(inputs: Inputs, options: Options, trail: Trail) -> Self {
        let (requests, to_do) = unbounded();
        let (done, results) = bounded(64);
        let origin = Origin {
            inputs,
            trail,
            options,
        };
        thread::spawn(move || origin.work(&to_do, &done));
        Self {
            requests,
            results,
            cancel: Arc::default(),
        }
    }

    /// Wants a message, and no longer the one before.
    pub fn request(&mut self, wish: Wish) {
        self.cancel.store(true, Ordering::Relaxed);
        self.cancel = Arc::default();
        let cancel = Arc::clone(&self.cancel);
        // The thread lives as long as the fetcher.
        let _ = self.requests.send(Request { wish, cancel });
    }
}

impl Drop for Fetcher {
    fn drop(&mut self) {
        self.cancel.store(true, Ordering::Relaxed);
    }
}

/// Where packets come from.
struct Origin {
    inputs: Inputs,
    trail: Trail,
    options: Options,
}

impl Origin {
    fn work(&self, to_do: &Receiver<Request>, done: &Sender<Fetched>) {
        for mut request in to_do {
            // Only the newest counts.
            while let Ok(newer) = to_do.try_recv() {
                request = newer;
            }
            if let Some(fetched) = self.one(&request, done)
                && done.send(fetched).is_err()
            {
                return;
            }
        }
    }

    /// Sends what it finds; returns what else there is to say.
    fn one(&self, request: &Request, done: &Sender<Fetched>) -> Option<Fetched> {
        let near = self.near(request, done);
        let gone = self.inputs.gone_before();
        let (any, result) = if near {
            (true, Ok(()))
        } else if let Some(first) = gone {
            // From here on its number would be another one.
            return Some(Fetched::Failed(
                request.wish.key,
                format!("its packets are no longer kept, which begin with {first} (--keep, -w)"),
            ));
        } else {
            self.get(request, done, None)
        };
        let cancelled = request.cancel.load(Ordering::Relaxed);
        let unkept = self.inputs.unkept();
        match result {
            _ if cancelled => None,
            _ if any => Some(Fetched::Ended(request.wish.key)),
            _ if let Some(unkept) = unkept => {
                Some(Fetched::Failed(request.wish.key, unkept.to_string()))
            }
            Err(error) => Some(Fetched::Failed(request.wish.key, error.to_string())),
            Ok(()) => Some(Fetched::Failed(
                request.wish.key,
                "the capture no longer has it: has the file changed?".to_owned(),
            )),
        }
    }

    /// Whether a replay from a waypoint gave the very message that the first run told.
    fn near(&self, request: &Request, done: &Sender<Fetched>) -> bool {
        let Wish { key, depth, known } = &request.wish;
        let waypoint = known.as_ref().and_then(|known| {
            let whole_window = (*depth == Depth::Wire).then_some(known.from);
            let waypoints = &self.trail.waypoints;
            waypoints.before(key.conversing, key.message, whole_window)
        });
        waypoint.is_some_and(|waypoint| self.get(request, done, Some(&waypoint)).0)
    }

    /// Whether anything was sent: only if it is what is known of the message.
    fn get(
        &self,
        request: &Request,
        done: &Sender<Fetched>,
        waypoint: Option<&Waypoint>,
    ) -> (bool, Result<(), Error>) {
        let Wish { key, depth, known } = &request.wish;
        let (detail, ahead) = match depth {
            Depth::Payload => (Detail::Payloads, AHEAD),
            Depth::Wire => (Detail::Wire, 0),
        };
        let options = Options {
            only: key.conversing.into(),
            detail,
            ..self.options.clone()
        };
        let mut bytes = 0;
        let mut any = false;
        let mut found = |content: Content| {
            let packet = content.last.packet.number;
            let right = known
                .as_ref()
                .is_none_or(|known| known.from == content.from && known.last_packet == packet);
            if !any && !right {
                return false;
            }
            any = true;
            bytes += content.payload.len();
            done.send(Fetched::Content(Box::new(content))).is_ok()
                && bytes < AHEAD_BYTES
                && !request.cancel.load(Ordering::Relaxed)
        };
        let collector = (*depth == Depth::Wire).then(|| {
            let target = Target::Message(key.message);
            match waypoint.zip(known.as_ref()) {
                Some((waypoint, known)) => {
                    let messages = waypoint.messages(key.conversing.stream).unwrap_or(0);
                    Collector::behind(target, &known.info, messages)
                }
                None => Collector::new(target),
            }
        });
        let mut sink = Want::new(*key, ahead, collector, &mut found);
        let cancel = &request.cancel;
        let result = match waypoint {
            None => replay(&self.inputs, options, &mut sink, cancel),
            Some(waypoint) => {
                let from = (&self.inputs, &self.trail);
                replay_from(waypoint, from, options, &mut sink, cancel)
            }
        };
        (any, result)
    }
}
