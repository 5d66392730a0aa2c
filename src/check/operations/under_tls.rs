//! What hides from analysis under TLS, and what compression under it gives away.
//!
//! Job: say of each connection that was not wholly read why, and once a capture that what is
//! compressed before it is encrypted can give secrets away. Input: events. Output: findings.
//! RFC 7692 §8.

use super::across::Found;
use crate::base::{Conversing, PerPeer, Stamp};
use crate::deflate::Takeover;
use crate::event::{ConnectionInfo, UnderTls};
use crate::finding::{Code, Figure, Finding, Sentence};
use crate::tls::{Status, Why};

/// Connections under TLS that compress and keep what was said in their windows.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Compressing {
    first: Option<(Conversing, Stamp)>,
    connections: u64,
}

impl Compressing {
    pub(super) fn connection(&mut self, info: &ConnectionInfo) {
        let keeps = info.parameters().is_some_and(|both| {
            let mut both = both.iter();
            both.any(|(_, one)| one.takeover == Takeover::Keep)
        });
        if keeps && info.tls.is_some() && info.upgrade.is_websocket() {
            self.connections += 1;
            self.take(Some((info.conversing, info.flow.first)));
        }
    }

    fn take(&mut self, other: Option<(Conversing, Stamp)>) {
        let first = self.first.into_iter().chain(other);
        self.first = first.min_by_key(|(conversing, _)| *conversing);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.connections += other.connections;
        self.take(other.first);
    }

    /// RFC 7692 §8: who can choose a part of what is compressed, and sees its length, can find out
    /// what else is in the window.
    pub(super) fn finish(self, found: &mut Found<'_>) {
        if let Some((conversing, at)) = self.first {
            let text = Sentence::new(
                "connections under TLS that compress messages over a window with earlier ones: {connections}",
                &[("connections", Figure::Count(self.connections))],
            );
            found(conversing, finding(Code::TlsCompressedSecrets, at, text));
        }
    }
}

/// Whose data could not all be read.
pub(super) fn unread(told: &UnderTls) -> PerPeer<bool> {
    PerPeer::from_fn(|from| {
        let counts = told.facts.counts[from];
        counts.unopened > 0 || counts.gaps > 0
    })
}

/// What a TLS connection shows itself, and why it was not wholly read.
pub(super) fn ended(told: &UnderTls, found: &mut Found<'_>) {
    for finding in &told.findings {
        found(told.conversing, finding.clone());
    }
    let facts = &told.facts;
    let (code, why) = match (facts.status, facts.why) {
        // Gaps are findings of their own, and where nothing was sent nothing is missing.
        // That lines came late was reported when reading began.
        (_, None | Some(Why::CaptureLoss | Why::NoData | Why::LinesCameLate))
        | (Status::Read, _) => return,
        (Status::Unread, Some(why)) => (Code::TlsUnread, why),
        (Status::Partly, Some(why)) => (Code::TlsPartlyRead, why),
    };
    let text = format!("{why}. {}", why.advice().trim_end_matches('.'));
    found(told.conversing, finding(code, told.last, text.into()));
}

fn finding(code: Code, at: Stamp, text: Sentence) -> Finding {
    Finding {
        code,
        from: None,
        message: None,
        at,
        bit: None,
        text,
    }
}
