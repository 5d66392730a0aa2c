//! Temporary: traces what the session does not tell yet.
use crate::base::{Peer, PerPeer, Timestamp};
use crate::deflate::Parameters;
use crate::deflate::trace::{Output, Trace, Tracer};
use crate::event::{Event, EventSink, Inflated, Wire};
use crate::ws::{Body, unmask};

#[derive(Debug, Default)]
struct Side {
    tracer: Option<Tracer>,
    ordinal: u64,
    begun: bool,
    output: Option<Output>,
    trace: Trace,
}
#[derive(Debug)]
pub(super) struct Shim<S> {
    pub(super) inner: S,
    parameters: Option<PerPeer<Parameters>>,
    sides: PerPeer<Side>,
}
impl<S> Shim<S> {
    pub(super) fn new(inner: S, parameters: Option<PerPeer<Parameters>>) -> Self {
        Self {
            inner,
            parameters,
            sides: PerPeer::from_fn(|_| Side::default()),
        }
    }
}
impl<S: EventSink> EventSink for Shim<S> {
    fn begin(&mut self, start: Timestamp) {
        self.inner.begin(start);
    }
    fn event(&mut self, event: Event<'_>) {
        if let Event::Connection(info) = event {
            self.parameters = info.parameters();
        }
        if let Event::Message(message) = event {
            let side = &mut self.sides[message.from];
            if !message.opcode.is_control() && side.begun {
                side.begun = false;
                if let (Some(tracer), Some(output)) = (&mut side.tracer, &mut side.output) {
                    let end = tracer.end(output, &mut side.trace);
                    let inflated = Inflated {
                        ordinal: side.ordinal,
                        trace: &side.trace,
                        end,
                        farthest: tracer.farthest(),
                    };
                    self.inner
                        .wire(message.connection, message.from, Wire::Traced(&inflated));
                    let holes: Vec<_> = output.holes.iter().map(|h| (h.start, h.len())).collect();
                    let mut message = *message;
                    message.payload = &output.bytes;
                    message.holes = &holes;
                    if !holes.is_empty() {
                        message.status =
                            crate::event::Status::Partial(crate::event::Reason::HistoryLost);
                        message.payload_bytes = Some(output.total);
                    }
                    self.inner.event(Event::Message(&message));
                    return;
                }
            }
        }
        self.inner.event(event);
    }
    fn wire(&mut self, connection: u64, from: Peer, wire: Wire<'_>) {
        self.inner.wire(connection, from, wire);
        let Wire::Part(part) = wire else { return };
        if part.header.opcode.is_control() {
            return;
        }
        let side = &mut self.sides[from];
        if part.begins && part.header.rsv1 && !side.begun {
            let Some(parameters) = self.parameters else {
                return;
            };
            side.begun = true;
            side.ordinal += 1;
            side.output = Some(Output::new(1 << 24));
            side.trace = Trace::default();
            let tracer = side
                .tracer
                .get_or_insert_with(|| Tracer::new(parameters[from]));
            tracer.begin(side.ordinal, &mut side.trace);
        }
        if !side.begun {
            return;
        }
        let (Some(tracer), Some(output)) = (&mut side.tracer, &mut side.output) else {
            return;
        };
        match part.body {
            Body::Hole(len) => tracer.hole(len, output, &mut side.trace),
            Body::Bytes(bytes) => {
                let mut plain = Vec::new();
                unmask(
                    bytes,
                    part.header.mask.unwrap_or_default(),
                    part.offset,
                    &mut plain,
                );
                tracer.bytes(&plain, output, &mut side.trace);
            }
        }
    }
}
