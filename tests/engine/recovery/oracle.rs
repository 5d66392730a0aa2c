//! What can be known of a message after a loss, found out by another way than wscope's.
//!
//! A message is inflated by `flate2` twice, over two windows that agree in the bytes that are
//! known and differ in all others: a byte of the output is known if and only if it comes out the
//! same both times.

use flate2::{Decompress, FlushDecompress, Status};

const WINDOW: usize = 1 << 15;

/// A direction's window as far as it is known, behind a loss.
pub(crate) struct Oracle {
    engine: Decompress,
    /// The window with one filling of what is unknown, and with the other.
    windows: [Vec<u8>; 2],
}

impl Oracle {
    /// Before the first message.
    pub(crate) fn new() -> Self {
        Self {
            engine: Decompress::new(false),
            windows: [Vec::new(), Vec::new()],
        }
    }

    /// Before a message of a sender that begins each with an empty window.
    pub(crate) fn reset(&mut self) {
        self.windows = [Vec::new(), Vec::new()];
    }

    /// Nobody knows what was sent since the last message.
    pub(crate) fn lose(&mut self) {
        self.windows = [vec![0x55; WINDOW], vec![0xaa; WINDOW]];
    }

    /// Whether every byte is known that the next message can copy from.
    pub(crate) fn knows_all(&self) -> bool {
        self.windows[0] == self.windows[1]
    }

    /// Inflates the next message. Gives its bytes and which of them are known; nothing where it
    /// is no DEFLATE.
    pub(crate) fn message(&mut self, payload: &[u8]) -> Option<(Vec<u8>, Vec<bool>)> {
        let one = inflate(&mut self.engine, payload, &self.windows[0])?;
        if self.knows_all() {
            for window in &mut self.windows {
                slide(window, &one);
            }
            let known = vec![true; one.len()];
            return Some((one, known));
        }
        let other = inflate(&mut self.engine, payload, &self.windows[1])?;
        assert_eq!(one.len(), other.len());
        slide(&mut self.windows[0], &one);
        slide(&mut self.windows[1], &other);
        let known = one.iter().zip(&other).map(|(a, b)| a == b).collect();
        Some((one, known))
    }
}

fn slide(window: &mut Vec<u8>, new: &[u8]) {
    window.extend_from_slice(new);
    let stale = window.len().saturating_sub(WINDOW);
    window.drain(..stale);
}

fn inflate(engine: &mut Decompress, payload: &[u8], window: &[u8]) -> Option<Vec<u8>> {
    // RFC 7692 §7.2.2: the receiver appends what the sender has cut off.
    let whole = [payload, &[0x00, 0x00, 0xff, 0xff]].concat();
    beginning(engine, &whole, window)
}

/// What the first bytes of a payload inflate to over a window.
pub(crate) fn beginning(
    engine: &mut Decompress,
    mut input: &[u8],
    window: &[u8],
) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(input.len() * 4 + 1024);
    let begin = |engine: &mut Decompress, so_far: &[u8]| {
        engine.reset(false);
        let mut all = window.to_vec();
        slide(&mut all, so_far);
        all.is_empty() || engine.set_dictionary(&all).is_ok()
    };
    if !begin(engine, &[]) {
        return None;
    }
    loop {
        let before = engine.total_in();
        let status = engine
            .decompress_vec(input, &mut out, FlushDecompress::Sync)
            .ok()?;
        input = &input[usize::try_from(engine.total_in() - before).unwrap()..];
        let full = out.len() == out.capacity();
        match status {
            Status::StreamEnd if !begin(engine, &out) => return None,
            _ if input.is_empty() && !full => return Some(out),
            _ => {}
        }
        out.reserve(8 << 10);
    }
}

#[test]
fn what_differs_between_two_fillings_is_not_known() {
    // RFC 7692 §7.2.3.2: "Hello" twice in one window; the second is a literal and a match.
    let first = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let second = [0xf2, 0x00, 0x11, 0x00, 0x00];
    let mut oracle = Oracle::new();
    assert_eq!(oracle.message(&first).unwrap().0, b"Hello");
    assert_eq!(
        oracle.message(&second).unwrap(),
        (b"Hello".to_vec(), vec![true; 5])
    );
    oracle.lose();
    let (bytes, known) = oracle.message(&second).unwrap();
    assert_eq!(
        (bytes[0], known),
        (b'H', vec![true, false, false, false, false])
    );
    assert!(!oracle.knows_all());
    let (bytes, known) = oracle
        .message(&super::traffic::final_block(&vec![7; 40_000]))
        .unwrap();
    assert_eq!((bytes.len(), known), (40_000, vec![true; 40_000]));
    assert!(oracle.knows_all());
}
