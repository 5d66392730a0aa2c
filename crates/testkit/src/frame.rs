//! WebSocket frames as bytes. RFC 6455 §5.2.

use std::cell::Cell;

/// The masking key of RFC 6455 §5.7.
pub const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A frame to be sent.
#[derive(Debug, Clone)]
pub struct Frame {
    /// FIN, the reserved bits and the opcode.
    pub first: u8,
    /// The payload as it is meant, before it is masked.
    pub payload: Vec<u8>,
    /// The masking key, if it is to be masked.
    pub mask: Option<[u8; 4]>,
    /// Length bytes in the long form whatever the length: 2 or 8.
    pub long: u8,
}

/// RFC 6455 §5.3: another key for each frame; the same ones in each run of a test.
fn fresh_key() -> [u8; 4] {
    thread_local!(static COUNT: Cell<u32> = const { Cell::new(0) });
    let count = COUNT.get().wrapping_add(1);
    COUNT.set(count);
    (u32::from_be_bytes(KEY) ^ count.wrapping_mul(0x9e37_79b9)).to_be_bytes()
}

impl Frame {
    /// As a server sends it.
    pub fn bare(first: u8, payload: &[u8]) -> Self {
        Self {
            first,
            payload: payload.to_vec(),
            mask: None,
            long: 0,
        }
    }

    /// As a client sends it, with a key of its own.
    pub fn masked(first: u8, payload: &[u8]) -> Self {
        Self {
            mask: Some(fresh_key()),
            ..Self::bare(first, payload)
        }
    }

    /// What is sent.
    pub fn bytes(&self) -> Vec<u8> {
        let mask_bit = if self.mask.is_some() { 0x80 } else { 0 };
        let len = self.payload.len();
        let mut out = vec![self.first];
        match (len, self.long) {
            (_, 8) | (65_536.., _) => {
                out.push(mask_bit | 0x7f);
                out.extend_from_slice(&(len as u64).to_be_bytes());
            }
            (_, 2) | (126.., _) => {
                out.push(mask_bit | 0x7e);
                out.extend_from_slice(&u16::try_from(len).unwrap().to_be_bytes());
            }
            _ => out.push(mask_bit | u8::try_from(len).unwrap()),
        }
        match self.mask {
            None => out.extend_from_slice(&self.payload),
            Some(key) => {
                out.extend_from_slice(&key);
                let masked = self.payload.iter().zip(key.iter().cycle());
                out.extend(masked.map(|(byte, key)| byte ^ key));
            }
        }
        out
    }
}
