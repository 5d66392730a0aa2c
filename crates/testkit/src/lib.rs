//! What the tests build traffic from: numbers that a seed determines, frames, compressed
//! payloads, the heads of an upgrade, TLS records, packets and capture files.
//!
//! Nothing here uses wscope, so that its unit tests and the programs under `tests/` can both use
//! it, and so that no mistake of wscope is made twice.

mod compressor;
mod frame;
pub mod http2;
mod noise;
mod packet;
pub mod tls;

pub use compressor::Compressor;
pub use frame::{Frame, KEY};
pub use noise::Noise;
pub use packet::{Segment, pcap};

/// The heads of an upgrade; `response` empty where no extension is agreed.
pub fn upgrade(offer: &str, response: &str) -> (Vec<u8>, Vec<u8>) {
    let line = |value: &str| match value {
        "" => String::new(),
        value => format!("Sec-WebSocket-Extensions: {value}\r\n"),
    };
    let request = format!(
        "GET /chat HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{}\r\n",
        line(offer)
    );
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n{}\r\n",
        line(response)
    );
    (request.into_bytes(), answer.into_bytes())
}
