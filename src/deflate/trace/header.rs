//! The header of a block with dynamic codes.
//!
//! Job: read the code lengths and make the codes. Input: the bits behind BTYPE. Output: two
//! decoders, and the fields for whoever looks. RFC 1951 §3.2.7.

use super::bits::{BitReader, Span};
use super::block::{CodeLength, Dynamic, LengthRun};
use super::code::{Code, Extra, TableCode};
use super::entry::{DISTANCE_MEANINGS, LITERAL_MEANINGS};
use super::fault::{FaultKind, Stop};
use super::huffman::{Huffman, Purpose, canonical};
use super::symbol::END_OF_BLOCK;

/// Codes of up to 10 and 8 bits go by one look: nearly all that occur.
pub(super) type Literals = Huffman<1024>;
/// See [`Literals`].
pub(super) type Distances = Huffman<256>;

/// RFC 1951 §3.2.7: the order in which the lengths of the code length codes stand.
const ORDER: [u8; 19] = [
    16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];

/// RFC 1951 §3.2.6: distance codes of fixed blocks have five bits.
const FIXED_DISTANCES: [u8; 32] = [5; 32];

/// RFC 1951 §3.2.6: the lengths of the literal/length codes of fixed blocks.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
pub(super) static FIXED_LITERALS: [u8; 288] = {
    let mut lengths = [8; 288];
    let mut symbol = 144;
    while symbol < 280 {
        lengths[symbol] = if symbol < 256 { 9 } else { 7 };
        symbol += 1;
    }
    lengths
};

/// The literal/length and the distance codes of fixed blocks, in the order of their symbols.
/// RFC 1951 §3.2.6.
pub fn fixed_codes() -> [Vec<Code>; 2] {
    [
        canonical(&FIXED_LITERALS).collect(),
        canonical(&FIXED_DISTANCES).collect(),
    ]
}
/// What reads the code lengths: their codes have 7 bits at the most.
pub(super) type CodeLengths = Huffman<128>;

/// Literal/length and distance codes.
#[derive(Debug, Clone)]
pub(super) struct Codes {
    pub(super) literals: Literals,
    pub(super) distances: Distances,
    /// What they were made from.
    pub(super) lengths: Lengths,
}

impl Codes {
    pub(super) fn new() -> Self {
        Self {
            literals: Huffman::new(),
            distances: Huffman::new(),
            lengths: Lengths::new(0, 0),
        }
    }

    /// The codes of RFC 1951 §3.2.6.
    pub(super) fn fixed() -> Self {
        let mut codes = Self::new();
        let built = codes.make(&FIXED_LITERALS, &FIXED_DISTANCES);
        debug_assert_eq!(built, Ok(()), "both sets are complete");
        codes
    }

    /// Makes the codes once more that `lengths` made before.
    pub(super) fn remake(&mut self, lengths: &Lengths) {
        let (literals, distances) = lengths.split();
        let built = self.make(literals, distances);
        debug_assert_eq!(built, Ok(()), "they made codes before");
        self.lengths = lengths.clone();
    }

    /// How long the codes of literals and of the end are.
    pub(super) fn literal_lengths(&self) -> &[u8] {
        self.lengths.split().0
    }

    fn make(&mut self, literals: &[u8], distances: &[u8]) -> Result<(), FaultKind> {
        let built = self
            .literals
            .build(literals, &LITERAL_MEANINGS, Purpose::Data);
        built.map_err(|_| FaultKind::LiteralSet)?;
        let built = self
            .distances
            .build(distances, &DISTANCE_MEANINGS, Purpose::Data);
        built.map_err(|_| FaultKind::DistanceSet)
    }

    /// Reads a dynamic header. In `note`, where there is one, stand the fields read so far,
    /// whatever the outcome.
    pub(super) fn read(
        &mut self,
        code_lengths: &mut CodeLengths,
        reader: &mut BitReader<'_>,
        mut note: Option<&mut Dynamic>,
    ) -> Result<(), Stop> {
        let start = reader.position();
        let hlit = reader.field(5)?;
        let hdist = reader.field(5)?;
        let hclen = reader.field(4)?;
        if let Some(note) = &mut note {
            (note.hlit, note.hdist, note.hclen) = (hlit, hdist, hclen);
        }
        let literals = hlit.value as usize + 257;
        let distances = hdist.value as usize + 1;
        // RFC 1951 §3.2.7: the literal/length alphabet has 286 symbols. §3.2.6: distance codes
        // 30 and 31 never occur; zlib therefore takes 30 at the most.
        if literals > 286 || distances > 30 {
            let end = reader.position();
            return Err(Stop::fault(FaultKind::TooManySymbols, start, end));
        }
        let count = hclen.value as usize + 4;
        read_code_lengths(code_lengths, reader, count, note.as_deref_mut())?;
        self.lengths = Lengths::new(literals, literals + distances);
        let start = reader.position();
        while self.lengths.given < self.lengths.all {
            let note = note.as_deref_mut();
            self.lengths.read_run(code_lengths, reader, note)?;
        }
        let bits = Span {
            start,
            end: reader.position(),
        };
        self.build(bits, note)
    }

