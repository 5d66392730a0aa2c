//! Payloads in which nothing that is found is a frame.
//!
//! Job: bytes after a loss inside one long payload. Input: a seed. Output: segments, and what the
//! sender said before.

use wscope::base::Peer;

use super::make::header;
use super::noise::Noise;

/// What a payload is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Matter {
    Random,
    /// Bytes of files.
    Recorded,
    /// Whole frames back to back, which begin anywhere.
    Framed,
    /// Each segment begins with a frame of the payload and ends with one.
    Aligned,
}

/// Segments of a payload after some loss in it.
pub fn payload(
    (from, matter): (Peer, Matter),
    files: &[u8],
    segments: usize,
    noise: &mut Noise,
) -> Vec<Vec<u8>> {
    let mut segments = unmasked(matter, files, segments, noise);
    if from == Peer::Client {
        let key = noise.key();
        let bytes = segments.iter_mut().flatten();
        for (byte, key) in bytes.zip(key.iter().cycle()) {
            *byte ^= key;
        }
    }
    segments
}

fn unmasked(matter: Matter, files: &[u8], segments: usize, noise: &mut Noise) -> Vec<Vec<u8>> {
    let size = [1448, 1448, 1460, 536, 1220][noise.below(5)];
    if matter == Matter::Aligned {
        return (0..segments)
            .map(|_| {
                let payload = noise.json();
                [header(0x81, payload.len(), None), payload].concat()
            })
            .collect();
    }
    let len = segments * size;
    let bytes = match matter {
        Matter::Random => noise.bytes(len),
        Matter::Recorded => {
            let from = noise.below(files.len().saturating_sub(len));
            files[from..files.len().min(from + len)].to_vec()
        }
        Matter::Framed | Matter::Aligned => framed(len, noise),
    };
    // The last one is shorter, as where a write ends.
    let mut segments: Vec<Vec<u8>> = bytes.chunks(size).map(<[u8]>::to_vec).collect();
    if let Some(last) = segments.last_mut() {
        last.truncate(noise.between(1, size));
    }
    segments
}

fn framed(len: usize, noise: &mut Noise) -> Vec<u8> {
    let skip = noise.between(1, 1400);
    let mut bytes = noise.bytes(skip);
    let client = noise.one_in(3);
    let kind = noise.below(4);
    while bytes.len() < len {
        let (first, payload) = match kind {
            0 => (0x81, noise.json()),
            1 => (0x82, noise.bytes_between(1, 300)),
            2 => (0xc1, noise.bytes_between(5, 90)),
            _ => (0x82, noise.bytes_between(200, 9000)),
        };
        let key = client.then(|| noise.key());
        bytes.extend(header(first, payload.len(), key));
        bytes.extend(payload);
    }
    bytes.truncate(len);
    bytes
}

/// What a sender said before in writes of their own: messages, and the beginning of the long one.
pub fn before(from: Peer, noise: &mut Noise) -> Vec<Vec<u8>> {
    (0..noise.between(6, 40))
        .map(|_| {
            let (first, payload) = match noise.below(3) {
                0 => (0x81, noise.json()),
                1 => (0x82, noise.bytes_between(1, 900)),
                _ => (0xc1, noise.bytes_between(9, 90)),
            };
            let key = (from == Peer::Client).then(|| noise.key());
            [header(first, payload.len(), key), payload].concat()
        })
        .collect()
}
