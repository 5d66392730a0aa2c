//! Frames about the connection, and about how much may be sent.
//!
//! Job: apply settings, windows, resets and GOAWAY. Input: frames. Output: what they change and show.
//! RFC 9113 §6.4, §6.5, §6.8, §6.9; RFC 8441 §3.

use super::Streams;
use crate::base::{Peer, PerPeer, Stamp};
use crate::finding::{Code, Figure, Sentence};
use crate::http2::flow::Window;
use crate::http2::frame::{ErrorCode, GoAway, Head, Kind, Settings, WindowUpdate, Wrong};
use crate::http2::loss::HeldUp;
use crate::http2::out::{Answer, How, Out, Stall};
use crate::http2::stream::{Role, Stream};
use crate::stream::Stamps;

impl Streams {
    /// A whole frame other than DATA.
    pub(super) fn frame(
        &mut self,
        from: Peer,
        head: Head,
        payload: &[u8],
        at: Stamps,
        out: &mut dyn Out,
    ) {
        // RFC 9113 §6.10: nothing but its next part follows a part of a header block.
        if self.sides[from].is_inside_headers() && head.kind != Kind::CONTINUATION {
            self.wrong(from, head, Wrong::InsideHeaders, at, out);
            self.sides[from].lose_headers();
        }
        let done = match (head.wrong(), head.kind) {
            (Some(wrong), _) => Err(wrong),
            (None, Kind::HEADERS | Kind::CONTINUATION | Kind::PUSH_PROMISE) => {
                self.headers(from, head, payload, at, out)
            }
            (None, Kind::RST_STREAM) => {
                let code = ErrorCode::read(payload);
                self.reset(from, head.stream, code, at.last, out);
                Ok(())
            }
            (None, Kind::SETTINGS) => {
                self.settings(from, head, payload, at.last, out);
                Ok(())
            }
            (None, Kind::WINDOW_UPDATE) => self.update(from, head, payload, at.last, out),
            (None, Kind::GOAWAY) => {
                if let Some(away) = GoAway::read(payload) {
                    self.go_away(from, away, at.last, out);
                }
                Ok(())
            }
            _ => Ok(()),
        };
        if let Err(wrong) = done {
            self.wrong(from, head, wrong, at, out);
            if matches!(
                head.kind,
                Kind::HEADERS | Kind::CONTINUATION | Kind::PUSH_PROMISE
            ) {
                self.sides[from].lose_headers();
            }
        }
    }

    fn settings(&mut self, from: Peer, head: Head, payload: &[u8], at: Stamp, out: &mut dyn Out) {
        let other = from.other();
        if head.flags.ack() {
            // Of what the other end said it is answered.
            let less = self.sides[other].initial.answered();
            return self.resize(from, less, at, out);
        }
        let settings = Settings::read(payload);
        self.sides[from].has_settings = true;
        if let Some(size) = settings.header_table_size {
            self.sides[other].hpack.allow(size);
        }
        if let Some(longest) = settings.max_frame_size {
            self.sides[other].framing.allow(longest);
        }
        let more = self.sides[from].initial.settings(settings);
        self.resize(other, more, at, out);
        match (settings.enable_connect_protocol, from) {
            (Some(1), Peer::Server) => {
                self.sides[from].connects.get_or_insert(at);
            }
            // RFC 8441 §3: who has sent 1 does not send 0.
            (Some(_), Peer::Server) if self.sides[from].connects.is_some() => {
                let text = "SETTINGS_ENABLE_CONNECT_PROTOCOL was 1 and is 0 now";
                self.note(0, Code::H2ConnectTakenBack, from, text, at, out);
            }
            _ => {}
        }
    }

    /// RFC 9113 §6.9.2: a new initial size changes the windows of all open streams by the difference.
    fn resize(&mut self, sender: Peer, more: i64, at: Stamp, out: &mut dyn Out) {
        if more == 0 {
            return;
        }
        for (id, stream) in &mut self.streams {
            widen((*id, stream), (sender, more), self.counted, at, out);
        }
    }

