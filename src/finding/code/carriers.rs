//! The codes of causes, of TCP and of TLS.
//!
//! Job: a part of the table, behind those before it. Input and output: none; see
//! [`Code`](super::Code).

macro_rules! carriers {
    ($next:ident $($later:ident)* | $($before:tt)*) => {
        $next! { $($later)* | $($before)*

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
        }
    };
}
pub(super) use carriers;
