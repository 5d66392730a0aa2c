//! One connection again, from its packets.
//!
//! Job: give bytes to whoever wants them, although nothing keeps any: read the capture once more
//! and run the one connection through the very same pipeline. Input: the inputs of the first run.
//! Output: events and what lies below them, told to a sink, until it has what it wants.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::capture::{Block, Filter, Input, Source};
use crate::error::Error;
use crate::event::EventSink;
use crate::pipeline::{Options, Pipeline};

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
    pub fn open(&self, options: Options) -> Result<(Source, Option<Filter>), Error> {
        let filter = self.filter.as_deref().map(Filter::new).transpose()?;
        Ok((Source::new(self.files.clone(), options.limits), filter))
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
    let (mut source, mut filter) = inputs.open(options)?;
    let mut pipeline = Pipeline::new(options);
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
            if filter.as_mut().is_none_or(|filter| filter.matches(&packet)) {
                pipeline.packet(&packet, sink);
                if sink.done() {
                    return Ok(());
                }
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
            only: Some(1),
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
