//! What the negotiated parameters do to each side.
//!
//! Job: for each parameter, what was offered, what was answered, and what each side has to do.
//! Input: the handshake and its agreement. Output: [`ExtensionParameter`]s. RFC 7692 §7.1; for
//! `x-webkit-deflate-frame` draft-tyoshino-hybi-websocket-perframe-deflate-06 §4.

use crate::base::{Peer, PerPeer};
use crate::deflate::{Agreement, Parameters, Takeover};
use crate::event::{ConnectionInfo, Upgrade};
use crate::http::{Extension, Handshake};
use crate::page::words::grouped;

/// A parameter of the agreed compression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtensionParameter {
    /// Its name.
    pub name: &'static str,
    /// What each offer of the extension says of it.
    pub offered: Vec<String>,
    /// What the answer says of it.
    pub answered: String,
    /// What follows for the client.
    pub client: String,
    /// What follows for the server.
    pub server: String,
    /// The rule: RFC and section.
    pub rule: &'static str,
}

/// What became of the negotiation, in words.
pub(super) fn outcome(info: &ConnectionInfo, handshake: &Handshake) -> String {
    let offered = !handshake.offered_extensions().is_empty();
    let compresses = |extension: &Extension| extension.name.contains("deflate");
    match info.agreement {
        _ if info.upgrade == Upgrade::Refused => {
            "The upgrade is refused, so nothing is agreed.".to_owned()
        }
        _ if info.inferred => {
            "The answer is not in the capture; taken for agreed is what was offered first."
                .to_owned()
        }
        Agreement::PermessageDeflate(_) => {
            "permessage-deflate holds: RSV1 on a message's first frame says that the message is \
             compressed."
                .to_owned()
        }
        Agreement::DeflateFrame(_) => {
            "x-webkit-deflate-frame holds: RSV1 on a frame says that the frame is compressed."
                .to_owned()
        }
        Agreement::Unknown => "An extension holds that wscope does not know.".to_owned(),
        Agreement::None if handshake.offered_extensions().iter().any(compresses) => {
            "The answer takes no compression, so every message is plain and RSV1 stays 0."
                .to_owned()
        }
        Agreement::None if offered => "The answer takes none of the offers.".to_owned(),
        Agreement::None => "No extension was offered.".to_owned(),
    }
}

/// The parameters with what they do.
pub(super) fn parameters(info: &ConnectionInfo, handshake: &Handshake) -> Vec<ExtensionParameter> {
    let said = Said {
        offers: handshake.offered_extensions(),
        answers: handshake.agreed_extensions(),
    };
    match info.agreement {
        Agreement::PermessageDeflate(both) => said.permessage(both),
        Agreement::DeflateFrame(both) => said.per_frame(both),
        Agreement::None | Agreement::Unknown => Vec::new(),
    }
}

/// What both sides said.
struct Said {
    offers: Vec<Extension>,
    answers: Vec<Extension>,
}

impl Said {
    /// What the elements for `codec` say of a parameter, and what follows for client and server.
    fn of(
        &self,
        codec: &str,
        (name, rule): (&'static str, &'static str),
        [client, server]: [String; 2],
    ) -> ExtensionParameter {
        let own = |extensions: &[Extension]| {
            let own = extensions.iter();
            let own = own.filter(|extension| extension.name.eq_ignore_ascii_case(codec));
            own.map(|extension| value(extension, name)).collect()
        };
        let answers: Vec<_> = own(&self.answers);
        let answered = answers.into_iter().next();
        ExtensionParameter {
            name,
            offered: own(&self.offers),
            answered: answered.unwrap_or_else(|| "not seen".to_owned()),
            client,
            server,
            rule,
        }
    }

    fn permessage(&self, both: PerPeer<Parameters>) -> Vec<ExtensionParameter> {
        let codec = "permessage-deflate";
        let reset = |sender| takeover(sender, both[sender]);
        let window = |sender| window(sender, both[sender]);
        vec![
            self.of(
                codec,
                ("server_no_context_takeover", "RFC 7692 §7.1.1.1"),
                reset(Peer::Server),
            ),
            self.of(
                codec,
                ("client_no_context_takeover", "RFC 7692 §7.1.1.2"),
                reset(Peer::Client),
            ),
            self.of(
                codec,
                ("server_max_window_bits", "RFC 7692 §7.1.2.1"),
                window(Peer::Server),
            ),
            self.of(
                codec,
                ("client_max_window_bits", "RFC 7692 §7.1.2.2"),
                window(Peer::Client),
            ),
        ]
    }

    /// Each side's parameters bind the other side's compressor (draft §4).
    fn per_frame(&self, both: PerPeer<Parameters>) -> Vec<ExtensionParameter> {
        let named = self.offers.iter().chain(&self.answers);
        let old = named
            .into_iter()
            .any(|extension| extension.name == "deflate-frame");
        let codec = if old {
            "deflate-frame"
        } else {
            "x-webkit-deflate-frame"
        };
        let merge = |of: fn(Peer, Parameters) -> [String; 2]| {
            let [receives, sends] = of(Peer::Server, both.server);
            let [client, server] = of(Peer::Client, both.client);
            [
                format!("{client}; {receives}"),
                format!("{server}; {sends}"),
            ]
        };
        let rule = "per-frame draft §4";
        vec![
            self.of(codec, ("no_context_takeover", rule), merge(takeover)),
            self.of(codec, ("max_window_bits", rule), merge(window)),
        ]
    }
}

/// What an extension says of a parameter.
fn value(extension: &Extension, name: &str) -> String {
    let param = extension.params.iter().find(|param| param.name == name);
    match param.map(|param| param.value.as_deref()) {
        None => "no".to_owned(),
        Some(None) => "yes".to_owned(),
        Some(Some(value)) => value.to_owned(),
    }
}

/// For client and server: what it means whether `sender` keeps its window.
fn takeover(sender: Peer, parameters: Parameters) -> [String; 2] {
    let (sends, receives) = match parameters.takeover {
        Takeover::Keep => (
            "may copy from its earlier messages",
            format!("keeps the {sender}'s window between messages"),
        ),
        Takeover::Reset => (
            "begins each message with an empty window",
            format!("may forget the {sender}'s window after each message"),
        ),
    };
    sides(sender, sends.to_owned(), receives)
}

/// For client and server: what the size of the window of `sender` means.
fn window(sender: Peer, parameters: Parameters) -> [String; 2] {
    let bytes = grouped(parameters.window_bits.bytes() as u64);
    let sends = format!(
        "copies from at most {bytes} bytes back ({} bits)",
        parameters.window_bits
    );
    let receives = format!("needs {bytes} bytes to inflate what the {sender} sends");
    sides(sender, sends, receives)
}

fn sides(sender: Peer, sends: String, receives: String) -> [String; 2] {
    match sender {
        Peer::Client => [sends, receives],
        Peer::Server => [receives, sends],
    }
}
