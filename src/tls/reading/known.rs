//! What the handshake said, and which logged secrets may belong to it.
//!
//! Job: name every set of keys that a direction may use next, the likeliest first.
//! Input: hellos, the key log. Output: [`Lead`]s; a record's tag decides among them.
//! RFC 8446 §7, RFC 5246 §8.1.

use super::cipher::Protection;
use super::handshake::{ClientHello, ServerHello};
use super::keylog::{Candidate, KeyLog, Label, OwnerId, Source};
use super::schedule::Randoms;
use super::secret::Secret;
use crate::base::{Peer, PerPeer};
use crate::tls::suite::Suite;
use crate::tls::version::Version;

/// What is known of one handshake.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    pub(super) client: Option<ClientHello>,
    pub(super) server: Option<ServerHello>,
    /// The server asked for a second `ClientHello`.
    pub(super) retried: bool,
    /// The hello of this peer went by unseen.
    pub(super) missed: PerPeer<bool>,
    /// How many handshakes came before it on this connection.
    pub(super) serial: u32,
    /// Whose secrets fitted.
    pub(super) owner: Option<OwnerId>,
    /// Secrets of other connections may be tried.
    pub(super) trials: bool,
}

/// Epochs of a direction in their order. TLS 1.3: early data, handshake, application data, and
/// one more for each key update. Before: one for each handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Order(pub(super) u32);

impl Order {
    pub(super) const EARLY: Self = Self(0);
    pub(super) const HANDSHAKE: Self = Self(1);
    pub(super) const APPLICATION: Self = Self(2);
}

/// Keys that may be the next ones.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lead<'a> {
    pub(super) order: Order,
    pub(super) version: Version,
    pub(super) suite: Suite,
    pub(super) secret: &'a Secret,
    pub(super) source: Source,
    pub(super) owner: OwnerId,
    /// Its place in the key log.
    pub(super) place: u32,
    /// The line names another connection, or none that was seen.
    pub(super) trial: bool,
}

/// How many secrets of other connections are tried.
const MOST_TRIALS: usize = 4096;

impl Known {
    /// The version, as far as it is known.
    pub(super) fn version(&self) -> Option<Version> {
        self.server.as_ref().map(|hello| hello.version)
    }

    /// Whether the client may have sent data before the server answered. Without its hello only
    /// the server's tells that it could not.
    pub(super) fn may_have_early_data(&self) -> bool {
        match (&self.client, &self.server) {
            (Some(client), _) => client.early_data,
            (None, Some(server)) => server.resumes,
            (None, None) => true,
        }
    }

    pub(super) fn is_1_3(&self) -> bool {
        self.version() == Some(Version::TLS_1_3)
    }

    /// The version that stands on the records: RFC 8446 §5.1 freezes it at TLS 1.2.
    pub(super) fn record_version(&self) -> Option<Version> {
        self.version().map(|version| version.min(Version::TLS_1_2))
    }

    /// Keys that `from` may use next, after those of `after`.
    pub(super) fn leads<'a>(
        &'a self,
        keys: &'a KeyLog,
        from: Peer,
        after: Option<Order>,
    ) -> Box<dyn Iterator<Item = Lead<'a>> + 'a> {
        let later = move |lead: &Lead<'a>| after.is_none_or(|after| lead.order > after);
        let own = self.own(keys).map(|it| (it, false));
        let others = self.others(keys).map(|it| (it, true));
        Box::new(
            own.chain(others)
                .flat_map(move |(it, trial)| self.of_candidate(it, from, trial))
                .filter(later),
        )
    }

    /// The lines of this very connection.
    fn own<'a>(&'a self, keys: &'a KeyLog) -> Box<dyn Iterator<Item = Candidate<'a>> + 'a> {
        if let Some(owner) = self.owner {
            return Box::new(keys.of(owner));
        }
        let random = self.client.iter().map(|hello| &hello.random);
        let session = self
            .server
            .iter()
            .filter_map(|hello| padded(&hello.session));
        Box::new(
            random
                .flat_map(|random| keys.candidates(random))
                .filter(|it| it.label != Label::MasterOfSession)
                .chain(session.flat_map(|id| {
                    let of_session = keys.candidates(&id);
                    of_session
                        .filter(|it| it.label == Label::MasterOfSession)
                        .collect::<Vec<_>>()
                })),
        )
    }

    /// All lines, where the connection's own may stand under another name.
    fn others<'a>(&'a self, keys: &'a KeyLog) -> Box<dyn Iterator<Item = Candidate<'a>> + 'a> {
        if !self.trials || self.owner.is_some() || !self.may_be_under_another_name(keys) {
            return Box::new(std::iter::empty());
        }
        Box::new(keys.all().take(MOST_TRIALS))
    }

    fn may_be_under_another_name(&self, keys: &KeyLog) -> bool {
        let Some(client) = &self.client else {
            return true;
        };
        // RFC 9849 §6.1: the random value inside is logged, the one outside is on the wire. RFC
        // 5246 §7.3: a session that is gone on with has the master secret of its first handshake.
        let may = client.encrypted_hello
            || (client.resumes || !client.session.is_empty()) && !self.is_1_3();
        may && !keys.names(&client.random)
    }

    fn of_candidate<'a>(
        &self,
        it: Candidate<'a>,
        from: Peer,
        trial: bool,
    ) -> impl Iterator<Item = Lead<'a>> + use<'a> {
        let agreed = self.server.as_ref().map(|hello| hello.suite);
        let version = self.version();
        let new = version.is_none_or(|version| version == Version::TLS_1_3);
        let order = match it.label {
            Label::Early if from == Peer::Client && new => Some(Order::EARLY),
            Label::Handshake(peer) if peer == from && new => Some(Order::HANDSHAKE),
            Label::Traffic(peer, number) if peer == from && new => {
                Some(Order(Order::APPLICATION.0 + u32::from(number)))
            }
            Label::Master | Label::MasterOfSession
                if !new && self.client.is_some() && self.server.is_some() =>
            {
                Some(Order(self.serial))
            }
            _ => None,
        };
        let version = version.unwrap_or(Version::TLS_1_3);
        // The suite of early data is the one of the session before.
        let suites = match agreed {
            Some(suite) if it.label != Label::Early => [Some(suite), None, None, None, None],
            _ => Suite::OF_TLS_1_3.map(Some),
        };
        suites.into_iter().flatten().filter_map(move |suite| {
            let algorithm = suite.algorithm()?;
            let fits = version < Version::TLS_1_3 || it.secret.len() == algorithm.hash.bytes();
            fits.then_some(Lead {
                order: order?,
                version,
                suite,
                secret: it.secret,
                source: it.source,
                owner: it.owner,
                place: it.place,
                trial,
            })
        })
    }

    /// The keys of a lead.
    pub(super) fn protection(&self, lead: &Lead<'_>, from: Peer) -> Option<Protection> {
        if lead.version == Version::TLS_1_3 {
            return Protection::of_traffic_secret(lead.suite, lead.secret);
        }
        let (client, server) = (self.client.as_ref()?, self.server.as_ref()?);
        let randoms = Randoms {
            client: client.random,
            server: server.random,
        };
        let both = Protection::of_master_secret(
            lead.version,
            lead.suite,
            server.encrypt_then_mac,
            (lead.secret, &randoms),
        )?;
        Some(match from {
            Peer::Client => both.client,
            Peer::Server => both.server,
        })
    }
}

fn padded(id: &[u8]) -> Option<[u8; 32]> {
    let mut name = [0; 32];
    name.get_mut(..id.len())?.copy_from_slice(id);
    (!id.is_empty()).then_some(name)
}
