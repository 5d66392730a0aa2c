//! What was agreed about compression.
//!
//! Job: from the offered and the agreed extensions to each sender's window and takeover.
//! Input: [`Extension`]s of both sides of the handshake. Output: [`Agreement`] and
//! [`Observation`]s. RFC 7692 §5 and §7.1; for `x-webkit-deflate-frame`
//! draft-tyoshino-hybi-websocket-perframe-deflate-06 §4.

use super::parameters::{Agreement, Parameters, Takeover, WindowBits};
use crate::base::{Peer, PerPeer};
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::http::Extension;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Codec {
    Message,
    Frame,
}

impl Codec {
    fn of(extension: &Extension) -> Option<Self> {
        let is = |name: &str| extension.name.eq_ignore_ascii_case(name);
        if is("permessage-deflate") {
            Some(Self::Message)
        } else if is("x-webkit-deflate-frame") || is("deflate-frame") {
            Some(Self::Frame)
        } else {
            None
        }
    }
}

/// Reads what was agreed, and holds it against what was offered.
///
/// The agreement is what the response says: where that breaks a rule, still the most useful
/// reading of it. With an empty `offered` (the request was not captured) nothing is held against
/// it; for `x-webkit-deflate-frame` the server then counts as unbound.
pub fn agree(offered: &[Extension], agreed: &[Extension]) -> (Agreement, Vec<Observation>) {
    let mut rules = Rules::default();
    let mut codecs = agreed
        .iter()
        .filter_map(|extension| Some((Codec::of(extension)?, extension)));
    let Some((codec, response)) = codecs.next() else {
        // What was declined can be wrong all the same, and that is why, perhaps.
        for offer in offered {
            match Codec::of(offer) {
                Some(Codec::Message) => drop(rules.read(Peer::Client, offer)),
                Some(Codec::Frame) => drop(rules.read_frame(Peer::Client, offer)),
                None => {}
            }
        }
        return (Agreement::None, rules.found);
    };
    if let Some((_, second)) = codecs.next() {
        // RFC 7692 §5: no two extensions that use the same bit (RSV1) may be agreed.
        let text = format!("both {:?} and {:?} were agreed", response.name, second.name);
        rules.add(Code::DeflateAgreedTwice, Peer::Server, text);
    }
    let offers: Vec<_> = offered
        .iter()
        .filter(|offer| Codec::of(offer) == Some(codec))
        .collect();
    let agreement = match codec {
        Codec::Message => Agreement::PermessageDeflate(rules.permessage(&offers, response)),
        Codec::Frame => Agreement::DeflateFrame(rules.frame(&offers, response)),
    };
    (agreement, rules.found)
}

/// What the parameters of one permessage-deflate element say.
#[derive(Debug, Clone, Copy, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a parameter that is there or not"
)]
struct Said {
    server_reset: bool,
    client_reset: bool,
    server_bits: Option<WindowBits>,
    client_bits: Option<WindowBits>,
    /// `client_max_window_bits` is there, with a value or without.
    client_bits_named: bool,
    /// The element broke no rule.
    sound: bool,
}

/// What was found so far.
#[derive(Default)]
struct Rules {
    found: Vec<Observation>,
    /// Something was wrong since this was last cleared.
    broken: bool,
}

impl Rules {
    /// Each code counts once for a side: the first time tells enough.
    fn add(&mut self, code: Code, from: Peer, text: impl Into<Sentence>) {
        self.broken = true;
        let same = |found: &Observation| found.code == code && found.from == Some(from);
        if !self.found.iter().any(same) {
            self.found.push(Observation::new(code, from, text));
        }
    }

    fn permessage(&mut self, offers: &[&Extension], response: &Extension) -> PerPeer<Parameters> {
        let offers: Vec<_> = offers
            .iter()
            .map(|offer| self.read(Peer::Client, offer))
            .collect();
        let said = self.read(Peer::Server, response);
        self.accepted(&offers, said);
        PerPeer {
            // RFC 7692 §7.1.1.2: only the response binds the client to an empty window; in the
            // offer the parameter is a hint. The same holds for its window, §7.1.2.2.
            client: parameters(said.client_bits, said.client_reset),
            server: parameters(said.server_bits, said.server_reset),
        }
    }

    /// Reads the parameters of a client's offer or a server's response.
    fn read(&mut self, from: Peer, extension: &Extension) -> Said {
        let mut said = Said::default();
        self.broken = false;
        for (name, value) in self.distinct(from, extension) {
            let bits = value.and_then(WindowBits::parse);
            let valid = match name {
                // RFC 7692 §7.1.1.1, §7.1.1.2: these have no value.
                "server_no_context_takeover" => {
                    said.server_reset = value.is_none();
                    value.is_none()
                }
                "client_no_context_takeover" => {
                    said.client_reset = value.is_none();
                    value.is_none()
                }
                // RFC 7692 §7.1.2.1: this always has a value.
                "server_max_window_bits" => {
                    said.server_bits = bits;
                    bits.is_some()
                }
                // RFC 7692 §7.1.2.2: this needs a value in the response, not in the offer.
                "client_max_window_bits" => {
                    said.client_bits = bits;
                    said.client_bits_named = true;
                    bits.is_some() || from == Peer::Client && value.is_none()
                }
                _ => {
                    self.unknown(from, extension, name);
                    continue;
                }
            };
            if !valid {
                self.invalid(from, extension, name, value);
            }
        }
        said.sound = !self.broken;
        said
    }