    /// `bits` are those of all code lengths.
    fn build(&mut self, bits: Span, note: Option<&mut Dynamic>) -> Result<(), Stop> {
        let fault = |kind| Stop::fault(kind, bits.start, bits.end);
        let lengths = self.lengths.clone();
        let (literals, distances) = lengths.split();
        // RFC 1951 §3.2.3: every block ends with the end-of-block code, so it must have one.
        if literals
            .get(usize::from(END_OF_BLOCK))
            .is_none_or(|len| *len == 0)
        {
            return Err(fault(FaultKind::NoEndOfBlock));
        }
        self.make(literals, distances).map_err(fault)?;
        if let Some(note) = note {
            note.literals = table(literals, 0, &note.runs);
            note.distances = table(distances, literals.len(), &note.runs);
        }
        Ok(())
    }
}

/// Reads the lengths of the code length codes, and makes these.
fn read_code_lengths(
    code_lengths: &mut CodeLengths,
    reader: &mut BitReader<'_>,
    count: usize,
    mut note: Option<&mut Dynamic>,
) -> Result<(), Stop> {
    let start = reader.position();
    let mut lengths = [0u8; ORDER.len()];
    for symbol in ORDER.into_iter().take(count) {
        let field = reader.field(3)?;
        if let Some(length) = lengths.get_mut(usize::from(symbol)) {
            *length = (field.value & 7) as u8;
        }
        if let Some(note) = &mut note {
            let length = field;
            note.code_lengths.push(CodeLength { symbol, length });
        }
    }
    let built = code_lengths.build(&lengths, &LITERAL_MEANINGS, Purpose::CodeLengths);
    if built.is_err() {
        let end = reader.position();
        return Err(Stop::fault(FaultKind::CodeLengthsSet, start, end));
    }
    if let Some(note) = note {
        let given = note.code_lengths.iter();
        let bits: Vec<_> = given.map(|g| (g.symbol, g.length.bits)).collect();
        let bits_of = |symbol: u16| {
            let same = bits.iter().find(|(s, _)| u16::from(*s) == symbol);
            same.map(|(_, bits)| *bits).unwrap_or_default()
        };
        let codes = canonical(&lengths).map(|code| TableCode {
            code,
            bits: bits_of(code.symbol),
        });
        note.code_length_codes = codes.collect();
    }
    Ok(())
}

/// The codes of a set and the runs that gave their lengths; `before` symbols come first.
fn table(lengths: &[u8], before: usize, runs: &[LengthRun]) -> Vec<TableCode> {
    let bits = |code: &Code| {
        let index = before + usize::from(code.symbol);
        let behind = runs.partition_point(|run| usize::from(run.first) <= index);
        let run = behind.checked_sub(1).and_then(|i| runs.get(i));
        run.map(|run| run.bits).unwrap_or_default()
    };
    canonical(lengths)
        .map(|code| TableCode {
            bits: bits(&code),
            code,
        })
        .collect()
}

/// The code lengths of both alphabets as they come.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Lengths {
    /// RFC 1951 §3.2.7: all of them form one sequence, repetitions may run from one alphabet
    /// into the other.
    values: [u8; 286 + 30],
    /// How many are for literals and lengths.
    literals: usize,
    given: usize,
    all: usize,
}

impl Lengths {
    fn new(literals: usize, all: usize) -> Self {
        Self {
            values: [0; 286 + 30],
            literals,
            given: 0,
            all,
        }
    }

    fn split(&self) -> (&[u8], &[u8]) {
        let all = self.values.get(..self.all).unwrap_or_default();
        all.split_at_checked(self.literals).unwrap_or_default()
    }

    fn read_run(
        &mut self,
        code: &CodeLengths,
        reader: &mut BitReader<'_>,
        note: Option<&mut Dynamic>,
    ) -> Result<(), Stop> {
        // A code of 7 bits and 7 extra bits.
        if reader.have() < 14 {
            reader.refill();
        }
        let (start, raw) = (reader.position(), reader.peek());
        let read = code.look(raw);
        if read.len() > reader.have() {
            return Err(Stop::Short);
        }
        reader.consume(read.len());
        // Only where no code length code has a length does a bit mean nothing: zlib then reads zeros.
        let symbol = if read.is_special() { 0 } else { read.value() };
        // RFC 1951 §3.2.7: 16 repeats the last length 3 to 6 times, 17 and 18 give no length
        // to 3 to 10 and 11 to 138 symbols.
        let (extra, least) = match symbol {
            16 => (2, 3),
            17 => (3, 3),
            18 => (7, 11),
            _ => (0, 1),
        };
        let more = reader.fetched(extra.into())?;
        let count = least + more as usize;
        let before = self.given.checked_sub(1);
        let length = match symbol {
            16 => before.and_then(|index| self.values.get(index).copied()),
            17 | 18 => Some(0),
            length => u8::try_from(length).ok(),
        };
        let bits = Span {
            start,
            end: reader.position(),
        };
        let place = self.values.get_mut(..self.all);
        let place = place.and_then(|all| all.get_mut(self.given..self.given + count));
        let (Some(length), Some(place)) = (length, place) else {
            return Err(Stop::fault(FaultKind::LengthRepeat, bits.start, bits.end));
        };
        place.fill(length);
        if let Some(note) = note {
            let small = |value: usize| u16::try_from(value).unwrap_or(u16::MAX);
            note.runs.push(LengthRun {
                bits,
                code: read.code(0, &[], raw),
                extra: Extra {
                    value: small(more as usize),
                    len: extra,
                },
                first: small(self.given),
                count: small(count),
                length,
            });
        }
        self.given += count;
        Ok(())
    }
}
