use super::*;
use crate::deflate::trace::entry::LITERAL_MEANINGS;

fn built(lengths: &[u8], purpose: Purpose) -> Result<Huffman<128>, BadSet> {
    let mut huffman = Huffman::new();
    huffman.build(lengths, &LITERAL_MEANINGS, purpose)?;
    Ok(huffman)
}

#[test]
fn the_example_of_the_rfc() {
    // RFC 1951 §3.2.2: the alphabet ABCDEFGH with lengths (3, 3, 3, 3, 3, 2, 4, 4).
    let codes: Vec<_> = canonical(&[3, 3, 3, 3, 3, 2, 4, 4])
        .map(|code| format!("{:0width$b}", code.value, width = usize::from(code.len)))
        .collect();
    let expected = ["010", "011", "100", "101", "110", "00", "1110", "1111"];
    assert_eq!(codes, expected);
}

#[test]
fn sets_are_refused_as_zlib_does() {
    let build = |lengths: &[u8], purpose| built(lengths, purpose).is_ok();
    for (lengths, data, code_lengths) in [
        (&[1, 1][..], true, true),
        (&[1, 2, 3, 3], true, true),
        // Over-subscribed.
        (&[1, 1, 1], false, false),
        (&[1, 1, 15], false, false),
        // Incomplete.
        (&[1, 2], false, false),
        (&[2], false, false),
        // A single code of one bit, and none.
        (&[1], true, false),
        (&[0, 0, 1, 0], true, false),
        (&[0, 0], true, true),
        (&[], true, true),
    ] {
        assert_eq!(build(lengths, Purpose::Data), data, "{lengths:?}");
        assert_eq!(
            build(lengths, Purpose::CodeLengths),
            code_lengths,
            "{lengths:?}"
        );
    }
}

#[test]
fn every_code_is_read_back_fast_and_slow() {
    // Lengths 1 to 14, and 15 twice: complete.
    let mut steep: Vec<u8> = (1..=15).collect();
    steep.push(15);
    // Codes of 3, 8 and 9 bits, some without.
    let mut broad = vec![3, 3, 0, 3, 3, 3, 3];
    broad.extend([8; 60]);
    broad.extend([9; 8]);
    for lengths in [steep, broad] {
        let huffman = built(&lengths, Purpose::Data).unwrap();
        for code in canonical(&lengths) {
            let wire = u64::from(code.value.reverse_bits() >> (16 - code.len));
            for rest in [0, u64::MAX] {
                let bits = wire | rest << code.len;
                let entry = huffman.look(bits);
                assert_eq!(entry.code(0, &[], bits), code);
                assert_eq!(entry.len(), u32::from(code.len));
                assert_eq!(huffman.quick(bits).is_long(), code.len > 7);
            }
        }
    }
}

#[test]
fn a_lone_code_leaves_one_bit_invalid() {
    let huffman = built(&[0, 1], Purpose::Data).unwrap();
    assert_eq!((huffman.look(0).value(), huffman.look(2).len()), (1, 1));
    assert_eq!(huffman.look(1), Entry::INVALID.of(1));
    let huffman = built(&[0, 0], Purpose::Data).unwrap();
    assert_eq!(huffman.look(0), Entry::INVALID.of(1));
    assert_eq!(huffman.look(1), Entry::INVALID.of(1));
}

#[test]
fn tables_made_anew_forget_the_ones_before() {
    let mut huffman = Huffman::<128>::new();
    for lengths in [vec![8; 256], vec![1, 1], vec![1], vec![0; 9], vec![2; 4]] {
        huffman
            .build(&lengths, &LITERAL_MEANINGS, Purpose::Data)
            .unwrap();
        let fresh = built(&lengths, Purpose::Data).unwrap();
        for bits in 0..1 << 9 {
            assert_eq!(huffman.look(bits), fresh.look(bits));
        }
    }
}
