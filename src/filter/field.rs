//! The fields of a message.
//!
//! Job: one table of names, kinds and meanings, from which the manual is checked. Input and
//! output: none.

use std::fmt;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A number.
    Number,
    /// A text.
    Text,
    /// One of a few names.
    Name(&'static [&'static str]),
    /// Yes or no.
    Truth,
}

impl Kind {
    /// As the manual names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Text => "text",
            Self::Name(_) => "name",
            Self::Truth => "yes or no",
        }
    }
}

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $name:literal, $kind:expr, $help:literal;)*) => {
        /// A field of a message.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Field { $($(#[$doc])* $variant,)* }

        impl Field {
            /// Every field, in the order of the manual.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// As it is typed.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it holds.
            pub fn kind(self) -> Kind {
                match self { $(Self::$variant => $kind,)* }
            }

            /// What it means.
            pub fn help(self) -> &'static str {
                match self { $(Self::$variant => $help,)* }
            }
        }
    };
}

const PEERS: &[&str] = &["client", "server"];
const OPCODES: &[&str] = &[
    "text",
    "binary",
    "close",
    "ping",
    "pong",
    "continuation",
    "reserved-3",
    "reserved-4",
    "reserved-5",
    "reserved-6",
    "reserved-7",
    "reserved-11",
    "reserved-12",
    "reserved-13",
    "reserved-14",
    "reserved-15",
];
const UNIT_STATUSES: &[&str] = &["ok", "error", "partial"];
const TRANSPORTS: &[&str] = &["h1", "h2"];
const ENDS: &[&str] = &[
    "close",
    "close-unanswered",
    "fin",
    "rst",
    "stream-reset",
    "idle",
    "open",
];
const STATUSES: &[&str] = &["complete", "partial", "lost"];

