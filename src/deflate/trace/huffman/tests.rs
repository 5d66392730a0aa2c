use super::*;

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
    let build = |lengths: &[u8], purpose| Huffman::<128>::new().build(lengths, purpose).is_ok();
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
    let mut lengths: Vec<u8> = (1..=15).collect();
    lengths.push(15);
    let mut huffman = Huffman::<128>::new();
    huffman.build(&lengths, Purpose::Data).unwrap();
    for code in canonical(&lengths) {
        let wire = code.value.reverse_bits() >> (16 - code.len);
        for rest in [0u32, 0xffff] {
            let bits = u32::from(wire) | rest << code.len;
            let bytes = bits.to_le_bytes();
            let mut reader = BitReader::new(&bytes, 0, 0);
            let raw = reader.peek();
            let read = huffman.read(&mut reader).unwrap();
            assert_eq!(read.code(raw), code);
            assert_eq!(reader.position(), u64::from(code.len));
        }
        // Without its last bit it is no code yet.
        let shifted = u32::from(wire) << (16 - u32::from(code.len) + 1);
        let bytes = (shifted & 0xffff).to_le_bytes();
        let mut reader = BitReader::new(&bytes[..2], 0, 0);
        reader.consume(16 - u32::from(code.len) + 1);
        assert_eq!(huffman.read(&mut reader).unwrap_err(), Miss::Short);
        assert_eq!(reader.have(), u32::from(code.len) - 1);
    }
}

#[test]
fn a_lone_code_leaves_one_bit_invalid() {
    let mut huffman = Huffman::<128>::new();
    huffman.build(&[0, 1], Purpose::Data).unwrap();
    let mut reader = BitReader::new(&[0b10], 0, 0);
    assert_eq!(huffman.read(&mut reader).unwrap().symbol, 1);
    assert_eq!(huffman.read(&mut reader).unwrap_err(), Miss::Invalid(1));
    huffman.build(&[0, 0], Purpose::Data).unwrap();
    let mut reader = BitReader::new(&[0], 0, 0);
    assert_eq!(huffman.read(&mut reader).unwrap_err(), Miss::Invalid(1));
}
