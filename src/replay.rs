//! One connection again, from its packets.
//!
//! Job: give bytes to whoever wants them, although nothing keeps any: read the capture once more
//! and run the one connection through the very same pipeline. Input: the inputs of the first run,
//! and the [`Trail`] that it left. Output: events and what lies below them, told to a sink, until
//! it has what it wants.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::{Limits, PacketRef};
use crate::capture::{Block, Filter, Input, Mark, Source, Unkept};
use crate::error::Error;
use crate::event::EventSink;
use crate::pipeline::{Options, Pipeline, Waypoints};
use crate::session::Waypoint;

/// Bytes of the inputs from one mark to the next.
const MARKED: u64 = 4 << 20;

/// A sink that can have enough.
pub trait Until: EventSink {
    /// Whether it has what it wants.
    fn done(&self) -> bool;
}

/// What was read the first time, so that it can be read again.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The captures.
    pub files: Vec<Input>,
    /// The BPF expression that chose packets.
    pub filter: Option<String>,
}

impl Inputs {
    /// Opens them anew.
    pub fn open(&self, limits: Limits) -> Result<(Source, Option<Filter>), Error> {
        Ok((Source::new(self.files.clone(), limits), self.filter()?))
    }

    /// The first packet that is still there, where earlier ones went.
    pub fn gone_before(&self) -> Option<u64> {
        self.files.iter().find_map(|input| match input {
            Input::Store(store) => Some(store.first_packet()).filter(|first| *first > 1),
            Input::File(_) | Input::Stdin | Input::Memory(..) => None,
        })
    }

    /// From where on packets of what came live were not kept, and why.
    pub fn unkept(&self) -> Option<Unkept> {
        self.files.iter().find_map(|input| match input {
            Input::Store(store) => store.unkept(),
            Input::File(_) | Input::Stdin | Input::Memory(..) => None,
        })
    }

    fn filter(&self) -> Result<Option<Filter>, Error> {
        self.filter.as_deref().map(Filter::new).transpose()
    }
}

/// What the first run leaves, so that a replay begins near what is wanted.
#[derive(Debug, Clone, Default)]
pub struct Trail {
    /// States of connections: a worker puts them here that is told so by its [`Options`].
    pub waypoints: Arc<Waypoints>,
    marks: Arc<Mutex<Marks>>,
}

/// Places in the inputs, in order.
#[derive(Debug, Default)]
struct Marks {
    list: Vec<Mark>,
    /// Bytes that had been read at the last one.
    read: u64,
}

impl Trail {
    /// A trail with these waypoints.
    pub fn with(waypoints: Waypoints) -> Self {
        Self {
            waypoints: Arc::new(waypoints),
            ..Self::default()
        }
    }

    /// Remembers where reading stands, `read` bytes on, if the last mark is some way behind.
    pub fn mark(&self, read: u64, mark: impl FnOnce() -> Option<Mark>) {
        let mut marks = self.marks();
        if read >= marks.read.saturating_add(MARKED)
            && let Some(mark) = mark()
        {
            marks.read = read;
            marks.list.push(mark);
        }
    }

    /// Forgets what is of no use now that `first` is the first packet that is kept.
    pub fn forget_before(&self, first: PacketRef) {
        self.waypoints.forget_before(first);
        self.marks().list.retain(|mark| {
            let behind = mark.behind;
            (behind.turn, behind.number + 1) >= (first.turn, first.number)
        });
    }

    fn marks(&self) -> MutexGuard<'_, Marks> {
        // Whatever panicked, the list is whole.
        self.marks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The last mark before the packet `next`.
    fn before(&self, next: PacketRef) -> Option<Mark> {
        let marks = self.marks();
        let end = marks.list.partition_point(|mark| mark.behind < next);
        marks.list.get(end.checked_sub(1)?).cloned()
    }
}

/// Runs what `options` name until the sink is done, `cancel` is set or the inputs are at their end.
///
/// An input that fails is an error only if the sink is not done at the end: the first run told it.
pub fn replay(
    inputs: &Inputs,
    options: Options,
    sink: &mut impl Until,
    cancel: &AtomicBool,
) -> Result<(), Error> {
    let opened = inputs.open(options.limits)?;
    run(opened, None, Pipeline::new(options), sink, cancel)
}

/// Runs one connection on from `waypoint`, as [`replay`] does from the beginning.
pub fn replay_from(
    waypoint: &Waypoint,
    (inputs, trail): (&Inputs, &Trail),
    options: Options,
    sink: &mut impl Until,
    cancel: &AtomicBool,
) -> Result<(), Error> {
    let next = waypoint.next;
    let files = inputs.files.clone();
    let marked = trail.before(next);
    let marked = marked.and_then(|mark| Source::resume(files.clone(), options.limits, &mark).ok());
    // What a live capture keeps may begin just behind the mark.
    let source = marked.unwrap_or_else(|| Source::new(files, options.limits));
    match Pipeline::resume(waypoint, options) {
        Some(pipeline) => run(
            (source, inputs.filter()?),
            Some(next),
            pipeline,
            sink,
            cancel,
        ),
        None => Ok(()),
    }
}

/// Runs the packets from `first` on, in the light of those before it that are still there.
fn run(
    (mut source, mut filter): (Source, Option<Filter>),
    first: Option<PacketRef>,
    mut pipeline: Pipeline,
    sink: &mut impl Until,
    cancel: &AtomicBool,
) -> Result<(), Error> {
    let mut block = Block::default();
    let mut failed = None;
    loop {
        match source.read(&mut block) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                failed = Some(error);
                continue;
            }
        }
        if cancel.load(Ordering::Relaxed) {
            return Ok(());
        }
        for packet in block.packets() {
            if !filter.as_mut().is_none_or(|filter| filter.matches(&packet)) {
                continue;
            }
            if first.is_some_and(|first| packet.place < first) {
                pipeline.pass(&packet);
                continue;
            }
            pipeline.packet(&packet, sink);
            if sink.done() {
                return Ok(());
            }
        }
    }
    pipeline.finish(sink);
    match failed {
        Some(error) if !sink.done() => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::session::Detail;

    #[derive(Default)]
    struct Third(Option<Vec<u8>>, u64);

    impl EventSink for Third {
        fn event(&mut self, event: Event<'_>) {
            if let Event::Message(message) = event {
                self.1 += 1;
                if message.number == 3 {
                    self.0 = Some(message.payload.to_vec());
                }
            }
        }
    }

    impl Until for Third {
        fn done(&self) -> bool {
            self.0.is_some()
        }
    }

    fn demo() -> Inputs {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("captures/demo.pcapng");
        Inputs {
            files: vec![Input::from(path)],
            filter: None,
        }
    }

    #[test]
    fn it_stops_where_the_sink_is_done() {
        let mut sink = Third::default();
        let options = Options {
            only: crate::base::Conversing::from(1).into(),
            ..Options::new(Detail::Payloads)
        };
        replay(&demo(), options, &mut sink, &AtomicBool::new(false)).unwrap();
        assert_eq!(sink.1, 3);
        assert!(sink.0.unwrap().starts_with(b"{\"type\":\"ticker\""));
    }

    #[test]
    fn it_can_be_cancelled() {
        let mut sink = Third::default();
        let options = Options::new(Detail::Payloads);
        replay(&demo(), options, &mut sink, &AtomicBool::new(true)).unwrap();
        assert_eq!(sink.1, 0);
    }
}
