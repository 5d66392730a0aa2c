//! What is known of a TLS connection, and why it cannot be read.
//!
//! Job: sum up a connection for who lists it. Input: the state of [`Records`].
//! Output: [`Facts`], with one [`Why`] where not everything was read.

use super::direction::{Direction, Found};
use super::handshake::{ClientHello, ServerHello};
use super::keylog::{KeyLog, Source};
use super::known::{Known, Order};
use crate::base::{Peer, PerPeer};
use crate::tls::alert::Alert;
use crate::tls::certificate::Certificate;
use crate::tls::report::{Facts, KeySource, Status, Why};
use crate::tls::version::Version;

/// What goes by and is told at the end.
#[derive(Debug, Clone, Default)]
pub(super) struct Story {
    name: Option<String>,
    /// The protocol inside that the server chose.
    pub(super) protocol: Option<String>,
    found: PerPeer<Option<Found>>,
    alert: Option<(Peer, Alert)>,
    /// The server's certificate.
    certificate: Option<Certificate>,
    renegotiated: bool,
    lines_came_late: bool,
    resumed: bool,
}

impl Story {
    pub(super) fn client_hello(&mut self, hello: &ClientHello) {
        if hello.name.is_some() {
            self.name.clone_from(&hello.name);
        }
        self.resumed |= hello.resumes;
    }

    pub(super) fn server_hello(&mut self, hello: &ServerHello) {
        if hello.protocol.is_some() {
            self.protocol.clone_from(&hello.protocol);
        }
    }

    pub(super) fn found(&mut self, from: Peer, found: Found) {
        // Once one is right, the others of its owner are no guess any more.
        let trial = found.trial || self.found[from].is_some_and(|before| before.trial);
        self.found[from] = Some(Found { trial, ..found });
    }

    pub(super) fn alert(&mut self, from: Peer, alert: Alert) {
        self.alert = Some((from, alert));
    }

    /// Keeps what the server's certificate says. Whether it is for the name that the client asked
    /// for; `true` where that is not known.
    pub(super) fn certificate(&mut self, certificate: &Certificate) -> bool {
        self.certificate = Some(certificate.clone());
        self.name
            .as_ref()
            .is_none_or(|name| certificate.is_for(name))
    }

    /// The name that the client asked for.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The key log grew after records had gone by that it opens.
    pub(super) fn lines_came_late(&mut self) {
        self.lines_came_late = true;
    }

    pub(super) fn renegotiated(&mut self) {
        self.renegotiated = true;
    }
}

/// How much of one direction was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Nothing,
    Unread,
    Partly,
    Read,
}

fn part(direction: &Direction) -> Part {
    let data = direction
        .current
        .as_ref()
        .is_some_and(|epoch| epoch.order >= Order::APPLICATION || !epoch.protection.hides_type());
    let missing = direction.unread || direction.counts.gaps > 0;
    // A gap of plaintext was reported for records that no key opened.
    let sealed = direction.counts.gaps > 0 && direction.counts.unopened > 0;
    let failed = direction.unread || direction.since.in_step() > 0 || sealed;
    match (data || direction.counts.data > 0, missing, failed) {
        (true, true, _) => Part::Partly,
        (true, false, _) => Part::Read,
        (false, _, true) => Part::Unread,
        (false, _, false) if !direction.waiting.is_empty() || direction.framing.is_lost() => {
            Part::Unread
        }
        (false, _, false) => Part::Nothing,
    }
}

pub(super) fn facts(
    keys: &KeyLog,
    known: &Known,
    story: &Story,
    directions: &PerPeer<Direction>,
) -> Facts {
    let parts = [part(&directions.client), part(&directions.server)];
    let any = |wanted| parts.contains(&wanted);
    let status = if any(Part::Partly) || any(Part::Read) && any(Part::Unread) {
        Status::Partly
    } else if any(Part::Read) {
        Status::Read
    } else {
        Status::Unread
    };
    let found = story.found.client.or(story.found.server);
    let by_trial = story
        .found
        .iter()
        .any(|(_, one)| one.is_some_and(|one| one.trial));
    let of_trial = found.filter(|_| known.server.is_none());
    Facts {
        version: known.version().or(of_trial.map(|_| Version::TLS_1_3)),
        suite: known
            .server
            .as_ref()
            .map(|hello| hello.suite)
            .or(of_trial.map(|it| it.suite)),
        name: story.name.clone(),
        protocol: story.protocol.clone(),
        keys: found.map(|found| match found.source {
            _ if by_trial => KeySource::Trial,
            Source::File => KeySource::KeyLog,
            Source::Block => KeySource::SecretsBlock,
        }),
        status,
        why: (status != Status::Read).then(|| why(keys, known, story, directions, parts)),
        alert: story.alert,
        certificate: story.certificate.clone(),
        counts: PerPeer {
            client: directions.client.counts,
            server: directions.server.counts,
        },
    }
}

fn why(
    keys: &KeyLog,
    known: &Known,
    story: &Story,
    directions: &PerPeer<Direction>,
    parts: [Part; 2],
) -> Why {
    if parts == [Part::Nothing; 2] {
        return Why::NoData;
    }
    if let Some(suite) = known.server.as_ref().map(|hello| hello.suite)
        && suite.algorithm().is_none()
    {
        return Why::UnsupportedSuite(suite);
    }
    if keys.is_empty() {
        return Why::NoKeyLog;
    }
    let nothing_found = story.found.client.is_none() && story.found.server.is_none();
    if nothing_found {
        return nothing_fits(keys, known, directions);
    }
    if story.renegotiated && (directions.client.unread || directions.server.unread) {
        return Why::Renegotiated;
    }
    if story.lines_came_late {
        return Why::LinesCameLate;
    }
    if parts.contains(&Part::Unread) {
        return Why::OtherLines;
    }
    let out_of_tries = |direction: &Direction| direction.unread && direction.budget == 0;
    if out_of_tries(&directions.client) || out_of_tries(&directions.server) {
        return Why::KeyUpdateLost;
    }
    if directions.client.unread || directions.server.unread {
        return Why::OtherLines;
    }
    let early = known.client.as_ref().is_some_and(|hello| hello.early_data);
    if early && parts == [Part::Partly, Part::Read] {
        return Why::EarlyData;
    }
    Why::CaptureLoss
}

/// Why no secret opened any record.
fn nothing_fits(keys: &KeyLog, known: &Known, directions: &PerPeer<Direction>) -> Why {
    let old = known
        .version()
        .is_some_and(|version| version < Version::TLS_1_3);
    let Some(client) = &known.client else {
        return match (old, known.trials) {
            (true, _) => Why::HandshakeNotCaptured,
            (false, true) => Why::NothingFits,
            (false, false) => Why::NotTried,
        };
    };
    if !keys.names(&client.random) {
        return if client.encrypted_hello && !old {
            Why::PerhapsEncryptedHello
        } else {
            Why::NoLine
        };
    }
    let leads = |from| known.leads(keys, from, None).next().is_some();
    if leads(Peer::Client) || leads(Peer::Server) {
        return Why::LineDoesNotFit;
    }
    let lost = |direction: &Direction| direction.since.is_loss() || direction.framing.is_lost();
    if known.server.is_none() && (lost(&directions.server) || known.missed[Peer::Server]) {
        Why::HandshakeNotCaptured
    } else {
        Why::OtherLines
    }
}
