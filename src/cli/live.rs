//! A live capture as a feed for the pipeline, with what happens to it said on the way.
//!
//! Job: open it, give up rights, give its blocks, tell what changes. Input: arguments.
//! Output: blocks; sentences on stderr, JSON objects between the others.

use std::io::Write;
use std::time::Duration;

use super::listen::Listen;
use super::out::Shared;
use super::privileges;
use super::say::say;
use crate::capture::live::{Listener, Live, Monitor, Settings, Turn};
use crate::capture::{Block, Drops, State, Status, Stop, Store, Target};
use crate::error::Error;
use crate::output::capture::{CaptureLine, Dropped};

/// How often what happens is looked at while no packets come.
const LOOK: Duration = Duration::from_millis(200);

/// A capture that runs.
pub(super) struct Listening {
    live: Live,
    monitor: Monitor,
    /// Where JSON objects go, if they are wanted.
    json: Option<Shared>,
    told: Told,
    /// Where secrets that were used go, if they are kept.
    #[cfg(feature = "tls")]
    secrets: Option<Store>,
    /// It cannot be called a success.
    pub(super) failed: bool,
}

/// What has been said.
#[derive(Default)]
struct Told {
    drops: Drops,
    down: bool,
}

impl Listening {
    /// Opens what `args` name, gives up what rights opening needed, and begins.
    pub(super) fn open(
        args: &Listen,
        (filter, secrets): (Option<&str>, bool),
        stop: &Stop,
        json: Option<Shared>,
    ) -> Result<Self, String> {
        let settings = args.settings(filter);
        let (listener, store) = open(args, settings, args.target(), secrets)?;
        #[cfg(feature = "tls")]
        let secrets = store.clone().filter(|_| secrets);
        let name = &listener.settings().interface;
        say!("listening on {name}; Ctrl-C ends it");
        let live = start(listener, stop, store)?;
        Ok(Self {
            monitor: live.monitor(),
            live,
            json,
            told: Told::default(),
            #[cfg(feature = "tls")]
            secrets,
            failed: false,
        })
    }

    /// The next packets; `false` at the end.
    pub(super) fn read(&mut self, block: &mut Block) -> bool {
        loop {
            let turn = self.live.read(block, LOOK);
            if let Some(error) = self.live.take_failure() {
                say!("{error}; what was written until now stays, the rest is only shown");
                self.failed = true;
            }
            self.tell();
            match turn {
                Turn::Packets => return true,
                Turn::Quiet => {}
                Turn::Ended => return false,
            }
        }
    }

    /// Keeps lines of a key log that were used, where they are kept.
    #[cfg(feature = "tls")]
    pub(super) fn keep_secrets(&mut self, lines: &[u8]) {
        let Some(store) = &self.secrets else { return };
        if let Err(error) = store.note_secrets(lines) {
            say!("{error}; secrets of TLS that were used are not in it");
            self.secrets = None;
            self.failed = true;
        }
    }

    /// Says what has changed.
    fn tell(&mut self) {
        let status = self.monitor.status();
        let (before, drops) = (self.told.drops, status.drops);
        let down = match status.state {
            State::Up => false,
            State::Down => true,
            State::Ended | State::Failed(_) => return,
        };
        if drops == before && down == self.told.down {
            return;
        }
        if down != self.told.down {
            let what = if down {
                "is down; waiting for it"
            } else {
                "is up again"
            };
            say!("{} {what}", self.monitor.interface());
        }
        if self.json.is_some() {
            self.object(&status);
        } else {
            self.say_drops(before, drops);
        }
        self.told = Told { drops, down };
    }

    fn say_drops(&self, before: Drops, now: Drops) {
        let name = self.monitor.interface();
        let kernel = now.kernel.saturating_sub(before.kernel);
        if kernel > 0 {
            say!(
                "{name}: the kernel dropped {kernel} packets, as its buffer was full \
                 (--buffer makes it larger); {} in all",
                now.kernel
            );
        }
        let interface = now.interface.saturating_sub(before.interface);
        if interface > 0 {
            say!(
                "{name}: the interface dropped {interface} packets; {} in all",
                now.interface
            );
        }
    }

    /// Writes how it stands between the other objects.
    fn object(&mut self, status: &Status) {
        let (state, error) = match &status.state {
            State::Up => ("up", None),
            State::Down => ("down", None),
            State::Ended => ("ended", None),
            State::Failed(error) => ("failed", Some(error.as_str())),
        };
        let dropped = Dropped {
            kernel: status.drops.kernel,
            interface: status.drops.interface,
            wscope: 0,
        };
        let mut line = CaptureLine::new(self.monitor.interface(), state, dropped);
        line.packets = status.packets;
        line.bytes = status.bytes;
        line.error = error;
        if let Some(out) = &mut self.json {
            // That output cannot be written, its main writer says.
            let _ = out.write_all(&line.render()).and_then(|()| out.flush());
        }
    }

    /// Says how it went; to be called once all else is written.
    pub(super) fn conclude(&mut self) {
        let status = self.monitor.status();
        let name = self.monitor.interface();
        match &status.state {
            State::Failed(why) => {
                say!("{name}: the capture ended: {why}; what was seen until then is shown");
                self.failed = true;
            }
            State::Down => {
                say!("{name} was down when the capture ended");
                self.failed = true;
            }
            State::Up | State::Ended => {}
        }
        say_totals(name, &status);
        if self.json.is_some() {
            self.object(&status);
        }
    }
}

/// Opens an interface, gives up what rights that needed, and makes what keeps its packets.
pub(super) fn open(
    args: &Listen,
    settings: Settings,
    target: Option<Target>,
    secrets: bool,
) -> Result<(Listener, Option<Store>), String> {
    let said = |error: Error| error.to_string();
    let listener = Listener::open(settings).map_err(said)?;
    if !args.keep_privileges {
        privileges::give_up()?;
    }
    let origin = Listen::origin(listener.settings(), listener.link(), secrets);
    let store = target.map(|target| Store::create(target, origin, args.overwrite));
    Ok((listener, store.transpose().map_err(said)?))
}

/// Begins to capture.
pub(super) fn start(listener: Listener, stop: &Stop, store: Option<Store>) -> Result<Live, String> {
    let mut live = listener
        .start(stop.clone())
        .map_err(|error| error.to_string())?;
    if let Some(store) = store {
        live.keep(store);
    }
    Ok(live)
}

/// Says how much was captured and lost.
pub(super) fn say_totals(name: &str, status: &Status) {
    say!(
        "{name}: {} packets ({} bytes) captured; {} dropped by the kernel, {} by the \
         interface",
        status.packets,
        status.bytes,
        status.drops.kernel,
        status.drops.interface
    );
}