    fn update(
        &mut self,
        from: Peer,
        head: Head,
        payload: &[u8],
        at: Stamp,
        out: &mut dyn Out,
    ) -> Result<(), Wrong> {
        let WindowUpdate(more) = WindowUpdate::read(payload).ok_or(Wrong::Size)?;
        // RFC 9113 §6.9: an update of 0 is an error.
        if more == 0 {
            return Err(Wrong::NoIncrement);
        }
        let sender = from.other();
        if head.stream != 0 {
            if let Some(stream) = self.streams.get_mut(&head.stream) {
                let more = (sender, more.into());
                widen((head.stream, stream), more, self.counted, at, out);
            }
            return Ok(());
        }
        let closed = self.sides[sender].window.change(more.into(), at);
        if let Some(since) = closed
            && self.counted
        {
            let used = self
                .streams
                .iter()
                .map(|(id, stream)| (*id, stream.used[sender]));
            // Of two that used as much, the first one.
            let by = used.rev().max_by_key(|(_, used)| *used);
            let stall = Stall {
                sender,
                connection: true,
                by,
                resumed: false,
                since,
                until: at,
            };
            self.stalls[sender] = Some(stall);
            let waiting: Vec<_> = self.websockets().collect();
            for id in waiting {
                out.stalled(id, &stall);
            }
        }
        for stream in self.streams.values_mut() {
            stream.used[sender] = 0;
        }
        Ok(())
    }

    /// What was sent beyond the windows of a stream that ends, or of the connection. Earlier it is not sure:
    /// what allows more may come late, where packets were lost.
    pub(super) fn tell_beyond(&self, id: u32, windows: &PerPeer<Window>, out: &mut dyn Out) {
        if !self.counted {
            return;
        }
        for (sender, window) in windows.iter() {
            if let Some((bytes, at)) = window.beyond() {
                let which = if id == 0 { "connection" } else { "stream" };
                let text = beyond(sender, which, bytes);
                self.note(id, Code::H2WindowExceeded, sender, text, at, out);
            }
        }
    }

    /// RFC 9113 §6.4: a stream ends at once.
    pub(super) fn reset(
        &mut self,
        from: Peer,
        id: u32,
        code: Option<ErrorCode>,
        at: Stamp,
        out: &mut dyn Out,
    ) {
        let what = match code {
            Some(code) => format!("resets the stream of the CONNECT with {code}"),
            None => "resets the stream of the CONNECT".to_owned(),
        };
        if from == Peer::Server {
            self.refused_by_reset(id, &what, at);
        }
        let refused = from == Peer::Server
            && matches!(
                self.streams.get(&id).map(|stream| &stream.role),
                Some(Role::Waiting(waiting)) if waiting.request.is_some()
            );
        let open = self.streams.get(&id).is_some_and(|stream| {
            matches!(stream.role, Role::Open | Role::Unknown | Role::Refused)
        });
        if refused {
            self.open(id, Answer::Refused, out);
        }
        let Some(mut stream) = self.streams.remove(&id) else {
            return;
        };
        stream.touch(at);
        let mut ended = stream.ended();
        ended.first.get_or_insert((from, at));
        ended.how = How::Reset(from, code);
        if open || refused {
            if matches!(stream.role, Role::Open) {
                self.tell_beyond(id, &stream.windows, out);
            }
            out.ended(id, ended);
        } else {
            self.leave(id, stream, out);
        }
    }

    /// What was sent after a lost segment has come, too.
    pub(super) fn tell_held_up(&self, from: Peer, held_up: &HeldUp, out: &mut dyn Out) {
        let text = Sentence::new(
            &format!(
                "a TCP segment of the {from} was lost, and {{streams}} WebSockets of the connection \
                 wait {{waited}} until it was sent again"
            ),
            &[
                ("streams", Figure::Count(held_up.streams)),
                ("waited", Figure::Nanos(held_up.nanos)),
            ],
        );
        self.note(0, Code::H2LossStalled, from, text, held_up.until, out);
    }

    /// RFC 9113 §6.8: no new streams, and those after the last one were not looked at.
    fn go_away(&mut self, from: Peer, away: GoAway, at: Stamp, out: &mut dyn Out) {
        if from == Peer::Server && !away.is_notice() && !self.given_up {
            self.given_up = true;
            let open: Vec<_> = self.websockets().collect();
            out.given_up(away, at, &open);
        }
    }
}

fn beyond(sender: Peer, window: &str, bytes: u64) -> Sentence {
    Sentence::new(
        &format!("the {sender} sends {{beyond}} beyond what the window of the {window} allows"),
        &[("beyond", Figure::Bytes(bytes))],
    )
}

/// Changes the window of a stream by what `sender` may send more, or less, and tells of a stall that
/// this ends.
fn widen(
    (id, stream): (u32, &mut Stream),
    (sender, more): (Peer, i64),
    counted: bool,
    at: Stamp,
    out: &mut dyn Out,
) {
    let closed = stream.windows[sender].change(more, at);
    if let Some(since) = closed.filter(|_| counted && matches!(stream.role, Role::Open)) {
        let stall = Stall {
            sender,
            connection: false,
            by: None,
            resumed: false,
            since,
            until: at,
        };
        stream.stalls[sender] = Some(stall);
        out.stalled(id, &stall);
    }
}
