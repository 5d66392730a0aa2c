//! Frames of HTTP/2.

/// What a client sends first.
pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// The kinds of frames that are made here.
pub mod kind {
    /// Bytes of a stream.
    pub const DATA: u8 = 0;
    /// A head.
    pub const HEADERS: u8 = 1;
    /// The end of a stream.
    pub const RST_STREAM: u8 = 3;
    /// What an end allows.
    pub const SETTINGS: u8 = 4;
    /// The end of a connection.
    pub const GOAWAY: u8 = 7;
    /// More may be sent.
    pub const WINDOW_UPDATE: u8 = 8;
    /// More of a head.
    pub const CONTINUATION: u8 = 9;
}

/// The stream ends with it.
pub const END_STREAM: u8 = 1;
/// The head ends with it.
pub const END_HEADERS: u8 = 4;
/// It has padding.
pub const PADDED: u8 = 8;

/// A frame.
///
/// # Panics
///
/// With a payload longer than a frame can have.
pub fn http2_frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [zero, length @ ..] = u32::try_from(payload.len()).unwrap().to_be_bytes();
    assert_eq!(zero, 0, "no frame is so long");
    let mut frame = length.to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A DATA frame.
pub fn http2_data(stream: u32, bytes: &[u8]) -> Vec<u8> {
    http2_frame(kind::DATA, 0, stream, bytes)
}

/// A DATA frame with so many bytes of padding.
pub fn http2_padded(stream: u32, bytes: &[u8], padding: u8) -> Vec<u8> {
    let payload = [&[padding], bytes, &vec![0; padding.into()]].concat();
    http2_frame(kind::DATA, PADDED, stream, &payload)
}

/// A SETTINGS frame.
pub fn http2_settings(settings: &[(u16, u32)]) -> Vec<u8> {
    let entry = |(id, value): &(u16, u32)| {
        let (id, value) = (id.to_be_bytes(), value.to_be_bytes());
        [&id[..], &value[..]].concat()
    };
    let payload: Vec<u8> = settings.iter().flat_map(entry).collect();
    http2_frame(kind::SETTINGS, 0, 0, &payload)
}

/// A frame whose payload is numbers of 32 bits: WINDOW_UPDATE, RST_STREAM, GOAWAY.
pub fn http2_numbers(kind: u8, stream: u32, numbers: &[u32]) -> Vec<u8> {
    let payload: Vec<u8> = numbers
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .collect();
    http2_frame(kind, 0, stream, &payload)
}

/// A header block that refers to nothing and inserts nothing.
pub fn http2_block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        block.push(0);
        for part in [name, value] {
            // RFC 7541 §5.1: seven bits, and what does not fit in groups of seven after them.
            let mut rest = part.len();
            block.push(u8::try_from(rest.min(127)).unwrap());
            if rest >= 127 {
                rest -= 127;
                while rest >= 128 {
                    block.push(u8::try_from(rest % 128).unwrap() | 0x80);
                    rest /= 128;
                }
                block.push(u8::try_from(rest).unwrap());
            }
            block.extend(part.bytes());
        }
    }
    block
}

/// A HEADERS frame that holds a whole head.
pub fn http2_head(stream: u32, fields: &[(&str, &str)]) -> Vec<u8> {
    http2_frame(kind::HEADERS, END_HEADERS, stream, &http2_block(fields))
}

/// The head of a CONNECT for a WebSocket, without extensions.
pub const CONNECT: [(&str, &str); 6] = [
    (":method", "CONNECT"),
    (":protocol", "websocket"),
    (":scheme", "http"),
    (":authority", "h"),
    (":path", "/chat"),
    ("sec-websocket-version", "13"),
];

/// The head that accepts it.
pub const ACCEPTED: [(&str, &str); 1] = [(":status", "200")];

/// The setting by which a server takes WebSockets.
pub const CONNECTS: (u16, u32) = (8, 1);

/// What both ends say first, the server that it takes WebSockets: client's bytes, server's bytes.
pub fn http2_opening() -> (Vec<u8>, Vec<u8>) {
    let ack = http2_frame(kind::SETTINGS, 1, 0, &[]);
    let client = [PREFACE, &http2_settings(&[])].concat();
    let server = [http2_settings(&[CONNECTS]), ack].concat();
    (client, server)
}
