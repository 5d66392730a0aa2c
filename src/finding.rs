//! What the peers did: the catalogue of findings.
//!
//! Job: give every deviation a stable code, a severity, the rule it breaks and an advice.
//! Input: [`Observation`]s made by the layers. Output: [`Finding`]s, which have a place.
//! Our own failures are not findings, see [`crate::error`].

use std::fmt;

use crate::base::{Peer, Stamp};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Likely trouble.
    Warning,
    /// A MUST was broken, or data is unreadable.
    Error,
}

impl Severity {
    /// `error`, `warning` or `note`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $severity:ident, $rule:literal, $advice:literal;)*) => {
        /// The stable code of a finding. `docs/findings.md` lists them all.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])* $variant,)* }

        impl Code {
            /// Every code, in the order of the layers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as it is printed, for instance `rsv1-on-continuation`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// The rule it cites: RFC and section.
            pub fn rule(self) -> &'static str {
                match self { $(Self::$variant => $rule,)* }
            }

            /// What to do about it, in one sentence.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice,)* }
            }
        }
    };
}

codes! {
    // tcp
    /// A retransmission carried other bytes than the first copy.
    TcpConflict = "tcp-conflict", Error, "RFC 9293 §3.10.7.4",
        "The first copy was used; look for a middlebox that rewrites traffic or for two connections mixed in one capture.";

    // http
    /// A header line of the handshake has no name, or a name that is no token.
    HeaderMalformed = "header-malformed", Error, "RFC 9110 §5.1",
        "Look for stray bytes or white space before the colon; strict receivers refuse the whole head.";
    /// The upgrade request is no GET.
    UpgradeMethod = "upgrade-method", Error, "RFC 6455 §4.1",
        "Open a WebSocket with a GET request; servers refuse every other method.";
    /// A head of the upgrade is HTTP/1.0 or lower.
    UpgradeHttpVersion = "upgrade-http-version", Error, "RFC 6455 §4.1",
        "Speak HTTP/1.1; look for a proxy on the way that forwards as HTTP/1.0, a common default.";
    /// The upgrade request has no Host.
    UpgradeHostMissing = "upgrade-host-missing", Error, "RFC 6455 §4.1",
        "Send the Host header that every HTTP/1.1 request needs.";
    /// The 101 response does not name the protocol it switches to.
    UpgradeHeader = "upgrade-header", Error, "RFC 6455 §4.2.2",
        "Answer with `Upgrade: websocket`; look for a proxy that drops the header, since it holds for one hop only.";
    /// `Connection: Upgrade` is missing on one side.
    ConnectionHeader = "connection-header", Error, "RFC 6455 §4.1",
        "Send `Connection: Upgrade` beside the Upgrade header; look for a proxy that replaces it, since it holds for one hop only.";
    /// The request asks for a version other than 13, or for none.
    WebSocketVersion = "websocket-version", Error, "RFC 6455 §4.1",
        "Send `Sec-WebSocket-Version: 13`, the only version of the standard; others are drafts from before it.";
    /// The request has no key.
    KeyMissing = "key-missing", Error, "RFC 6455 §4.1",
        "Send a Sec-WebSocket-Key of 16 random bytes in base64; without it the server cannot prove that it speaks WebSocket.";
    /// The key is not 16 bytes of base64.
    KeyInvalid = "key-invalid", Error, "RFC 6455 §4.1",
        "Make the Sec-WebSocket-Key from exactly 16 random bytes, in base64 with its padding.";
    /// The client offers a subprotocol twice.
    SubprotocolRepeated = "subprotocol-repeated", Error, "RFC 6455 §4.1",
        "List each subprotocol once; strict servers refuse the request.";
    /// A header that may stand once stands several times.
    HandshakeHeaderRepeated = "handshake-header-repeated", Error, "RFC 6455 §11.3",
        "Send this header once; receivers differ in which of the lines they take.";
    /// The extension header breaks its grammar.
    ExtensionHeaderMalformed = "extension-header-malformed", Error, "RFC 6455 §9.1",
        "Mend the header: names and values are tokens, `;` before each parameter, `,` between extensions; the receiver must fail the connection.";
    /// The 101 response has no proof of the key.
    AcceptMissing = "accept-missing", Error, "RFC 6455 §4.2.2",
        "Send Sec-WebSocket-Accept, computed from the request's key; clients close the connection without it.";
    /// The 101 response's proof does not fit the key.
    AcceptInvalid = "accept-invalid", Error, "RFC 6455 §4.2.2",
        "Compute Sec-WebSocket-Accept from the key of this very request; look for a cache or proxy that answers with an old response.";
    /// The server chose a subprotocol that the client did not offer.
    SubprotocolNotOffered = "subprotocol-not-offered", Error, "RFC 6455 §4.2.2",
        "Answer with one of the names in the request's Sec-WebSocket-Protocol, spelled the same, or leave the header out; clients close the connection.";
    /// The server agreed to an extension that the client did not offer.
    ExtensionNotOffered = "extension-not-offered", Error, "RFC 6455 §4.1",
        "Agree only to extensions that the request names; look for a proxy that strips Sec-WebSocket-Extensions from the request.";
    /// The server answered the upgrade with something else than 101.
    UpgradeRefused = "upgrade-refused", Note, "RFC 6455 §4.1",
        "There is no WebSocket behind this answer; the status says why, as in any HTTP exchange.";

    // deflate parameters
    /// Two extensions that compress were agreed.
    DeflateAgreedTwice = "deflate-agreed-twice", Error, "RFC 7692 §5",
        "Agree to one compression at most, for they share one bit in the frame header; the first was taken here.";
    /// A parameter stands twice in an offer or a response.
    DeflateParameterRepeated = "deflate-parameter-repeated", Error, "RFC 7692 §7.1",
        "Send each parameter once; a server must decline such an offer, a client must fail the connection.";
    /// A parameter that the extension does not have.
    DeflateParameterUnknown = "deflate-parameter-unknown", Error, "RFC 7692 §7.1",
        "Check the spelling; a server must decline such an offer, a client must fail the connection.";
    /// A parameter's value is missing, out of range, or should not be there.
    DeflateParameterInvalid = "deflate-parameter-invalid", Error, "RFC 7692 §7.1",
        "Window bits are 8 to 15 without leading zeros, the takeover parameters have no value; here the default was taken.";
    /// The server accepted an offer that it must decline.
    DeflateInvalidOfferAccepted = "deflate-invalid-offer-accepted", Error, "RFC 7692 §7.1",
        "Decline offers with unknown, repeated or invalid parameters, or the two sides may compress by different rules.";
    /// The server keeps its window though the client asked it not to.
    DeflateServerTakeoverIgnored = "deflate-server-takeover-ignored", Error, "RFC 7692 §7.1.1.1",
        "Repeat server_no_context_takeover in the response or decline the offer; the client may be unable to keep a window between messages.";
    /// The server's window is larger than the client allows.
    DeflateServerWindowTooLarge = "deflate-server-window-too-large", Error, "RFC 7692 §7.1.2.1",
        "Answer with the same or a smaller server_max_window_bits or decline the offer; the client may not have memory for a larger window.";
    /// The server limits the window of a client that cannot be limited.
    DeflateClientWindowNotOffered = "deflate-client-window-not-offered", Error, "RFC 7692 §7.1.2.2",
        "Leave client_max_window_bits out of the response unless the request has it; the client must fail the connection.";
    /// The capture lacks bytes of a connection.
    BytesMissing = "bytes-missing", Warning, "RFC 9293 §3.4",
        "Capture closer to the peers or with a larger buffer; what depends on these bytes is marked.";

    /// An extension was agreed that wscope does not know.
    ExtensionUnknown = "extension-unknown", Note, "RFC 6455 §9.1",
        "Messages that use it are not decoded; agree on permessage-deflate to read them.";

    // ws
    /// The framing was lost in a gap.
    FramingLost = "framing-lost", Warning, "RFC 6455 §5.2",
        "Frames between the loss and the next header found are not shown.";
    /// A frame header was found again by its likeness.
    FramingFound = "framing-found", Note, "RFC 6455 §5.2",
        "The messages from here on stand on a guess, a very likely one.";
    /// No frame header was found again.
    FramingNotFound = "framing-not-found", Warning, "RFC 6455 §5.2",
        "The rest of this direction could not be read.";
    /// A 64-bit length with its top bit set.
    LengthTopBit = "length-top-bit", Error, "RFC 6455 §5.2",
        "The sender is broken or this is no WebSocket; no receiver can read on.";
    /// A length in a longer form than needed.
    LengthNotMinimal = "length-not-minimal", Error, "RFC 6455 §5.2",
        "Have the sender use the shortest form; strict receivers close the connection.";
    /// A server masked.
    MaskFromServer = "mask-from-server", Error, "RFC 6455 §5.1",
        "Have the server send frames unmasked; clients close the connection on this.";
    /// A client did not mask.
    NoMaskFromClient = "no-mask-from-client", Error, "RFC 6455 §5.1",
        "Have the client mask its frames; servers close the connection on this.";
    /// RSV2 or RSV3.
    ReservedBit = "reserved-bit", Error, "RFC 6455 §5.2",
        "Look for an extension that one side uses without agreement.";
    /// An opcode without meaning.
    ReservedOpcode = "reserved-opcode", Error, "RFC 6455 §5.2",
        "The sender is broken or the framing is out of step; receivers close the connection on this.";
    /// RSV1 without an extension.
    Rsv1WithoutExtension = "rsv1-without-extension", Error, "RFC 6455 §5.2",
        "The sender compresses although no compression was agreed; look for a proxy that removed the extension header.";
    /// RSV1 on a control frame.
    Rsv1OnControl = "rsv1-on-control", Error, "RFC 7692 §6",
        "Have the sender leave control frames uncompressed and RSV1 clear.";
    /// RSV1 on a continuation.
    Rsv1OnContinuation = "rsv1-on-continuation", Error, "RFC 7692 §6",
        "Have the sender set RSV1 on the first frame only; the bit was ignored here.";
    /// A continuation of nothing.
    ContinuationWithoutStart = "continuation-without-start", Error, "RFC 6455 §5.4",
        "Have the sender begin a fragmented message with a text or binary frame.";
    /// A message began inside another.
    MessageInterrupted = "message-interrupted", Error, "RFC 6455 §5.4",
        "Look for two threads that send on one connection without a lock.";
    /// A control frame in fragments.
    ControlFragmented = "control-fragmented", Error, "RFC 6455 §5.5",
        "Have the sender keep control frames whole.";
    /// A control frame above 125 bytes.
    ControlTooLong = "control-too-long", Error, "RFC 6455 §5.5",
        "Have the sender keep control payloads at 125 bytes or less.";
    /// Frames behind a close frame.
    DataAfterClose = "data-after-close", Error, "RFC 6455 §5.5.1",
        "Have the sender stop after its close frame.";
    /// A close body of one byte.
    CloseOneByte = "close-one-byte", Error, "RFC 6455 §5.5.1",
        "A close body is empty or begins with a two-byte code.";
    /// A close code that may not be sent.
    CloseCodeInvalid = "close-code-invalid", Error, "RFC 6455 §7.4",
        "Have the sender use 1000–1003, 1007–1014 or 3000–4999.";
    /// A close reason that is not UTF-8.
    CloseReasonNotUtf8 = "close-reason-not-utf8", Error, "RFC 6455 §5.5.1",
        "Have the sender encode its reason as UTF-8.";
    /// Text that is not UTF-8.
    TextNotUtf8 = "text-not-utf8", Error, "RFC 6455 §8.1",
        "Have the sender use a binary message or encode its text as UTF-8.";
    /// More payload than is kept.
    PayloadTruncated = "payload-truncated", Note, "wscope limits",
        "The message is longer than wscope keeps; sizes are right, the shown payload is its first part.";

    // deflate
    /// A compressed payload that is not DEFLATE.
    DeflateInvalid = "deflate-invalid", Error, "RFC 7692 §7.2.2",
        "The receiver cannot read this message nor, with context takeover, those after it.";
    /// A copy from before the stream's beginning.
    DistanceTooFar = "distance-too-far", Error, "RFC 1951 §2",
        "The sender copies from history the receiver does not have: look for a context kept although reset was agreed.";
    /// A copy from beyond the agreed window.
    DistanceBeyondWindow = "distance-beyond-window", Error, "RFC 7692 §7.1.2",
        "Have the sender compress with the agreed window, for a receiver may keep no more.";
    /// The context was kept although reset was agreed.
    ContextKept = "context-kept", Error, "RFC 7692 §7.1.1",
        "Have the sender reset its compressor after each message, or not agree to no_context_takeover; receivers that reset cannot read its messages.";
    /// The flush marker was left on.
    KeptFlushMarker = "kept-flush-marker", Error, "RFC 7692 §7.2.1",
        "Have the sender cut 00 00 ff ff off the end of each compressed message.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a layer saw, before anybody knows the connection and message it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Which rule.
    pub code: Code,
    /// Who broke it; `None` where no one peer did.
    pub from: Option<Peer>,
    /// What was seen, with its figures, in one sentence.
    pub text: String,
}

impl Observation {
    /// An observation about what `from` sent.
    pub fn new(code: Code, from: Peer, text: impl Into<String>) -> Self {
        Self {
            code,
            from: Some(from),
            text: text.into(),
        }
    }
}

/// A peer's deed, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub code: Code,
    /// Who broke it.
    pub from: Option<Peer>,
    /// The message it stands in, where it stands in one.
    pub message: Option<u64>,
    /// The packet that showed it.
    pub at: Stamp,
    /// The first bit concerned, counted from the start of the message's compressed payload.
    pub bit: Option<u64>,
    /// What was seen.
    pub text: String,
}
