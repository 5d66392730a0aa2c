//! The codes of what goes wrong over time; those of STOMP are among them.
//!
//! Job: a part of the table, behind those before it. Input and output: none; see
//! [`Code`](super::Code).

macro_rules! operations {
    ($next:ident $($later:ident)* | $($before:tt)*) => {
        $next! { $($later)* | $($before)*

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
    };
}
pub(super) use operations;
