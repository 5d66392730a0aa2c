//! The fast engine: `flate2` behind the project's own type.
//!
//! Job: inflate a direction's DEFLATE bytes over its window, through final blocks too.
//! Input: pieces of compressed bytes. Output: inflated bytes into an [`Output`]. RFC 1951 §3.2.3.
//!
//! The window is 15 bits whatever was agreed, so that a message is shown even where its
//! sender went beyond. A success is certain: the engine refuses every distance that reaches
//! before what it put out since its last reset or dictionary.

use flate2::{Decompress, FlushDecompress, Status};

use super::history::History;
use super::output::Output;

/// Why bytes do not inflate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InflateFault {
    /// A copy from before the known history.
    DistanceTooFar,
    /// Not DEFLATE; zlib's word for it.
    Invalid(String),
}

/// Engines that the directions of one worker share.
#[derive(Debug, Default)]
pub struct EnginePool {
    idle: Vec<Decompress>,
    /// Compressed bytes that are kept for copies of decoders.
    pub(super) kept: usize,
}

/// Idle engines that are kept for the next message.
const IDLE_MAX: usize = 16;

impl EnginePool {
    fn take(&mut self) -> Decompress {
        self.idle.pop().unwrap_or_else(|| Decompress::new(false))
    }

    fn put(&mut self, mut engine: Decompress) {
        if self.idle.len() < IDLE_MAX {
            engine.reset(false);
            self.idle.push(engine);
        }
    }
}

/// One direction's engine and the window behind it.
#[derive(Debug, Default)]
pub struct Inflater {
    /// Made when it is needed, over the history.
    engine: Option<Decompress>,
    history: History,
    /// DEFLATE streams that ended in what was fed.
    ended: u64,
}

impl Inflater {
    /// An inflater that stands between two blocks, with `history` as its window.
    pub fn over(history: History) -> Self {
        Self {
            engine: None,
            history,
            ended: 0,
        }
    }

    /// The known output so far, at most a window of it.
    pub fn history(&self) -> &History {
        &self.history
    }

    /// How many final blocks there were so far.
    pub fn ended(&self) -> u64 {
        self.ended
    }

    /// Whether no byte of a DEFLATE stream was read since the last one ended, or since the reset.
    pub fn between_streams(&self) -> bool {
        self.engine
            .as_ref()
            .is_none_or(|engine| engine.total_in() == 0)
    }

    /// Begins anew with an empty window. The engine goes back to the pool.
    pub fn reset(&mut self, pool: &mut EnginePool) {
        self.history.clear();
        if let Some(engine) = self.engine.take() {
            pool.put(engine);
        }
    }

    /// Inflates `input`, which continues what was fed before.
    pub fn feed(
        &mut self,
        mut input: &[u8],
        pool: &mut EnginePool,
        output: &mut Output,
    ) -> Result<(), InflateFault> {
        let mut engine = match self.engine.take() {
            Some(engine) => engine,
            None => self.begin(pool.take())?,
        };
        let result = loop {
            let (read, written) = (engine.total_in(), engine.total_out());
            let space = self.history.space();
            let room = space.len();
            let status = engine.decompress(input, space, FlushDecompress::Sync);
            let used = usize::try_from(engine.total_in() - read).unwrap_or(usize::MAX);
            let made = usize::try_from(engine.total_out() - written).unwrap_or(usize::MAX);
            output.push(self.history.advance(made));
            input = input.get(used..).unwrap_or_default();
            match status {
                // RFC 1951 §3.2.3: a final block ends the DEFLATE stream; RFC 7692 §7.2.3.4
                // lets the message go on, and the window outlives it.
                Ok(Status::StreamEnd) => {
                    self.ended += 1;
                    engine.reset(false);
                    engine = self.begin(engine)?;
                    if input.is_empty() {
                        break Ok(());
                    }
                }
                Ok(Status::Ok | Status::BufError) if made == room => {}
                Ok(_) if input.is_empty() => break Ok(()),
                Ok(_) if used == 0 && made == 0 => {
                    break Err(InflateFault::Invalid("the engine stands still".to_owned()));
                }
                Ok(_) => {}
                Err(error) => break Err(fault(error.message())),
            }
        };
        self.engine = Some(engine);
        result
    }

    /// Gives a fresh engine the window.
    fn begin(&self, mut engine: Decompress) -> Result<Decompress, InflateFault> {
        if !self.history.is_empty() {
            engine
                .set_dictionary(&self.history.to_vec())
                .map_err(|error| InflateFault::Invalid(error.to_string()))?;
        }
        Ok(engine)
    }
}

fn fault(message: Option<&str>) -> InflateFault {
    match message {
        Some("invalid distance too far back") => InflateFault::DistanceTooFar,
        // What the fast loop leaves of any fault.
        Some("repeated call with bad state") | None => {
            InflateFault::Invalid("an invalid code, or a copy from before its window".to_owned())
        }
        Some(message) => InflateFault::Invalid(message.to_owned()),
    }
}
