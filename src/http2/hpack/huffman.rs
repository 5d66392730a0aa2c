//! The Huffman code of header strings.
//!
//! Job: turn coded strings into bytes. Input: a string as it is in a block. Output: its bytes.
//! RFC 7541 §5.2 and appendix B.
//!
//! The code is canonical: codes of the same length follow each other in the order of their symbols,
//! and longer ones follow shorter ones. So the lengths say everything.

use super::field::Fault;

/// The end of the string, which never is in one.
const EOS: u16 = 256;

const SYMBOLS: usize = 257;

/// The longest code, in bits.
const LONGEST: usize = 30;

/// RFC 7541 appendix B: the length of each symbol's code, in bits.
const LENGTHS: [u8; SYMBOLS] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28,
    28, 28, 28, 28, 28, 28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5,
    5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6,
    6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22,
    23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22,
    21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20,
    22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19,
    21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22,
    22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26, 30,
];

/// What the lengths come to.
struct Code {
    /// The symbols in the order of their codes.
    symbols: [u16; SYMBOLS],
    /// For each length how many codes there are, the first one, and its symbol's index.
    counts: [u32; LONGEST + 1],
    firsts: [u32; LONGEST + 1],
    indices: [u32; LONGEST + 1],
}

static CODE: Code = code();

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "computed at compile time from a constant, where a fault fails the build"
)]
const fn code() -> Code {
    let mut code = Code {
        symbols: [0; SYMBOLS],
        counts: [0; LONGEST + 1],
        firsts: [0; LONGEST + 1],
        indices: [0; LONGEST + 1],
    };
    let (mut length, mut next, mut index) = (1, 0, 0);
    while length <= LONGEST {
        next <<= 1;
        code.firsts[length] = next;
        code.indices[length] = index;
        let mut symbol = 0;
        while symbol < SYMBOLS {
            if LENGTHS[symbol] as usize == length {
                code.symbols[index as usize] = symbol as u16;
                code.counts[length] += 1;
                index += 1;
                next += 1;
            }
            symbol += 1;
        }
        length += 1;
    }
    code
}

impl Code {
    /// The symbol whose code of `length` bits is `bits`, where there is one.
    fn symbol(&self, bits: u32, length: usize) -> Option<u16> {
        let offset = bits.checked_sub(*self.firsts.get(length)?)?;
        if offset >= *self.counts.get(length)? {
            return None;
        }
        let index = usize::try_from(self.indices.get(length)? + offset).ok()?;
        self.symbols.get(index).copied()
    }
}

/// Decodes a string.
pub(super) fn decode(coded: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(coded.len() * 8 / 5);
    let (mut bits, mut length) = (0_u32, 0_usize);
    for byte in coded {
        for shift in (0..8).rev() {
            bits = bits << 1 | u32::from(byte >> shift & 1);
            length += 1;
            match CODE.symbol(bits, length) {
                // RFC 7541 §5.2: a string that contains the code of EOS is an error.
                Some(EOS) => return Err(Fault::Huffman),
                Some(symbol) => {
                    out.extend(u8::try_from(symbol));
                    (bits, length) = (0, 0);
                }
                None if length >= LONGEST => return Err(Fault::Huffman),
                None => {}
            }
        }
    }
    // RFC 7541 §5.2: the last byte is filled with the first bits of EOS, which are ones, and with
    // less than eight of them.
    if length > 7 || bits != (1 << length) - 1 {
        return Err(Fault::Huffman);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_complete() {
        // Kraft: no bit string is without a meaning.
        let sum: u64 = LENGTHS
            .iter()
            .map(|length| 1 << (LONGEST - usize::from(*length)))
            .sum();
        assert_eq!(sum, 1 << LONGEST);
    }

    #[test]
    fn strings_of_the_rfc() {
        // RFC 7541 C.4.1, C.6.1.
        let coded = [
            0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff,
        ];
        assert_eq!(decode(&coded).unwrap(), b"www.example.com");
        assert_eq!(decode(&[0x64, 0x02]).unwrap(), b"302");
        assert_eq!(decode(&[]).unwrap(), b"");
    }

    #[test]
    fn padding_is_short_and_of_ones() {
        assert_eq!(decode(&[0x1f]).unwrap(), b"a");
        assert_eq!(decode(&[0x1e]), Err(Fault::Huffman));
        assert_eq!(decode(&[0x1f, 0xff]), Err(Fault::Huffman));
        assert_eq!(decode(&[0xff; 4]), Err(Fault::Huffman));
    }
}
