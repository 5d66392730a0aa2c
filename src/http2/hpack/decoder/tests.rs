//! The vectors of RFC 7541 appendix C, and what comes of tables that were not seen.

use loona_hpack::{Decoder as Oracle, Encoder};
use proptest::prelude::*;

use super::*;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    let pair = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(pair).collect()
}

fn decoder() -> Decoder {
    Decoder::new(1 << 16, 1 << 16)
}

fn read(decoder: &mut Decoder, block: &[u8]) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    decoder.block(block, &mut fields).unwrap();
    let text =
        |part: Option<Vec<u8>>| part.map_or("?".to_owned(), |it| String::from_utf8(it).unwrap());
    let pair = |field: Field| (text(field.name), text(field.value));
    fields.into_iter().map(pair).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

/// RFC 7541 C.2: each representation by itself.
#[test]
fn representations() {
    let mut all = decoder();
    let literal = "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572";
    let custom = pairs(&[("custom-key", "custom-header")]);
    assert_eq!(read(&mut all, &hex(literal)), custom);
    assert_eq!(read(&mut all, &[0xbe]), custom);
    let path = hex("040c 2f73 616d 706c 652f 7061 7468");
    assert_eq!(read(&mut all, &path), pairs(&[(":path", "/sample/path")]));
    let secret = hex("1008 7061 7373 776f 7264 0673 6563 7265 74");
    assert_eq!(read(&mut all, &secret), pairs(&[("password", "secret")]));
    assert_eq!(read(&mut all, &[0x82]), pairs(&[(":method", "GET")]));
}

