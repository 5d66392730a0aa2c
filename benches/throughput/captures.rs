//! Which captures there are.
//!
//! Job: name them, and make each where it is not there yet. Input: what is [`Wanted`]. Output: [`Capture`]s and
//! their files.

use std::fs;
use std::io;
use std::path::PathBuf;

use super::generate::{self, Length};
use super::kind::{Carried, Kind};

/// Connections that are open at once.
const CONNECTIONS: u16 = 200;

/// Streams of HTTP/2 on each connection.
const STREAMS: usize = 50;

/// How many times fewer connections with streams there are.
const FEWER: usize = 10;

/// How many times longer the capture is by which memory is compared.
const LONGER: u64 = 10;

/// Which captures to compare on.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Wanted {
    /// Megabytes of each capture, 1 to 1000.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=1000))]
    size: u64,

    /// Connections that are open at once; those of HTTP/2 are a tenth, with 50 streams each.
    #[arg(long, default_value_t = CONNECTIONS, value_parser = clap::value_parser!(u16).range(10..=10_000))]
    connections: u16,

    /// Only this kind of capture.
    #[arg(long, value_enum)]
    kind: Option<Kind>,

    /// Only captures under TLS, each with its key log.
    #[arg(long)]
    tls: bool,

    /// Only HTTP/2, and the same messages over HTTP/1.1.
    #[arg(long)]
    http2: bool,

    /// Without the capture ten times as long, by which memory is compared.
    #[arg(long)]
    no_memory: bool,

    /// Where captures are put.
    #[arg(long, default_value = "bench-data")]
    data: PathBuf,
}

/// What carries a capture's `WebSockets`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    /// HTTP/1.1.
    Usual,
    /// The same, for longer.
    Longer,
    /// Streams of HTTP/2.
    Http2,
    /// HTTP/1.1, with the messages of [`Over::Http2`].
    SameAsHttp2,
}

/// A capture.
#[derive(Debug)]
pub(crate) struct Capture {
    kind: Kind,
    tls: bool,
    pub(crate) over: Over,
    /// Connections, where each has one WebSocket.
    connections: u16,
    megabytes: u64,
    data: PathBuf,
}

impl Over {
    const ALL: [Self; 4] = [Self::Usual, Self::Longer, Self::SameAsHttp2, Self::Http2];
}

impl Wanted {
    /// All captures that are wanted.
    pub(crate) fn captures(&self) -> Vec<Capture> {
        let mut captures = Vec::new();
        for kind in Kind::ALL {
            for tls in [false, true] {
                captures.extend(Over::ALL.map(|over| self.capture(kind, tls, over)));
            }
        }
        captures.retain(|capture| self.wants(capture));
        captures
    }

    fn wants(&self, capture: &Capture) -> bool {
        let Capture {
            kind, tls, over, ..
        } = *capture;
        if self.kind.is_some_and(|only| only != kind) || self.tls && !tls {
            return false;
        }
        match over {
            // Plain payloads under TLS take what the other kinds show.
            Over::Usual => !self.http2 && (!tls || kind != Kind::Plain),
            // One kind shows whether memory grows with the file.
            Over::Longer => {
                let growing = self.kind.unwrap_or(Kind::Small) == kind;
                growing && !tls && !self.http2 && !self.no_memory
            }
            Over::SameAsHttp2 | Over::Http2 => true,
        }
    }

    fn capture(&self, kind: Kind, tls: bool, over: Over) -> Capture {
        let longer = if over == Over::Longer { LONGER } else { 1 };
        Capture {
            kind,
            tls,
            over,
            connections: self.connections,
            megabytes: self.size * longer,
            data: self.data.clone(),
        }
    }
}

impl Capture {
    /// Its name in the table.
    pub(crate) fn title(&self) -> String {
        let tls = if self.tls { "wss-" } else { "" };
        let over = match self.over {
            Over::Usual | Over::Longer => "",
            Over::Http2 => "-http2",
            Over::SameAsHttp2 => "-http1",
        };
        let (kind, megabytes) = (self.kind.name(), self.megabytes);
        let among = match self.connections {
            CONNECTIONS => String::new(),
            other => format!("-among-{other}"),
        };
        format!("{tls}{kind}{over}-{megabytes}{among}")
    }

    fn carried(&self) -> Carried {
        let all = usize::from(self.connections);
        let (connections, streams) = match self.over {
            Over::Usual | Over::Longer => (all, None),
            Over::Http2 => (all / FEWER, Some(STREAMS)),
            Over::SameAsHttp2 => (all / FEWER * STREAMS, None),
        };
        Carried {
            connections,
            streams,
            tls: self.tls,
        }
    }

    /// Who talks on it.
    pub(crate) fn talks(&self) -> String {
        let Carried {
            connections,
            streams,
            ..
        } = self.carried();
        let on_each = streams.map_or_else(String::new, |all| format!(" with {all} streams each"));
        format!("{connections} connections{on_each}")
    }

    fn path(&self) -> PathBuf {
        self.data.join(format!("{}.pcap", self.title()))
    }

    /// Its file, made where it is not there yet; under TLS with the key log beside it.
    pub(crate) fn make(&self) -> io::Result<PathBuf> {
        let path = self.path();
        if !path.exists() {
            fs::create_dir_all(&self.data)?;
            let bytes = Length::Bytes(self.megabytes * 1_000_000);
            let length = match self.over {
                Over::SameAsHttp2 => Length::Turns(self.over(Over::Http2).write(bytes)?),
                _ => bytes,
            };
            self.write(length)?;
        }
        Ok(path)
    }

    /// The same over something else.
    pub(crate) fn over(&self, over: Over) -> Self {
        Self {
            over,
            data: self.data.clone(),
            ..*self
        }
    }

    /// Writes the file, and says how many turns it has.
    fn write(&self, length: Length) -> io::Result<u64> {
        let fresh = self.path().with_extension("fresh");
        let turns = generate::capture(&fresh, self.kind, length, self.carried())?;
        fs::rename(&fresh, self.path())?;
        Ok(turns)
    }
}
