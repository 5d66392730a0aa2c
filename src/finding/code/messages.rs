//! The codes of frames, messages and compressed payloads.
//!
//! Job: a part of the table, behind those before it. Input and output: none; see
//! [`Code`](super::Code).

macro_rules! messages {
    ($next:ident $($later:ident)* | $($before:tt)*) => {
        $next! { $($later)* | $($before)*

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
        "Nothing is wrong: sizes are right, the shown payload is its first part. Of a message 16 MiB are kept, and less where much is in progress at once or where one of several packets inflates to over a hundred times its size; --max-memory raises both.";

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
        }
    };
}
pub(super) use messages;
