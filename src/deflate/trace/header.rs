//! The header of a block with dynamic codes.
//!
//! Job: read the code lengths and make the codes. Input: the bits behind BTYPE. Output: two
//! decoders, and the fields for whoever looks. RFC 1951 §3.2.7.

use super::bits::{BitReader, Span};
use super::block::{CodeLength, Dynamic, LengthRun};
use super::fault::{FaultKind, Stop};
use super::huffman::{Code, Extra, Huffman, Miss, Purpose, Read, TableCode, canonical};
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
fn fixed_lengths() -> [u8; 288] {
    let mut lengths = [8; 288];
    lengths.iter_mut().skip(144).take(112).for_each(|l| *l = 9);
    lengths.iter_mut().skip(256).take(24).for_each(|l| *l = 7);
    lengths
}

/// The literal/length and the distance codes of fixed blocks, in the order of their symbols.
/// RFC 1951 §3.2.6.
pub fn fixed_codes() -> [Vec<Code>; 2] {
    [
        canonical(&fixed_lengths()).collect(),
        canonical(&FIXED_DISTANCES).collect(),
    ]
}

/// Literal/length and distance codes.
#[derive(Debug, Clone)]
pub(super) struct Codes {
    pub(super) literals: Literals,
    pub(super) distances: Distances,
    code_lengths: Huffman<128>,
}

impl Codes {
    pub(super) fn new() -> Self {
        Self {
            literals: Huffman::new(),
            distances: Huffman::new(),
            code_lengths: Huffman::new(),
        }
    }

    /// The codes of RFC 1951 §3.2.6.
    pub(super) fn fixed() -> Self {
        let mut codes = Self::new();
        let lengths = fixed_lengths();
        // Both sets are complete, so neither is refused.
        let literals = codes.literals.build(&lengths, Purpose::Data);
        let distances = codes.distances.build(&FIXED_DISTANCES, Purpose::Data);
        debug_assert!(literals.and(distances).is_ok());
        codes
    }

    /// Reads a dynamic header. In `note`, where there is one, stand the fields read so far,
    /// whatever the outcome.
    pub(super) fn read(
        &mut self,
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
        self.read_code_lengths(reader, hclen.value as usize + 4, note.as_deref_mut())?;
        let mut lengths = Lengths::new(literals + distances);
        let start = reader.position();
        while lengths.given < lengths.all {
            lengths.read_run(&self.code_lengths, reader, note.as_deref_mut())?;
        }
        let bits = Span {
            start,
            end: reader.position(),
        };
        self.build(lengths.split(literals), bits, note)
    }

    fn read_code_lengths(
        &mut self,
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
        if self
            .code_lengths
            .build(&lengths, Purpose::CodeLengths)
            .is_err()
        {
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

    /// `bits` are those of all code lengths.
    fn build(
        &mut self,
        (literals, distances): (&[u8], &[u8]),
        bits: Span,
        note: Option<&mut Dynamic>,
    ) -> Result<(), Stop> {
        let fault = |kind| Stop::fault(kind, bits.start, bits.end);
        // RFC 1951 §3.2.3: every block ends with the end-of-block code, so it must have one.
        if literals
            .get(usize::from(END_OF_BLOCK))
            .is_none_or(|len| *len == 0)
        {
            return Err(fault(FaultKind::NoEndOfBlock));
        }
        let built = self.literals.build(literals, Purpose::Data);
        built.map_err(|_| fault(FaultKind::LiteralSet))?;
        let built = self.distances.build(distances, Purpose::Data);
        built.map_err(|_| fault(FaultKind::DistanceSet))?;
        if let Some(note) = note {
            note.literals = table(literals, 0, &note.runs);
            note.distances = table(distances, literals.len(), &note.runs);
        }
        Ok(())
    }
}

/// The codes of a set and the runs that gave their lengths; `before` symbols come first.
fn table(lengths: &[u8], before: usize, runs: &[LengthRun]) -> Vec<TableCode> {
    let bits = |code: &super::huffman::Code| {
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
struct Lengths {
    /// RFC 1951 §3.2.7: all of them form one sequence, repetitions may run from one alphabet
    /// into the other.
    values: [u8; 286 + 30],
    given: usize,
    all: usize,
}

impl Lengths {
    fn new(all: usize) -> Self {
        Self {
            values: [0; 286 + 30],
            given: 0,
            all,
        }
    }

    fn split(&self, literals: usize) -> (&[u8], &[u8]) {
        let all = self.values.get(..self.all).unwrap_or_default();
        all.split_at_checked(literals).unwrap_or_default()
    }

    fn read_run(
        &mut self,
        code: &Huffman<128>,
        reader: &mut BitReader<'_>,
        note: Option<&mut Dynamic>,
    ) -> Result<(), Stop> {
        reader.refill();
        let (start, raw) = (reader.position(), reader.peek());
        let read = match code.read(reader) {
            Ok(read) => read,
            Err(Miss::Short) => return Err(Stop::Short),
            // Only where no code length code has a length: zlib then reads zeros.
            Err(Miss::Invalid(len)) => {
                reader.consume(len.into());
                Read { symbol: 0, len }
            }
        };
        // RFC 1951 §3.2.7: 16 repeats the last length 3 to 6 times, 17 and 18 give no length
        // to 3 to 10 and 11 to 138 symbols.
        let (extra, least) = match read.symbol {
            16 => (2, 3),
            17 => (3, 3),
            18 => (7, 11),
            _ => (0, 1),
        };
        let more = reader.fetched(extra.into())?;
        let count = least + more as usize;
        let before = self.given.checked_sub(1);
        let length = match read.symbol {
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
                code: read.code(raw),
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
