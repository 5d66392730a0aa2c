//! The last word of a command that reads captures.
//!
//! Job: say what was seen where there was nothing to show, and choose the exit code. Input: the
//! captures and the tally of what they held. Output: an exit code.

use super::exit::Exit;
use super::feed::Captures;
use super::say::say;
use crate::base::Conversing;
use crate::pipeline::Tally;
use crate::session::Seen;

/// Says what was seen where there was nothing to show.
pub(super) fn conclude(connection: Option<Conversing>, captures: &Captures, tally: &Tally) -> Exit {
    let websockets = tally.count(Seen::WebSocket) + tally.count(Seen::UpgradeRefused);
    if websockets == 0 && tally.packets > 0 {
        let what = match connection {
            Some(only) => format!("connection {only} is no WebSocket or not on this capture"),
            None => "no WebSocket found".to_owned(),
        };
        say!("{what}: {}", tally.describe());
    } else if websockets == 0 && !captures.failed {
        let why = if captures.is_filtered() {
            " that match the filter"
        } else {
            ""
        };
        say!("no packets{why}");
    }
    if captures.failed {
        Exit::Failed
    } else if websockets == 0 {
        Exit::Nothing
    } else {
        Exit::Success
    }
}

/// Says that upgrades were seen and no message.
pub(super) fn without_messages(tally: &Tally) {
    let count = |seen| tally.count(seen);
    say!(
        "no messages: {} accepted or taken for WebSocket, {} refused or not answered; see them with \
         `wscope connections`",
        count(Seen::WebSocket),
        count(Seen::UpgradeRefused)
    );
}
