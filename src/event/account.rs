//! Where every byte of the segments went.
//!
//! Job: count each captured payload byte of TCP once, and each byte of `WebSockets` once. Input:
//! counts. Output: the same, by what became of them.

/// What became of captured bytes, over all connections that were looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Account {
    /// Payload bytes of TCP segments, as captured.
    pub captured: u64,
    /// Handed on in order, once.
    pub delivered: u64,
    /// Of segments that came when their connection was over.
    pub after_end: u64,
    /// How many such segments with payload there were.
    pub segments_after_end: u64,
    /// Delivered to `WebSockets` that lie in no TLS and no HTTP/2.
    pub websocket: u64,
    /// HTTP/1: heads and bodies, preambles of proxies too.
    pub http: u64,
    /// TLS that was read, or partly read: records as they were sent.
    pub tls: u64,
    /// TLS that was not read.
    pub tls_unread: u64,
    /// HTTP/2 without TLS.
    pub http2: u64,
    /// Other protocols, and what was not recognised.
    pub other: u64,
    /// Bytes of `WebSockets`, wherever they lie.
    pub frames: u64,
    /// Of these, headers of frames.
    pub headers: u64,
    /// Payloads of messages that are known wholly or in part.
    pub shown: u64,
    /// Payloads of messages that are lost: nothing of them is known.
    pub not_shown: u64,
    /// Payloads beyond what is kept of a message.
    pub given_up: u64,
}

impl Account {
    /// Bytes of segments that brought nothing new: copies, keep-alive probes, strays, and damaged
    /// copies that were not needed.
    pub fn duplicates(&self) -> u64 {
        let used = self.delivered + self.after_end;
        self.captured.saturating_sub(used)
    }

    /// Bytes of `WebSockets` that belong to no frame that was found.
    pub fn unframed(&self) -> u64 {
        let framed = self.headers + self.shown + self.not_shown + self.given_up;
        self.frames.saturating_sub(framed)
    }

    /// Whether each byte is counted once: no more was used than came, and what was delivered is
    /// what the protocols got.
    pub fn is_balanced(&self) -> bool {
        let protocols = [
            self.websocket,
            self.http,
            self.tls,
            self.tls_unread,
            self.http2,
            self.other,
        ];
        let framed = self.headers + self.shown + self.not_shown + self.given_up;
        self.delivered + self.after_end <= self.captured
            && protocols.iter().sum::<u64>() == self.delivered
            && framed <= self.frames
    }

    /// All that is counted, with names: captured bytes, then bytes of `WebSockets`.
    pub fn parts(&self) -> [(&'static str, u64); 14] {
        [
            ("captured", self.captured),
            ("websocket", self.websocket),
            ("http", self.http),
            ("tls", self.tls),
            ("tls_unread", self.tls_unread),
            ("http2", self.http2),
            ("other", self.other),
            ("duplicate", self.duplicates()),
            ("after_end", self.after_end),
            ("frame_header", self.headers),
            ("shown", self.shown),
            ("not_shown", self.not_shown),
            ("given_up", self.given_up),
            ("unframed", self.unframed()),
        ]
    }

    /// Adds another worker's.
    pub fn add(&mut self, other: &Self) {
        let Self {
            captured,
            delivered,
            after_end,
            segments_after_end,
            websocket,
            http,
            tls,
            tls_unread,
            http2,
            other: others,
            frames,
            headers,
            shown,
            not_shown,
            given_up,
        } = other;
        let sums = [
            (&mut self.captured, captured),
            (&mut self.delivered, delivered),
            (&mut self.after_end, after_end),
            (&mut self.segments_after_end, segments_after_end),
            (&mut self.websocket, websocket),
            (&mut self.http, http),
            (&mut self.tls, tls),
            (&mut self.tls_unread, tls_unread),
            (&mut self.http2, http2),
            (&mut self.other, others),
            (&mut self.frames, frames),
            (&mut self.headers, headers),
            (&mut self.shown, shown),
            (&mut self.not_shown, not_shown),
            (&mut self.given_up, given_up),
        ];
        for (sum, more) in sums {
            *sum += more;
        }
    }
}