    /// Holds a response against the offers.
    fn accepted(&mut self, offers: &[Said], said: Said) {
        if offers.is_empty() {
            return;
        }
        // RFC 7692 §7.1: an offer with an unknown, repeated or invalid parameter is declined.
        if offers.iter().all(|offer| !offer.sound) {
            let text = "every offer of permessage-deflate is invalid, and the server accepts one";
            self.add(
                Code::DeflateInvalidOfferAccepted,
                Peer::Server,
                text.to_owned(),
            );
        }
        // The response answers one of the offers; it does not say which. Take the likeliest.
        let unfit = offers.iter().map(|&offer| misfits(offer, said));
        for (code, text) in unfit.min_by_key(Vec::len).into_iter().flatten() {
            self.add(code, Peer::Server, text);
        }
    }

    /// Each side's parameters bind the *other* side's compressor (draft §4).
    fn frame(&mut self, offers: &[&Extension], response: &Extension) -> PerPeer<Parameters> {
        let offer = offers
            .first()
            .map(|offer| self.read_frame(Peer::Client, offer));
        PerPeer {
            client: self.read_frame(Peer::Server, response),
            server: offer.unwrap_or_default(),
        }
    }

    fn read_frame(&mut self, from: Peer, extension: &Extension) -> Parameters {
        let mut read = Parameters::default();
        for (name, value) in self.distinct(from, extension) {
            let valid = match name {
                "max_window_bits" => {
                    let bits = value.and_then(WindowBits::parse);
                    read.window_bits = bits.unwrap_or_default();
                    bits.is_some()
                }
                "no_context_takeover" => {
                    read.takeover = takeover(value.is_none());
                    value.is_none()
                }
                _ => {
                    self.unknown(from, extension, name);
                    continue;
                }
            };
            if !valid {
                self.invalid(from, extension, name, value);
            }
        }
        read
    }

    /// The parameters without those that stood before. RFC 7692 §7.1: none may stand twice.
    fn distinct<'a>(
        &mut self,
        from: Peer,
        extension: &'a Extension,
    ) -> Vec<(&'a str, Option<&'a str>)> {
        let mut distinct: Vec<(&str, Option<&str>)> = Vec::new();
        let mut repeated = None;
        for param in &extension.params {
            if distinct.iter().any(|&(name, _)| name == param.name) {
                repeated.get_or_insert(&param.name);
            } else if distinct.len() < MOST_PARAMETERS {
                distinct.push((&param.name, param.value.as_deref()));
            }
        }
        if let Some(name) = repeated {
            let text = format!("{name} stands more than once in {}", place(from, extension));
            self.add(Code::DeflateParameterRepeated, from, text);
        }
        distinct
    }

    /// RFC 7692 §7.1: there are four parameters.
    fn unknown(&mut self, from: Peer, extension: &Extension, name: &str) {
        let text = format!("{name:?} is no parameter for {}", place(from, extension));
        self.add(Code::DeflateParameterUnknown, from, text);
    }

    fn invalid(&mut self, from: Peer, extension: &Extension, name: &str, value: Option<&str>) {
        let place = place(from, extension);
        let text = match value {
            None => format!("{name} has no value in {place}"),
            Some(value) if name.ends_with("bits") => {
                format!("{name} is {value:?} in {place}, not one of 8 to 15")
            }
            Some(value) => format!("{name} has the value {value:?} in {place} and takes none"),
        };
        self.add(Code::DeflateParameterInvalid, from, text);
    }
}

/// Parameters that are looked at; nobody has a use for so many.
const MOST_PARAMETERS: usize = 32;

/// Where a response goes beyond an offer.
fn misfits(offer: Said, said: Said) -> Vec<(Code, Sentence)> {
    let mut misfits = Vec::new();
    // RFC 7692 §7.1.1.1: a server accepts server_no_context_takeover by repeating it.
    if offer.server_reset && !said.server_reset {
        let text = "the client asked for server_no_context_takeover, the response lacks it";
        misfits.push((Code::DeflateServerTakeoverIgnored, text.into()));
    }
    // RFC 7692 §7.1.2.1: a server accepts server_max_window_bits with the same or a smaller value.
    // Where 15 was asked for, saying nothing comes to the same.
    if let Some(most) = offer.server_bits
        && said.server_bits.unwrap_or_default() > most
    {
        let text = match said.server_bits {
            Some(bits) => format!(
                "the client asked for server_max_window_bits={most} at most, the response has {bits}"
            ),
            None => format!(
                "the client asked for server_max_window_bits={most} at most, the response lacks it"
            ),
        };
        let asked = ("asked_bits", Figure::Id(most.get().into()));
        let answered = said
            .server_bits
            .map(|bits| ("answered_bits", Figure::Id(bits.get().into())));
        let figures: Vec<_> = answered.into_iter().chain([asked]).collect();
        let text = Sentence::from(text).noting(&figures);
        misfits.push((Code::DeflateServerWindowTooLarge, text));
    }
    // RFC 7692 §7.1.2.2: only a client that offers client_max_window_bits can be told one.
    if said.client_bits_named && !offer.client_bits_named {
        let text = "the response has client_max_window_bits, the client did not offer it";
        misfits.push((Code::DeflateClientWindowNotOffered, text.into()));
    }
    misfits
}

fn parameters(bits: Option<WindowBits>, reset: bool) -> Parameters {
    Parameters {
        window_bits: bits.unwrap_or_default(),
        takeover: takeover(reset),
    }
}

fn takeover(reset: bool) -> Takeover {
    if reset {
        Takeover::Reset
    } else {
        Takeover::Keep
    }
}

fn place(from: Peer, extension: &Extension) -> String {
    let part = match from {
        Peer::Client => "offer",
        Peer::Server => "response",
    };
    format!("the {} {part}", extension.name)
}

#[cfg(test)]
mod tests;