fields! {
    /// The connection's number.
    Connection = "connection", Kind::Number, "number of the connection";
    /// The number of its stream of HTTP/2.
    Stream = "stream", Kind::Number, "number of its stream, where the connection speaks HTTP/2";
    /// The message's number.
    Message = "message", Kind::Number, "number of the message on its connection";
    /// Who sent it.
    From = "from", Kind::Name(PEERS), "who sent it";
    /// What it is.
    OpCode = "opcode", Kind::Name(OPCODES), "what it is";
    /// Not data.
    Control = "control", Kind::Truth, "a close, ping or pong, or another control frame";
    /// Seconds since the first packet.
    Time = "time", Kind::Number, "seconds from the capture's first packet to the one that completed it";
    /// The packet that completed it.
    Packet = "packet", Kind::Number, "number of the packet that completed it, in its file";
    /// Frames it came in.
    Frames = "frames", Kind::Number, "frames it came in";
    /// Bytes of its frames.
    WireBytes = "wire_bytes", Kind::Number, "bytes of its frames, headers included";
    /// Bytes of its payload as sent.
    CompressedBytes = "compressed_bytes", Kind::Number, "bytes of its payload as sent, where it was compressed";
    /// Bytes of its payload.
    PayloadBytes = "payload_bytes", Kind::Number, "bytes of its payload after inflation";
    /// Payload bytes for each compressed one.
    Ratio = "ratio", Kind::Number, "payload bytes for each compressed byte; below 1 the message grew";
    /// It was compressed.
    Compressed = "compressed", Kind::Truth, "its payload was compressed";
    /// How much is known.
    Status = "status", Kind::Name(STATUSES), "how much of it is known";
    /// Why it is not complete.
    Reason = "reason", Kind::Text, "why it is not complete, as JSON spells it: history-lost and the like";
    /// Longer than is kept.
    Truncated = "truncated", Kind::Truth, "longer than wscope keeps";
    /// A finding stands on it.
    Finding = "finding", Kind::Truth, "a finding stands on it";
    /// The payload as text.
    Text = "text", Kind::Text, "its payload as text, as far as it is known; bytes that are no UTF-8 match no letter";
    /// The code of a close frame.
    CloseCode = "close_code", Kind::Number, "the code of a close frame";
    /// Host of the request.
    Host = "host", Kind::Text, "Host of the connection's request";
    /// Target of the request.
    Target = "target", Kind::Text, "target of the connection's request";
    /// The HTTP that opened the connection.
    Transport = "transport", Kind::Name(TRANSPORTS), "the HTTP that it was opened with: h1 by an upgrade, h2 on a stream";
    /// Host of the request, as HTTP/2 calls it.
    Authority = "authority", Kind::Text, "the same as `host`, by the name that HTTP/2 has for it";
    /// Target of the request, as HTTP/2 calls it.
    Path = "path", Kind::Text, "the same as `target`, by the name that HTTP/2 has for it";
    /// The chosen subprotocol.
    Subprotocol = "subprotocol", Kind::Text, "the subprotocol that the server chose";
    /// The protocol of a unit.
    Protocol = "protocol", Kind::Text, "subprotocol of a unit in it, by its name here: stomp and the like";
    /// What its protocol calls a unit.
    UnitKind = "kind", Kind::Text, "what the protocol calls a unit in it: MESSAGE, PUBLISH, request";
    /// What a unit is about.
    Subject = "subject", Kind::Text, "destination, topic, event or method of a unit in it";
    /// The id of a unit.
    UnitId = "unit.id", Kind::Text, "id of a unit in it";
    /// How a unit went.
    UnitStatus = "unit.status", Kind::Name(UNIT_STATUSES), "how a unit in it went";
    /// Seconds since what a unit answers.
    Latency = "latency", Kind::Number, "seconds from the last unit that a unit in it answers";
    /// The client's end.
    Client = "client", Kind::Text, "the client's address and port";
    /// The server's end.
    Server = "server", Kind::Text, "the server's address and port";
    /// The process that has an end of the connection.
    Process = "process", Kind::Text, "name of a process of this machine that has an end of the connection; with -i only";
    /// Its number.
    Pid = "pid", Kind::Number, "number of such a process; with -i only";
    /// How the connection ended.
    End = "end", Kind::Name(ENDS), "how the connection ended";
    /// Who ended it.
    ClosedBy = "closed_by", Kind::Name(PEERS), "who ended the connection";
    /// The code of the close frame that came first.
    EndCode = "end_code", Kind::Number, "code of the close frame that came first; 1005 for one without a code";
    /// Seconds without a message before the end.
    Silence = "silence", Kind::Number, "seconds from the last message to what ended the connection";
}

impl Field {
    /// The field of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|field| field.name() == name)
    }

    /// Whether the connection answers for all of its messages.
    pub fn is_of_connection(self) -> bool {
        matches!(
            self,
            Self::Connection
                | Self::Stream
                | Self::Transport
                | Self::Host
                | Self::Authority
                | Self::Target
                | Self::Path
                | Self::Subprotocol
                | Self::Client
                | Self::Server
        ) || self.is_of_end()
            || self.is_of_process()
    }

    /// Whether only the system knows it, while the connection is there.
    pub fn is_of_process(self) -> bool {
        matches!(self, Self::Process | Self::Pid)
    }

    /// Whether it is known only when the connection is over.
    pub fn is_of_end(self) -> bool {
        matches!(
            self,
            Self::End | Self::ClosedBy | Self::EndCode | Self::Silence
        )
    }

    /// Whether an index without payloads cannot answer.
    pub fn is_payload(self) -> bool {
        matches!(self, Self::Text | Self::CloseCode) || self.is_of_unit()
    }

    /// Whether units answer, not messages.
    pub fn is_of_unit(self) -> bool {
        matches!(
            self,
            Self::Protocol
                | Self::UnitKind
                | Self::Subject
                | Self::UnitId
                | Self::UnitStatus
                | Self::Latency
        )
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
