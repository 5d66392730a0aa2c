//! The table of findings.
//!
//! Job: give every deviation a stable code, a title, a severity, the rule it breaks and an advice.
//! Input and output: none; a table. Titles and advices are for a reader who knows HTTP and TCP and
//! has never seen a WebSocket.

use std::fmt;

use super::severity::Severity;

macro_rules! codes {
    ($(#[doc = $title:literal] $variant:ident = $name:literal, $severity:ident, $rule:literal, $advice:literal;)*) => {
        /// The stable code of a finding. `docs/findings.md` lists them all.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $title] $variant,)* }

        impl Code {
            /// Every code, in the order of the layers.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code as it is printed, for instance `rsv1-on-continuation`.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it means, in one sentence.
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title.trim_ascii(),)* }
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
    // causes: what explains other findings, so they come first
    /// The capture lacks bytes, and what stands behind them cannot be read.
    CauseCaptureLoss = "cause-capture-loss", Warning, "RFC 9293 §3.4",
        "Mend the capture (closer to the peers, a larger buffer, whole packets); the findings that this explains say nothing about the peers.";
    /// A sender wraps what it compresses in the zlib or gzip format, where bare DEFLATE data belong.
    CauseWrapped = "cause-wrapped", Error, "RFC 7692 §7.2.1",
        "Have the sender make raw DEFLATE: with zlib negative window bits, as in deflateInit2(…, -15, …), in Java nowrap, in Node deflateRaw.";
    /// A sender compresses each frame of a message by itself instead of the message as a whole.
    CausePerFrame = "cause-per-frame", Error, "RFC 7692 §7.2.1",
        "Have the sender compress the whole message, cut the last four bytes off once, at its end, and split it into frames then.";
    /// A sender's window holds messages that it sent uncompressed, and its receiver's window does not.
    CausePlainInWindow = "cause-plain-in-window", Error, "RFC 7692 §7.1.1",
        "Have the sender decide before it compresses whether a message goes compressed, or send what it has compressed even if it grew.";
    /// A sender's window lacks a compressed message that it sent, and its receiver's window holds it.
    CauseNotInWindow = "cause-not-in-window", Error, "RFC 7692 §7.1.1",
        "Look for messages compressed elsewhere (once for many connections, by a copy of the compressor); they need no_context_takeover.";
    /// A sender's window holds a message twice that it sent once.
    CauseTwiceInWindow = "cause-twice-in-window", Error, "RFC 7692 §7.1.1",
        "Look for a message that is compressed again when sending it is retried; keep the compressed bytes instead.";
    /// Each side compresses by the parameters that were agreed for the other side.
    CauseParametersSwapped = "cause-parameters-swapped", Error, "RFC 7692 §7.1",
        "In client_… and server_… parameters the name is the sender's: server_max_window_bits and server_no_context_takeover say what the server compresses with.";
    /// A sender compresses with a larger window than was agreed.
    CauseWindowLarger = "cause-window-larger", Error, "RFC 7692 §7.1.2",
        "Give the compressor the agreed window bits (zlib makes 9 of 8), or agree on more; a receiver that keeps no more cannot read such messages.";
    /// Messages cannot be read, and no known deed of a sender explains them.
    CauseNotFound = "cause-not-found", Note, "RFC 7692 §7.2.2",
        "Look at the first of these messages with wscope explain, and for anything between the sender and the capture that changes bytes.";

    // tcp
    /// The same bytes were sent twice with different content.
    TcpConflict = "tcp-conflict", Error, "RFC 9293 §3.10.7.4",
        "Look for a middlebox that rewrites traffic, or for two connections mixed in one capture; the first copy was used that was not damaged on its way.";
    /// A reset came, and the connection went on.
    ResetIgnored = "reset-ignored", Note, "RFC 5961 §3.2",
        "Look for who sends resets in a peer's name (a firewall, a censor, an attacker): their packets often differ in time to live.";
    /// Bytes are shown from a copy that was damaged on its way, since no other was captured.
    DamagedCopy = "damaged-copy", Warning, "RFC 9293 §3.1",
        "Do not trust these bytes: the receiver got a good copy that the capture lacks; capture closer to it.";
    /// A tool that logs what was said made up the TCP headers.
    HeadersInvented = "headers-invented", Note, "RFC 9293 §3.4",
        "Know that nothing shows what such a log lacks or has twice; times and sizes of packets are the tool's, too.";
    /// The capture lacks bytes that were sent.
    BytesMissing = "bytes-missing", Warning, "RFC 9293 §3.4",
        "Capture closer to the peers, with a larger buffer and whole packets; what depends on these bytes is marked.";
    /// What one side sent again and again was never answered, not even by TCP.
    PathDead = "path-dead", Warning, "RFC 9293 §3.8.3",
        "Look at the network between the two, and at whether the other end is still there: a switched-off client, and an address translator or firewall that forgot the connection, look like this. Programs see it after minutes; pings show it sooner.";
    /// A receiver took no data for a second or more while a message was on its way to it.
    ReceiverStalled = "receiver-stalled", Warning, "RFC 9293 §3.8.6",
        "Look at what the receiving program does at that time: it does not read its socket, and everything behind waits.";
    /// The connection ended in the middle of a message.
    EndedInMessage = "ended-in-message", Warning, "RFC 6455 §7.1.5",
        "Look for a crash, a restart or a time limit at the side that ended it; the receiver never gets this message.";

    // tls
    /// A TLS connection, in which a WebSocket may be, could not be read.
    TlsUnread = "tls-unread", Note, "RFC 9850 §2",
        "Give the secrets that its ends log with --keylog; docs/wss.md says for each reason what helps.";
    /// A TLS connection could not be read to its end, or in one direction only.
    TlsPartlyRead = "tls-partly-read", Warning, "RFC 9850 §2",
        "Know that messages are missing from here on; docs/wss.md says for each reason what helps.";
    /// A peer gave the TLS connection up, or refused to open it, and said why in an alert.
    TlsAlert = "tls-alert", Warning, "RFC 8446 §6.2",
        "Read the alert as the sender's complaint about what the other side sent: certificate alerts are about its certificate, handshake_failure and protocol_version about what it offers.";
    /// A TLS record is longer than it may be.
    TlsRecordTooLong = "tls-record-too-long", Error, "RFC 8446 §5.2",
        "Look at the sender's TLS library; receivers end the connection with the alert record_overflow.";
    /// Somebody between the peers may have made them agree on an older version of TLS than both speak.
    TlsDowngraded = "tls-downgraded", Error, "RFC 8446 §4.1.3",
        "Look for a box on the way that opens or changes TLS handshakes; a client that checks this ends the connection.";
    /// The peers use a version of TLS that is no longer safe.
    TlsVersionOld = "tls-version-old", Warning, "RFC 8996 §4",
        "Switch TLS 1.2 and 1.3 on at the older side; browsers refuse older versions.";
    /// A certificate was not valid yet, or no longer, when it was sent.
    TlsCertificateDates = "tls-certificate-dates", Warning, "RFC 5280 §4.1.2.5",
        "Renew the certificate, or set the clock of the peer that made it, or of the host that captured.";
    /// The server's certificate is for other names than the one that the client asked for.
    TlsCertificateName = "tls-certificate-name", Warning, "RFC 9525 §6.3",
        "Give the server a certificate with this name in its list, or connect by a name that is in it; look for a default host that answers in place of the right one.";
    /// A peer ended the connection without saying so under TLS first, where nobody can forge it.
    TlsCloseMissing = "tls-close-missing", Note, "RFC 8446 §6.1",
        "Have the sender close TLS before TCP; without it nobody can tell an end from a cut, and a WebSocket's close frame alone says it.";
    /// Messages are compressed together and then encrypted, so that their lengths can give secrets away.
    TlsCompressedSecrets = "tls-compressed-secrets", Note, "RFC 7692 §8",
        "Keep secrets (tokens, cookies) out of connections whose messages also repeat what others can choose, or send one of both uncompressed or with no_context_takeover.";

    // http
    /// A header line of the handshake has no name, or one with characters that names cannot have.
    HeaderMalformed = "header-malformed", Error, "RFC 9110 §5.1",
        "Look for stray bytes or white space before the colon; strict receivers refuse the whole head.";
    /// The request for a WebSocket is no GET.
    UpgradeMethod = "upgrade-method", Error, "RFC 6455 §4.1",
        "Open a WebSocket with a GET request; servers refuse every other method.";
    /// The request's target is no path, or has a fragment.
    UpgradeTarget = "upgrade-target", Error, "RFC 6455 §4.1",
        "Ask for a path that begins with a slash, and keep what follows `#` in the client: it never goes to a server.";
    /// The handshake is HTTP/1.0, which knows no upgrade.
    UpgradeHttpVersion = "upgrade-http-version", Error, "RFC 6455 §4.1",
        "Speak HTTP/1.1; look for a proxy on the way that forwards as HTTP/1.0, a common default.";
    /// The request does not say which host it is for.
    UpgradeHostMissing = "upgrade-host-missing", Error, "RFC 6455 §4.1",
        "Send the Host header that every HTTP/1.1 request needs.";
    /// The header that names the new protocol, `Upgrade: websocket`, is missing.
    UpgradeHeader = "upgrade-header", Error, "RFC 6455 §4.1",
        "Send `Upgrade: websocket`; look for a proxy that drops it, since it holds for one hop only and a proxy must be told to pass it on.";
    /// The header that makes the upgrade hold for this hop, `Connection: Upgrade`, is missing.
    ConnectionHeader = "connection-header", Error, "RFC 6455 §4.1",
        "Send `Connection: Upgrade` beside the Upgrade header; look for a proxy that replaces it, since it holds for one hop only.";
    /// The request asks for another WebSocket version than 13, the only standard one.
    WebSocketVersion = "websocket-version", Error, "RFC 6455 §4.1",
        "Send `Sec-WebSocket-Version: 13`; other numbers are drafts from before the standard.";
    /// The request has no Sec-WebSocket-Key, the random value that the server must answer to.
    KeyMissing = "key-missing", Error, "RFC 6455 §4.1",
        "Send a Sec-WebSocket-Key of 16 random bytes in base64; without it the server cannot prove that it speaks WebSocket.";
    /// The request's Sec-WebSocket-Key is not 16 bytes in base64.
    KeyInvalid = "key-invalid", Error, "RFC 6455 §4.1",
        "Make the Sec-WebSocket-Key from exactly 16 random bytes, in base64 with its padding.";
    /// A client uses the same Sec-WebSocket-Key again.
    KeyRepeated = "key-repeated", Error, "RFC 6455 §4.1",
        "Draw 16 random bytes for each connection; with an old key an old response would pass for a fresh one.";
    /// A name in the client's list of subprotocols has characters that names cannot have.
    SubprotocolMalformed = "subprotocol-malformed", Error, "RFC 6455 §4.1",
        "Use letters, digits, dots and dashes in Sec-WebSocket-Protocol, and commas only between names.";
    /// The client lists a subprotocol twice.
    SubprotocolRepeated = "subprotocol-repeated", Error, "RFC 6455 §4.1",
        "List each subprotocol once; strict servers refuse the request.";
    /// A header that may stand once in the handshake stands several times.
    HandshakeHeaderRepeated = "handshake-header-repeated", Error, "RFC 6455 §11.3",
        "Send this header once; receivers differ in which of the lines they take.";
    /// The list of extensions, Sec-WebSocket-Extensions, breaks its grammar.
    ExtensionHeaderMalformed = "extension-header-malformed", Error, "RFC 6455 §9.1",
        "Mend the header: names and values are tokens, `;` before each parameter, `,` between extensions; the receiver must fail the connection.";
    /// The client sent frames before the server agreed to speak WebSocket.
    DataBeforeAnswer = "data-before-answer", Error, "RFC 6455 §4.1",
        "Have the client wait for the 101 response; until it comes, a server or proxy may take these bytes for another HTTP request.";
    /// The server switched to WebSocket although the request breaks a rule.
    InvalidRequestAccepted = "invalid-request-accepted", Error, "RFC 6455 §4.2.1",
        "Have the server answer such a request with 400; it is there to keep out who does not mean to speak WebSocket.";
    /// The server switched to WebSocket without Sec-WebSocket-Accept, the proof that it read the client's key.
    AcceptMissing = "accept-missing", Error, "RFC 6455 §4.2.2",
        "Send Sec-WebSocket-Accept, computed from the request's key; clients close the connection without it.";
    /// The server's Sec-WebSocket-Accept does not belong to the client's key.
    AcceptInvalid = "accept-invalid", Error, "RFC 6455 §4.2.2",
        "Compute Sec-WebSocket-Accept from the key of this very request; look for a cache or proxy that answers with an old response.";
    /// The server chose a subprotocol that the client did not offer.
    SubprotocolNotOffered = "subprotocol-not-offered", Error, "RFC 6455 §4.2.2",
        "Answer with one of the names in the request's Sec-WebSocket-Protocol, spelled the same, or leave the header out; clients close the connection.";
    /// The server agreed to an extension that the client did not offer.
    ExtensionNotOffered = "extension-not-offered", Error, "RFC 6455 §4.1",
        "Agree only to extensions that the request names; look for a proxy that strips Sec-WebSocket-Extensions from the request.";
    /// The server refused a WebSocket version without saying which it speaks.
    VersionNotNamed = "version-not-named", Error, "RFC 6455 §4.2.2",
        "Add `Sec-WebSocket-Version: 13` to the refusal, so that the client can ask again rightly.";
    /// The server answered the request for a WebSocket with something else than 101.
    UpgradeRefused = "upgrade-refused", Note, "RFC 6455 §4.1",
        "Read the status as in any HTTP exchange: 401 and 403 want other credentials or another Origin, 404 another path, 426 another version, 5xx a look at the server or proxy.";

    /// The peers speak a draft of 2010 instead of the standard.
    DraftObsolete = "draft-obsolete", Error, "RFC 6455 §4.1",
        "Update the client or the server to one that speaks RFC 6455 (WebSocket version 13); browsers have not spoken the drafts of 2010 since 2012.";

    // deflate parameters
    /// Two compressions were agreed at once.
    DeflateAgreedTwice = "deflate-agreed-twice", Error, "RFC 7692 §5",
        "Agree to one compression at most, for they share one bit in the frame header; the first was taken here.";
    /// A parameter of the compression stands twice.
    DeflateParameterRepeated = "deflate-parameter-repeated", Error, "RFC 7692 §7.1",
        "Send each parameter once; a server must decline such an offer, a client must fail the connection.";
    /// A parameter of the compression has a name that does not exist.
    DeflateParameterUnknown = "deflate-parameter-unknown", Error, "RFC 7692 §7.1",
        "Check the spelling; a server must decline such an offer, a client must fail the connection.";
    /// A parameter of the compression has a value that it cannot have.
    DeflateParameterInvalid = "deflate-parameter-invalid", Error, "RFC 7692 §7.1",
        "Give window bits from 8 to 15 without leading zeros, and the takeover parameters no value; here the default was taken.";
    /// The server accepted an offer of compression that it must decline.
    DeflateInvalidOfferAccepted = "deflate-invalid-offer-accepted", Error, "RFC 7692 §7.1",
        "Decline offers with unknown, repeated or invalid parameters, or the two sides may compress by different rules.";
    /// The server keeps its compression context though the client asked it not to.
    DeflateServerTakeoverIgnored = "deflate-server-takeover-ignored", Error, "RFC 7692 §7.1.1.1",
        "Repeat server_no_context_takeover in the response or decline the offer; the client may be unable to keep a window between messages.";
    /// The server compresses with a larger window than the client allows.
    DeflateServerWindowTooLarge = "deflate-server-window-too-large", Error, "RFC 7692 §7.1.2.1",
        "Answer with the same or a smaller server_max_window_bits or decline the offer; the client may not have memory for a larger window.";
    /// The server limits the window of a client that did not say it can be limited.
    DeflateClientWindowNotOffered = "deflate-client-window-not-offered", Error, "RFC 7692 §7.1.2.2",
        "Leave client_max_window_bits out of the response unless the request has it; the client must fail the connection.";
    /// A compression from before the standard was agreed.
    DeflateFrameObsolete = "deflate-frame-obsolete", Note, "RFC 7692 §7",
        "Offer permessage-deflate, the standard; x-webkit-deflate-frame compresses each frame and only old libraries know it.";
    /// An extension was agreed that wscope does not know.
    ExtensionUnknown = "extension-unknown", Note, "RFC 6455 §9.1",
        "Agree on permessage-deflate to read these messages; those that use the unknown extension are not decoded.";

    // http2
    /// A server says that it takes WebSockets over HTTP/2, and refuses one.
    H2ConnectRefused = "h2-connect-refused", Error, "RFC 8441 §3",
        "Route CONNECT as GET is routed (in axum any() instead of get()), or stop advertising SETTINGS_ENABLE_CONNECT_PROTOCOL; browsers see 1006 and do not try HTTP/1.1.";
    /// A client opens a WebSocket over HTTP/2 and the server has not said that it takes any.
    H2ConnectNotAdvertised = "h2-connect-not-advertised", Error, "RFC 8441 §3",
        "Have the client wait for SETTINGS with SETTINGS_ENABLE_CONNECT_PROTOCOL=1, and use HTTP/1.1 where that does not come.";
    /// A server says first that it takes WebSockets over HTTP/2, and then that it does not.
    H2ConnectTakenBack = "h2-connect-taken-back", Error, "RFC 8441 §3",
        "Have the server keep SETTINGS_ENABLE_CONNECT_PROTOCOL at 1 for as long as the connection lasts.";
    /// The pseudo-header fields of a CONNECT or of its answer are not as they must be.
    H2PseudoHeader = "h2-pseudo-header", Error, "RFC 9113 §8.3",
        "Send :method CONNECT, :protocol, :scheme, :authority and :path once each, before all others; the answer has :status alone.";
    /// A header field is one that only HTTP/1.1 has, or its name is not in lower case.
    H2HeaderField = "h2-header-field", Error, "RFC 9113 §8.2",
        "Leave out Connection, Upgrade, Keep-Alive, Proxy-Connection and Transfer-Encoding, and write names in lower case; receivers reset the stream.";
    /// Header fields cannot be decompressed.
    HpackInvalid = "hpack-invalid", Error, "RFC 7541 §3",
        "Look at who changes header blocks on the way; receivers close the whole connection, with every WebSocket on it.";
    /// A frame of HTTP/2 is not as its kind demands.
    H2FrameInvalid = "h2-frame-invalid", Error, "RFC 9113 §6",
        "Look at the library that sends it; receivers close the whole connection, with every WebSocket on it.";
    /// A sender sends more than its receiver allows at that time.
    H2WindowExceeded = "h2-window-exceeded", Error, "RFC 9113 §6.9.1",
        "Have the sender count what it sends, padding included, against both windows; receivers answer FLOW_CONTROL_ERROR.";
    /// A message waited because the receiver allowed no more bytes.
    H2WindowStalled = "h2-window-stalled", Warning, "RFC 9113 §5.2",
        "Look at what the receiving program does at that time, or have it allow more (INITIAL_WINDOW_SIZE for a stream, WINDOW_UPDATE for the connection).";
    /// One lost TCP segment held up several WebSockets, as they share a connection.
    H2LossStalled = "h2-loss-stalled", Note, "RFC 9293 §3.8",
        "Know that streams of one connection wait for each other where packets are lost; connections of their own, or HTTP/3, do not.";
    /// Several WebSockets ended at once because the server gave up their connection.
    H2GoAway = "h2-goaway", Warning, "RFC 9113 §6.8",
        "Have the server announce its restart, and clients come back at different times; every stream of the connection ends with it.";

    // ws
    /// The capture holds what one side sent only.
    OneDirection = "one-direction", Note, "RFC 9293 §3.4",
        "Nothing is wrong with what is shown; what the other side said cannot be known from this capture.";
    /// Where frames begin is no longer known, since bytes are missing.
    FramingLost = "framing-lost", Warning, "RFC 6455 §5.2",
        "Mend the capture; frames between the loss and the next header found are not shown.";
    /// Where frames begin was found again, by their likeness.
    FramingFound = "framing-found", Note, "RFC 6455 §5.2",
        "Read on with care: the messages from here on stand on a guess, a very likely one.";
    /// Where frames begin was not found again.
    FramingNotFound = "framing-not-found", Warning, "RFC 6455 §5.2",
        "Mend the capture; the rest of this direction could not be read.";
    /// Where a frame should begin stands what no peer sends as a header.
    OutOfStep = "out-of-step", Error, "RFC 6455 §5.2",
        "Look for two writers on one connection without a lock between them, or a length that does not fit its payload; receivers close the connection.";
    /// Where a frame should begin stands an HTTP message.
    HttpInStream = "http-in-stream", Error, "RFC 6455 §4.2.2",
        "Look for a proxy, a load balancer or a second server that answers on a connection that was upgraded already.";
    /// A frame announces an impossible length: 64 bits with the highest one set.
    LengthTopBit = "length-top-bit", Error, "RFC 6455 §5.2",
        "Look for a sender that writes negative lengths or no WebSocket at all; no receiver can read on behind it.";
    /// A frame's length is written in a longer form than it needs.
    LengthNotMinimal = "length-not-minimal", Error, "RFC 6455 §5.2",
        "Have the sender use the shortest form (7 bits up to 125 bytes, 16 bits up to 65,535); strict receivers close the connection.";
    /// The server masked a frame, which only clients do.
    MaskFromServer = "mask-from-server", Error, "RFC 6455 §5.1",
        "Have the server send frames as they are; clients close the connection on a mask.";
    /// The client sent a frame without the mask that keeps proxies from mistaking it for HTTP.
    NoMaskFromClient = "no-mask-from-client", Error, "RFC 6455 §5.1",
        "Have the client mask its frames with four random bytes each; servers close the connection otherwise.";
    /// The client masks with zeros, which leaves its bytes as they are.
    MaskKeyZero = "mask-key-zero", Error, "RFC 6455 §5.3",
        "Have the client take four fresh random bytes for each frame; the mask is there to keep scripts from writing chosen bytes to the wire.";
    /// The client masks frame after frame with the same key.
    MaskKeyConstant = "mask-key-constant", Error, "RFC 6455 §5.3",
        "Have the client take four fresh random bytes for each frame; a key that can be foreseen protects nobody.";
    /// A frame uses header bits that mean nothing here: RSV2 or RSV3.
    ReservedBit = "reserved-bit", Error, "RFC 6455 §5.2",
        "Look for an extension that one side uses without agreement; receivers close the connection on this.";
    /// A frame is of a kind that does not exist.
    ReservedOpcode = "reserved-opcode", Error, "RFC 6455 §5.2",
        "Look for a sender that lost its place in the stream, or for bytes missing or added on the way; receivers close the connection on this.";
    /// A frame is marked as compressed although no compression was agreed.
    Rsv1WithoutExtension = "rsv1-without-extension", Error, "RFC 6455 §5.2",
        "Look for a proxy that removed Sec-WebSocket-Extensions from one side's handshake, or have the sender not compress; receivers close the connection.";
    /// A text message is compressed and lacks the mark of compression, RSV1.
    Rsv1Missing = "rsv1-missing", Error, "RFC 7692 §6",
        "Have the sender set RSV1 on the first frame of each message that it compresses; the receiver takes this one as it is, and fails it as no UTF-8.";
    /// A control frame (close, ping or pong) is marked as compressed.
    Rsv1OnControl = "rsv1-on-control", Error, "RFC 7692 §6.1",
        "Have the sender leave control frames uncompressed and their RSV1 bit clear.";
    /// The mark of compression stands on a later fragment of a message instead of the first alone.
    Rsv1OnContinuation = "rsv1-on-continuation", Error, "RFC 7692 §6.1",
        "Have the sender set RSV1 on a message's first frame only; the bit was ignored here, strict receivers close the connection.";
    /// A frame continues a message that was never begun.
    ContinuationWithoutStart = "continuation-without-start", Error, "RFC 6455 §5.4",
        "Have the sender begin a fragmented message with a text or binary frame.";
    /// A message began before the one before it was complete.
    MessageInterrupted = "message-interrupted", Error, "RFC 6455 §5.4",
        "Look for two threads that send on one connection without a lock.";
    /// A control frame (close, ping or pong) was cut in fragments.
    ControlFragmented = "control-fragmented", Error, "RFC 6455 §5.5",
        "Have the sender keep control frames whole.";
    /// A control frame (close, ping or pong) carries more than 125 bytes.
    ControlTooLong = "control-too-long", Error, "RFC 6455 §5.5",
        "Have the sender shorten a close reason or ping payload to 125 bytes in all.";
    /// A peer sent data after its close frame, which says that it sends no more.
    DataAfterClose = "data-after-close", Error, "RFC 6455 §5.5.1",
        "Have the sender stop after its close frame; the receiver throws away what follows.";
    /// A close frame carries one byte, half a status code.
    CloseOneByte = "close-one-byte", Error, "RFC 6455 §5.5.1",
        "Send a close frame with nothing in it or with a code of two bytes first.";
    /// A close frame carries a status code that never goes over the wire.
    CloseCodeInvalid = "close-code-invalid", Error, "RFC 6455 §7.4",
        "Have the sender use 1000–1003, 1007–1014 or 3000–4999; 1005, 1006 and 1015 are what a library tells its own program.";
    /// The reason in a close frame is not UTF-8.
    CloseReasonNotUtf8 = "close-reason-not-utf8", Error, "RFC 6455 §5.5.1",
        "Have the sender encode its reason as UTF-8, and cut long ones between characters.";
    /// A text message is not UTF-8.
    TextNotUtf8 = "text-not-utf8", Error, "RFC 6455 §8.1",
        "Have the sender use a binary message or encode its text as UTF-8; receivers close the connection with 1007.";
    /// A message is longer than wscope keeps.
    PayloadTruncated = "payload-truncated", Note, "wscope limits",
        "Nothing is wrong: sizes are right, the shown payload is its first part.";

    // deflate
    /// A message marked as compressed cannot be decompressed.
    DeflateInvalid = "deflate-invalid", Error, "RFC 7692 §7.2.2",
        "Look at the sender's compression or for a proxy that changes bytes; the receiver cannot read this message nor, where contexts are kept, those after it.";
    /// A compressed message has a zlib or gzip header, where bare DEFLATE data belong.
    ZlibHeader = "zlib-header", Error, "RFC 7692 §7.2.1",
        "Have the sender make raw DEFLATE (with zlib: negative window bits, as in deflateInit2(…, -15, …)).";
    /// A compressed message copies from before the beginning of what its receiver keeps.
    DistanceTooFar = "distance-too-far", Error, "RFC 1951 §2",
        "Look for a sender that keeps its context although a reset was agreed, or that compressed messages it never sent.";
    /// A compressed message copies from farther back than the agreed window reaches.
    DistanceBeyondWindow = "distance-beyond-window", Error, "RFC 7692 §7.1.2",
        "Have the sender compress with the agreed window, for a receiver may keep no more.";
    /// A sender copies from earlier messages although it agreed to begin each one anew.
    ContextKept = "context-kept", Error, "RFC 7692 §7.1.1",
        "Have the sender reset its compressor after each message, or not agree to no_context_takeover; receivers that reset cannot read its messages.";
    /// A compressed message still has the four bytes that its sender must cut off its end.
    KeptFlushMarker = "kept-flush-marker", Error, "RFC 7692 §7.2.1",
        "Have the sender cut 00 00 ff ff off the end of each compressed message.";
    /// A compressed message does not end as it must, so that the four bytes cut off it cannot be put back.
    FlushMissing = "flush-missing", Error, "RFC 7692 §7.2.1",
        "Have the sender flush (Z_SYNC_FLUSH) and cut four bytes off; an empty message is the one byte 00, and a final block is followed by 00.";
    /// A compressed message ends its DEFLATE stream, which is legal and rare.
    FinalBlock = "final-block", Note, "RFC 7692 §7.2.3.4",
        "Nothing is wrong, but some receivers stumble over it; senders do better to flush than to finish.";
    /// A small compressed message becomes a very large one.
    ExpansionBomb = "expansion-bomb", Warning, "RFC 7692 §8",
        "Have the receiver bound what it inflates, and look at who sends this: it may be meant to use up memory.";

    // subprotocols
    /// A message of Engine.IO or Socket.IO cannot be read.
    SocketioMalformed = "socketio-malformed", Error, "Socket.IO protocol, \"Packet encoding\"",
        "Look for a client and a server of versions that do not fit, or for a plain WebSocket client: a packet begins with its type as a digit.";
    /// Binary attachments of a Socket.IO packet are missing, or one came without a packet.
    SocketioAttachments = "socketio-attachments", Error, "Socket.IO protocol, \"Packet encoding\"",
        "Look for two threads that send on one connection: the packet and its attachments follow each other; receivers close the connection otherwise.";
    /// An acknowledgement of Socket.IO came for no event, or a second time.
    SocketioAckUnasked = "socketio-ack-unasked", Warning, "Socket.IO protocol, \"Acknowledgement\"",
        "Look for a handler that calls its acknowledgement twice; the second one is thrown away.";
    /// A client sent an event to a namespace that the server has not let it into.
    SocketioNotConnected = "socketio-not-connected", Error, "Socket.IO protocol, \"Connection to a namespace\"",
        "Have the client wait for the server's CONNECT of the namespace; servers close the connection on this.";
    /// The server refused a namespace of Socket.IO.
    SocketioRefused = "socketio-refused", Warning, "Socket.IO protocol, \"Connection to a namespace\"",
        "Read the message: a middleware of the server refused the client (often its token), or the namespace does not exist.";
    /// A ping or a pong of Engine.IO came later than was agreed, or not at all.
    SocketioPingLate = "socketio-ping-late", Warning, "Engine.IO protocol, \"Heartbeat\"",
        "Look at what keeps that side's program busy, or for a lost network; the other side closes with `ping timeout`.";

    /// A message is none of SockJS.
    SockjsMalformed = "sockjs-malformed", Error, "SockJS protocol, \"Framing\"",
        "Have a client without SockJS use the raw endpoint, whose path is the prefix and `/websocket`.";
    /// A side of SockJS said why it ends the session.
    SockjsClosed = "sockjs-closed", Warning, "SockJS protocol, \"Framing\"",
        "Read the code and the reason; 2010 says that the session has another connection, 3000 that the server wants no more.";

    /// A packet of MQTT cannot be read.
    MqttMalformed = "mqtt-malformed", Error, "MQTT 5 §4.13",
        "Look at the sender's library; the receiver closes the connection on such a packet.";
    /// MQTT was sent in a text message.
    MqttTextMessage = "mqtt-text-message", Error, "MQTT 5 §6.0",
        "Have the sender use binary messages; the receiver closes the connection on a text.";
    /// A connection of MQTT does not begin with CONNECT and CONNACK, or has a second CONNECT.
    MqttConnectOrder = "mqtt-connect-order", Error, "MQTT 5 §3.1",
        "Have the client open a new connection to connect again; the server closes this one.";
    /// A client of MQTT was silent for longer than its keep-alive allows.
    MqttKeepAlive = "mqtt-keep-alive", Warning, "MQTT 5 §3.1.2.10",
        "Have the client send PINGREQ in time, or ask for a longer keep-alive; after one and a half times of it the server closes. WebSocket pings do not count.";
    /// A packet of MQTT was refused.
    MqttRefused = "mqtt-refused", Warning, "MQTT 5 §2.4",
        "Read the reason code: most are about credentials, rights on a topic, or limits of the server.";
    /// A side of MQTT said why it ends the connection.
    MqttDisconnected = "mqtt-disconnected", Warning, "MQTT 5 §3.14",
        "Read the reason code; with `session taken over` two clients use one client identifier.";
    /// A topic alias of MQTT stands for nothing, or is beyond what the receiver takes.
    MqttTopicAlias = "mqtt-topic-alias", Error, "MQTT 5 §3.3.2.3.4",
        "Have the sender say the topic with the alias first, keep to the receiver's Topic Alias Maximum, and begin anew on each connection.";
    /// A packet identifier of MQTT was used again while it was in use.
    MqttIdReused = "mqtt-id-reused", Error, "MQTT 5 §2.2.1",
        "Have the sender wait for the last acknowledgement before it uses a packet identifier again.";
    /// An acknowledgement of MQTT is for no packet that waits for it.
    MqttAckUnasked = "mqtt-ack-unasked", Warning, "MQTT 5 §4.3",
        "Look for a receiver that acknowledges twice, or that knows no quality of service 2: RabbitMQ's plugin treats it as 1.";
    /// A sender of MQTT has more messages under way than its receiver allows.
    MqttReceiveMaximum = "mqtt-receive-maximum", Error, "MQTT 5 §4.9",
        "Have the sender wait for acknowledgements once Receive Maximum messages are open.";

    /// A message of GraphQL is not valid.
    GraphqlMalformed = "graphql-malformed", Error, "graphql-transport-ws, \"Invalid message\"",
        "Have the sender send JSON objects with one of the protocol's types, in text messages; servers close with 4400.";
    /// The messages are of the other GraphQL protocol than the one that was agreed.
    GraphqlDialect = "graphql-dialect", Error, "graphql-transport-ws, \"Message types\"",
        "Mind the names: the package graphql-ws speaks graphql-transport-ws, and subscriptions-transport-ws speaks graphql-ws; use the same on both sides.";
    /// A client of GraphQL sent an operation before the connection was acknowledged.
    GraphqlNotInitialised = "graphql-not-initialised", Error, "graphql-transport-ws, \"Subscribe\"",
        "Have the client send connection_init and wait for connection_ack; servers close with 4401.";
    /// A client of GraphQL gave an operation the id of one that goes on.
    GraphqlIdReused = "graphql-id-reused", Error, "graphql-transport-ws, \"Subscribe\"",
        "Have the client use a fresh id for each operation; servers close with 4409.";
    /// The server refused a GraphQL connection, or a side closed it for a reason of GraphQL.
    GraphqlRefused = "graphql-refused", Warning, "graphql-transport-ws, \"Message types\"",
        "Read the code and the reason; 4401 and 4403 are about credentials in connection_init, 4408 about a client that waits too long.";

    /// A message of JSON-RPC is no call and no answer.
    JsonrpcMalformed = "jsonrpc-malformed", Error, "JSON-RPC 2.0 §4, §5",
        "Mend the sender: a call has a method, an answer has an id and either a result or an error.";
    /// An answer of JSON-RPC has the id of no call, or came twice.
    JsonrpcAnswerUnasked = "jsonrpc-answer-unasked", Warning, "JSON-RPC 2.0 §5",
        "Look for a receiver that answers notifications or answers twice, or that changes the id's type: 1 and \"1\" differ.";
    /// A call of JSON-RPC has the id of one that is not answered yet.
    JsonrpcIdReused = "jsonrpc-id-reused", Warning, "JSON-RPC 2.0 §4",
        "Have the caller count its ids; nobody can tell which of the calls an answer is for.";

    /// A message of WAMP cannot be read.
    WampMalformed = "wamp-malformed", Error, "WAMP, \"Message Definitions\"",
        "Look at the sender's library and the agreed serialiser; the receiver ends the session with a protocol violation.";
    /// A session of WAMP was refused or ended because of an error.
    WampAborted = "wamp-aborted", Warning, "WAMP, \"Session Close\"",
        "Read the reason: most are about the realm, the credentials, or a router that goes down.";
    /// An answer of WAMP is for no request that is open.
    WampAnswerUnasked = "wamp-answer-unasked", Warning, "WAMP, \"IDs\"",
        "Look for a callee that yields twice, or an answer that came after its call was cancelled.";

    /// A message of OCPP cannot be read.
    OcppMalformed = "ocpp-malformed", Error, "OCPP-J 1.6 §4.2",
        "Mend the sender: a message is an array of a type, an id and what belongs to the type.";
    /// A side of OCPP sent a call before its last one was answered.
    OcppCallOverlap = "ocpp-call-overlap", Error, "OCPP-J 1.6 §4.1.1",
        "Have the sender wait for the answer, or for its time limit, before the next call; small stations drop what comes earlier.";
    /// An answer of OCPP is for no call that is open.
    OcppAnswerUnasked = "ocpp-answer-unasked", Warning, "OCPP-J 1.6 §4.2.2",
        "Look for an answer that came late or twice, or an error in reply to what was no call.";

    /// A message of SIP cannot be read.
    SipMalformed = "sip-malformed", Error, "RFC 3261 §7, RFC 7118 §5",
        "Mend the sender: a WebSocket message is one request or response with Via, Call-ID, CSeq, From and To, and nothing else.";
    /// A response of SIP is for no request that is open.
    SipAnswerUnasked = "sip-answer-unasked", Warning, "RFC 3261 §17.1.3",
        "Look for a response that came again or late, or for a changed branch in the topmost Via.";

    // operations
    /// The offer of compression is gone behind a proxy.
    OfferStripped = "offer-stripped", Warning, "RFC 7692 §5",
        "Have the proxy pass Sec-WebSocket-Extensions on, or compression will never be used.";
    /// What the server agreed to does not reach the client.
    AnswerStripped = "answer-stripped", Error, "RFC 6455 §9.1",
        "Have the proxy pass Sec-WebSocket-Extensions of the response on, or remove it from the request too; else the server compresses and the client fails.";
    /// The client offered compression and the server does not use it.
    CompressionDeclined = "compression-declined", Note, "RFC 7692 §5",
        "Switch permessage-deflate on at the server if messages are long or alike; otherwise nothing is wrong.";
    /// Compression was agreed and hardly a message uses it.
    CompressionUnused = "compression-unused", Note, "RFC 7692 §6",
        "Lower the sender's size threshold, or leave the extension out and save its memory.";
    // subprotocol: STOMP
    /// The server has sent a STOMP ERROR frame, after which it closes the connection.
    StompError = "stomp-error", Error, "STOMP 1.2, ERROR",
        "Read the error's message and body; where it names no cause, look at the frame that it answers, or the last one before it.";
    /// A STOMP frame breaks the protocol's form.
    StompFrameInvalid = "stomp-frame-invalid", Error, "STOMP 1.2, STOMP Frames",
        "Mend the sender: a frame is a command, lines of name:value, an empty line, a body and a NUL.";
    /// A header of a STOMP frame has an escape that does not exist.
    StompEscapeUndefined = "stomp-escape-undefined", Error, "STOMP 1.2, Value Encoding",
        "Have the sender write a backslash as two; receivers treat other escapes as a fatal error.";
    /// The content-length of a STOMP frame is wrong.
    StompLengthWrong = "stomp-length-wrong", Error, "STOMP 1.2, content-length",
        "Have the sender count bytes, not characters, or leave the header out where a body has no NUL; receivers lose their place in the stream.";
    /// A STOMP frame has no NUL at its end.
    StompNulMissing = "stomp-nul-missing", Warning, "STOMP 1.2, STOMP Frames",
        "Look for a WebSocket library between that cuts texts at a NUL; stompjs has appendMissingNULLonIncoming for it.";
    /// A client sends CONNECT on a STOMP session that is open.
    StompConnectAgain = "stomp-connect-again", Error, "STOMP 1.2, Connecting",
        "Have the client open a new WebSocket for a new session; brokers refuse a second CONNECT.";
    /// A STOMP message comes for a subscription that does not exist.
    StompSubscriptionUnknown = "stomp-subscription-unknown", Warning, "STOMP 1.2, MESSAGE",
        "Look at whether it was on its way when the client unsubscribed; otherwise the server mixes up subscriptions, and the client drops it.";
    /// A side that agreed to STOMP heart-beats has sent none.
    StompHeartBeatNever = "stomp-heart-beat-never", Error, "STOMP 1.2, Heart-beating",
        "Look for what answers CONNECT in place of the real end (SockJS, a relay), or switch heart-beats off; the other side takes this one for dead.";
    /// A STOMP heart-beat was missed: the other side may take this one for dead.
    StompHeartBeatMissed = "stomp-heart-beat-missed", Error, "STOMP 1.2, Heart-beating",
        "Look at what held the sender up (a blocked thread, a browser tab in the background), or agree on a longer interval.";
    /// A STOMP heart-beat was late.
    StompHeartBeatLate = "stomp-heart-beat-late", Warning, "STOMP 1.2, Heart-beating",
        "Nothing is lost yet; receivers wait for twice the interval or longer. Look at what holds the sender up.";
    /// A STOMP client has asked for receipts that did not come.
    StompReceiptMissing = "stomp-receipt-missing", Warning, "STOMP 1.2, RECEIPT",
        "Look at what the server did with these frames; the client cannot know whether they were processed.";
    /// A STOMP client has not acknowledged messages.
    StompUnacknowledged = "stomp-unacknowledged", Warning, "STOMP 1.2, SUBSCRIBE",
        "Have the client send ACK for each message (mode client-individual) or for the last of several (mode client); the broker delivers the others again.";
    /// A STOMP transaction is still open at the end.
    StompTransactionOpen = "stomp-transaction-open", Warning, "STOMP 1.2, BEGIN",
        "Have the client send COMMIT or ABORT; what it sent in the transaction is dropped when the connection ends.";
    /// A STOMP relay carries on what the client of another connection says.
    StompRelayLeg = "stomp-relay-leg", Note, "STOMP 1.2, SEND",
        "Read both connections together: a session of the client is two here, each with its own heart-beats.";
    /// What happened on one leg of a STOMP relay ended the other.
    StompRelayCause = "stomp-relay-cause", Warning, "STOMP 1.2, ERROR",
        "Look at the connection that it names: what has to be mended is there, not on this one.";
    /// An answer took much longer than the others of its connection.
    AnswerSlow = "answer-slow", Note, "its subprotocol",
        "See which calls are slow with `wscope stats --by subject`, and look at what the answering side was busy with.";
    /// Something that its subprotocol has answered was never answered.
    Unanswered = "unanswered", Note, "its subprotocol",
        "See each with `wscope messages --json` (type pending); look at whether the other side got it, and whether the asking side has a time limit.";
    /// A client that lost its connection came again without a subscription that it had.
    SubscriptionNotRenewed = "subscription-not-renewed", Warning, "its subprotocol",
        "Have the client subscribe again each time it connects; it goes on, and gets nothing more of what is missing.";
    /// Compression saves next to nothing on this traffic.
    CompressionNoGain = "compression-no-gain", Note, "RFC 7692 §7.2.1",
        "Send such data uncompressed (short, random, or compressed already, like images), or keep the context between messages.";
    /// Compressed messages are longer than they were.
    MessagesGrew = "messages-grew", Note, "RFC 7692 §7.2.1",
        "Set a size threshold at the sender, so that short or incompressible messages go as they are.";
    /// A peer closed the connection because of an error.
    ClosedForError = "closed-for-error", Warning, "RFC 6455 §7.4.1",
        "Look at what the other side sent just before: the code says what this side could not accept.";
    /// A peer got a close frame and ended the connection without answering it.
    CloseUnanswered = "close-unanswered", Warning, "RFC 6455 §5.5.1",
        "Have the receiver of a close frame answer with one; the other side cannot tell a clean end from a crash.";
    /// The connection ended without a close frame.
    EndedWithoutClose = "ended-without-close", Warning, "RFC 6455 §7.1.5",
        "Look for a crash, a network change or a proxy at the side that ended it; both programs see code 1006.";
    /// The connection was ended while nothing was sent, as proxies do with idle ones.
    IdleTimeout = "idle-timeout", Warning, "RFC 6455 §7.1.5",
        "Send pings more often than the limit, or raise the proxy's limit (nginx: proxy_read_timeout, 60 s; load balancers: idle timeout).";
    /// A ping got no answer.
    PingUnanswered = "ping-unanswered", Warning, "RFC 6455 §5.5.2",
        "Look at whether the other side's program is blocked or its network gone; pongs are due at once.";
    /// A ping was answered late.
    PongSlow = "pong-slow", Note, "RFC 6455 §5.5.2",
        "Look at what the answering side was busy with, or what large message stood in front of the pong.";
    /// A client connects again and again in quick succession.
    ReconnectStorm = "reconnect-storm", Warning, "RFC 6455 §7.2.3",
        "Have the client wait longer after each failure, with some chance in it, and look at why its connections end.";
    /// A large message held up those behind it.
    HeadOfLine = "head-of-line", Note, "RFC 6455 §5.4",
        "Cut large messages in parts in the application, or move them to a connection of their own.";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Code {
    /// Whether it stands for other findings, which it explains.
    pub fn is_cause(self) -> bool {
        self.name().starts_with("cause-")
    }

    /// The code of that name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}