/// RFC 7541 C.3 and C.4: three requests, without and with the Huffman code.
#[test]
fn requests() {
    let plain = [
        "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "8286 84be 5808 6e6f 2d63 6163 6865",
        "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ];
    let coded = [
        "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
        "8286 84be 5886 a8eb 1064 9cbf",
        "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ];
    let first = [
        (":method", "GET"),
        (":scheme", "http"),
        (":path", "/"),
        (":authority", "www.example.com"),
    ];
    let second = [&first[..], &[("cache-control", "no-cache")]].concat();
    let third = [
        (":method", "GET"),
        (":scheme", "https"),
        (":path", "/index.html"),
        (":authority", "www.example.com"),
        ("custom-key", "custom-value"),
    ];
    for blocks in [plain, coded] {
        let mut all = decoder();
        let read = blocks.map(|block| read(&mut all, &hex(block)));
        assert_eq!(read, [pairs(&first), pairs(&second), pairs(&third)]);
    }
}

/// RFC 7541 C.5 and C.6: three responses in a table of 256 bytes, so that entries are evicted.
#[test]
fn responses() {
    let plain = [
        "3fe1 01 4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 \
         303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "4803 3330 37c1 c0bf",
        "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a \
         6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d \
         6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31",
    ];
    let coded = [
        "3fe1 01 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b \
         ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
        "4883 640e ffc1 c0bf",
        "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d \
         d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 \
         3d50 07",
    ];
    let (early, late) = (
        "Mon, 21 Oct 2013 20:13:21 GMT",
        "Mon, 21 Oct 2013 20:13:22 GMT",
    );
    let head = |status, date| {
        [
            (":status", status),
            ("cache-control", "private"),
            ("date", date),
            ("location", "https://www.example.com"),
        ]
    };
    let cookie = "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
    let third = [
        &head("200", late)[..],
        &[("content-encoding", "gzip"), ("set-cookie", cookie)],
    ]
    .concat();
    for blocks in [plain, coded] {
        let mut all = decoder();
        let read = blocks.map(|block| read(&mut all, &hex(block)));
        let expected = [
            pairs(&head("302", early)),
            pairs(&head("307", early)),
            pairs(&third),
        ];
        assert_eq!(read, expected);
    }
}

#[test]
fn what_was_inserted_before_is_unknown_and_what_follows_is_not() {
    let mut late = decoder();
    late.lose();
    let second = hex("8286 84be 5808 6e6f 2d63 6163 6865");
    let read_second = read(&mut late, &second);
    assert_eq!(read_second[3], ("?".to_owned(), "?".to_owned()));
    assert_eq!(
        read_second[4],
        ("cache-control".to_owned(), "no-cache".to_owned())
    );
    // The third counts from the newest: 62 is that entry, 63 is still unknown.
    let third = read(&mut late, &[0xbe, 0xbf, 0x7f, 0x00, 0x01, b'v']);
    assert_eq!(third[0].1, "no-cache");
    assert_eq!(third[1], ("?".to_owned(), "?".to_owned()));
    assert_eq!(third[2], ("?".to_owned(), "v".to_owned()));
    // An entry with an unknown name takes its place all the same.
    assert_eq!(read(&mut late, &[0xbf])[0].1, "no-cache");
}

#[test]
fn faults_end_a_block_and_lose_the_table() {
    let mut all = decoder();
    let mut fields = Vec::new();
    assert_eq!(all.block(&[0x82, 0xbe], &mut fields), Err(Fault::Index(62)));
    assert_eq!((fields.len(), all.is_complete()), (1, false));
    assert_eq!(decoder().block(&[0x80], &mut fields), Err(Fault::Index(0)));
    assert_eq!(
        decoder().block(&[0x40, 0x05, b'a'], &mut fields),
        Err(Fault::Cut)
    );
    // RFC 7541 §6.3: a table of 8,192 bytes that nobody allowed.
    let large = [0x3f, 0xe1, 0x3f];
    assert_eq!(decoder().block(&large, &mut fields), Err(Fault::Size(8192)));
    let mut allowed = decoder();
    allowed.allow(8192);
    assert_eq!(allowed.block(&large, &mut fields), Ok(()));
}

#[test]
fn a_block_cannot_grow_without_bound() {
    let mut small = Decoder::new(1 << 16, 1000);
    let long = [&[0x40, 1, b'a', 0x7f, 0x80, 6][..], &[b'x'; 895]].concat();
    let mut fields = Vec::new();
    small.block(&long, &mut fields).unwrap();
    small.block(&[0xbe; 1000], &mut fields).unwrap();
    assert!(fields.len() <= 3, "{}", fields.len());
}

type Headers = Vec<(Vec<u8>, Vec<u8>)>;

fn headers() -> impl Strategy<Value = Vec<Headers>> {
    let name = prop_oneof![
        Just(b":status".to_vec()),
        Just(b"content-type".to_vec()),
        "[a-d]{1,3}".prop_map(String::into_bytes),
    ];
    let value = prop_oneof![
        "[a-c]{0,2}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    let block = prop::collection::vec((name, value), 0..12);
    prop::collection::vec(block, 1..12)
}

fn encode(blocks: &[Headers]) -> Vec<Vec<u8>> {
    let mut encoder = Encoder::new();
    let encode = |block: &Headers| {
        encoder.encode(
            block
                .iter()
                .map(|(name, value)| (name.as_slice(), value.as_slice())),
        )
    };
    blocks.iter().map(encode).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn what_was_encoded_is_read(blocks in headers()) {
        let mut all = decoder();
        for (block, headers) in encode(&blocks).iter().zip(&blocks) {
            let mut fields = Vec::new();
            all.block(block, &mut fields).unwrap();
            let read: Headers =
                fields.into_iter().map(|field| (field.name.unwrap(), field.value.unwrap())).collect();
            prop_assert_eq!(&read, headers);
        }
    }

    #[test]
    fn after_a_loss_nothing_that_is_shown_is_wrong(blocks in headers(), first in 0usize..12) {
        let mut late = decoder();
        late.lose();
        for (block, headers) in encode(&blocks).iter().zip(&blocks).skip(first) {
            let mut fields = Vec::new();
            late.block(block, &mut fields).unwrap();
            prop_assert_eq!(fields.len(), headers.len());
            for (field, (name, value)) in fields.into_iter().zip(headers) {
                prop_assert!(field.name.is_none_or(|own| own == *name));
                prop_assert!(field.value.is_none_or(|own| own == *value));
            }
        }
    }

    #[test]
    fn any_bytes_are_read_as_the_oracle_reads_them(blocks in prop::collection::vec(
        prop::collection::vec(any::<u8>(), 0..40), 1..6,
    )) {
        let mut all = decoder();
        let mut oracle = Oracle::new();
        for block in &blocks {
            let mut fields = Vec::new();
            let read = all.block(block, &mut fields);
            // Sizes above what was allowed are let pass there.
            if matches!(read, Err(Fault::Size(_))) {
                break;
            }
            match (read, oracle.decode(block)) {
                (Ok(()), Ok(theirs)) => {
                    let ours: Headers = fields
                        .into_iter()
                        .map(|field| (field.name.unwrap(), field.value.unwrap()))
                        .collect();
                    prop_assert_eq!(ours, theirs);
                }
                (Err(_), Err(_)) => break,
                // RFC 7541 §4.2: a new size comes before fields. It harms nobody elsewhere.
                (Ok(()), Err(theirs)) if format!("{theirs:?}") == "SizeUpdateAtEnd" => break,
                (ours, theirs) => prop_assert!(false, "{:?} and {:?}", ours, theirs),
            }
        }
    }
}
