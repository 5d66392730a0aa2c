//! The codes of how a WebSocket opens: HTTP/1.1, the parameters of compression, HTTP/2.
//!
//! Job: a part of the table, behind those before it. Input and output: none; see
//! [`Code`](super::Code).

macro_rules! opening {
    ($next:ident $($later:ident)* | $($before:tt)*) => {
        $next! { $($later)* | $($before)*

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
        }
    };
}
pub(super) use opening;
