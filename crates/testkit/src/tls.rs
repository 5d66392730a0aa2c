//! TLS 1.3 around a connection: as little of it as a reader needs.
//!
//! A `ClientHello` and a `ServerHello`, the rest of the handshake with nothing in it, then application data. Secrets
//! follow from the connection's number, so that the floor knows them without a key log. Connections with even
//! numbers use AES-128-GCM, the others ChaCha20-Poly1305. RFC 8446 §4, §5, §7.3.

#![expect(
    clippy::cast_possible_truncation,
    reason = "what is written here is shorter than its fields can say"
)]

use aes_gcm::Aes128Gcm;
use aes_gcm::aead::{AeadInOut, KeyInit, Nonce, Tag};
use chacha20poly1305::ChaCha20Poly1305;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Data of a full record.
const LONGEST: usize = 16_384;

const HANDSHAKE: u8 = 22;
const DATA: u8 = 23;

/// Records of each side before application data: a hello, and what is left of the handshake.
pub const BEFORE: usize = 2;

enum Cipher {
    Gcm(Box<Aes128Gcm>),
    ChaCha(Box<ChaCha20Poly1305>),
}

/// One direction under one secret.
pub struct Sealer {
    cipher: Cipher,
    iv: [u8; 12],
    number: u64,
}

/// What a secret is for.
#[derive(Clone, Copy)]
enum Phase {
    Handshake,
    Traffic,
}

fn is_chacha(connection: usize) -> bool {
    connection % 2 == 1
}

/// The client's random bytes.
fn random(connection: usize) -> [u8; 32] {
    let mut random = [0x5a; 32];
    random[..8].copy_from_slice(&(connection as u64).to_be_bytes());
    random
}

fn secret(connection: usize, side: usize, phase: Phase) -> [u8; 32] {
    let mut secret = random(connection);
    secret[30] = side as u8 + 1;
    secret[31] = phase as u8 + 1;
    secret
}

/// RFC 8446 §7.1: HKDF-Expand-Label without a context.
fn expand<const N: usize>(secret: &[u8], label: &str) -> [u8; N] {
    let mut info = (N as u16).to_be_bytes().to_vec();
    let label = format!("tls13 {label}");
    info.push(label.len() as u8);
    info.extend_from_slice(label.as_bytes());
    info.extend([0, 1]);
    let mut hmac = <Hmac<Sha256> as KeyInit>::new_from_slice(secret).unwrap();
    hmac.update(&info);
    *hmac.finalize().into_bytes().first_chunk().unwrap()
}

impl Sealer {
    fn new(connection: usize, side: usize, phase: Phase) -> Self {
        let secret = secret(connection, side, phase);
        let cipher = if is_chacha(connection) {
            let key: [u8; 32] = expand(&secret, "key");
            Cipher::ChaCha(Box::new(ChaCha20Poly1305::new(&key.into())))
        } else {
            let key: [u8; 16] = expand(&secret, "key");
            Cipher::Gcm(Box::new(Aes128Gcm::new(&key.into())))
        };
        Self {
            cipher,
            iv: expand(&secret, "iv"),
            number: 0,
        }
    }

    /// Of application data.
    pub fn traffic(connection: usize, side: usize) -> Self {
        Self::new(connection, side, Phase::Traffic)
    }

    /// RFC 8446 §5.3.
    fn nonce(&mut self) -> [u8; 12] {
        let mut nonce = self.iv;
        for (byte, number) in nonce[4..].iter_mut().zip(self.number.to_be_bytes()) {
            *byte ^= number;
        }
        self.number += 1;
        nonce
    }

    /// Appends records with `data`.
    pub fn seal(&mut self, data: &[u8], out: &mut Vec<u8>) {
        for part in data.chunks(LONGEST) {
            self.record(DATA, part, out);
        }
    }

    fn record(&mut self, kind: u8, data: &[u8], out: &mut Vec<u8>) {
        let nonce = self.nonce();
        let head = header(DATA, data.len() + 17);
        out.extend(head);
        let start = out.len();
        out.extend_from_slice(data);
        out.push(kind);
        let inside = &mut out[start..];
        let tag = match &self.cipher {
            Cipher::Gcm(cipher) => cipher.encrypt_inout_detached(
                &Nonce::<Aes128Gcm>::from(nonce),
                &head,
                inside.into(),
            ),
            Cipher::ChaCha(cipher) => cipher.encrypt_inout_detached(
                &Nonce::<ChaCha20Poly1305>::from(nonce),
                &head,
                inside.into(),
            ),
        };
        out.extend_from_slice(&tag.unwrap());
    }

    /// Decrypts a whole record where it is, and gives the data in it.
    pub fn open<'a>(&mut self, record: &'a mut [u8]) -> &'a [u8] {
        let nonce = self.nonce();
        let (head, rest) = record.split_at_mut(5);
        let (inside, tag) = rest.split_at_mut(rest.len() - 16);
        let tag = *tag.first_chunk::<16>().unwrap();
        let opened = match &self.cipher {
            Cipher::Gcm(cipher) => cipher.decrypt_inout_detached(
                &Nonce::<Aes128Gcm>::from(nonce),
                head,
                (&mut *inside).into(),
                &Tag::<Aes128Gcm>::from(tag),
            ),
            Cipher::ChaCha(cipher) => cipher.decrypt_inout_detached(
                &Nonce::<ChaCha20Poly1305>::from(nonce),
                head,
                (&mut *inside).into(),
                &Tag::<ChaCha20Poly1305>::from(tag),
            ),
        };
        opened.expect("the generator encrypts correctly");
        &inside[..inside.len() - 1]
    }
}

fn header(kind: u8, length: usize) -> [u8; 5] {
    let [high, low] = (length as u16).to_be_bytes();
    [kind, 3, 3, high, low]
}

/// A handshake message. RFC 8446 §4.
fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut message = (body.len() as u32).to_be_bytes().to_vec();
    message[0] = kind;
    message.extend_from_slice(body);
    message
}

fn extension(kind: u16, body: &[u8]) -> Vec<u8> {
    let mut extension = kind.to_be_bytes().to_vec();
    extension.extend((body.len() as u16).to_be_bytes());
    extension.extend_from_slice(body);
    extension
}

/// A hello with these suites and extensions. RFC 8446 §4.1.2, §4.1.3.
fn hello(kind: u8, random: [u8; 32], suites: &[u8], extensions: &[u8]) -> Vec<u8> {
    let mut body = vec![3, 3];
    body.extend(random);
    // No session id.
    body.push(0);
    body.extend_from_slice(suites);
    body.extend((extensions.len() as u16).to_be_bytes());
    body.extend_from_slice(extensions);
    let message = message(kind, &body);
    [&header(HANDSHAKE, message.len())[..], &message].concat()
}

/// What both sides send before application data: by whom, and what.
pub fn handshake(connection: usize) -> Vec<(usize, Vec<u8>)> {
    // supported_versions, and key_share with a share of X25519.
    let share = [&[0, 29, 0, 32][..], &[9; 32]].concat();
    let shares = [&(share.len() as u16).to_be_bytes()[..], &share].concat();
    let asks = [
        extension(43, &[2, 3, 4]),
        extension(10, &[0, 2, 0, 29]),
        extension(13, &[0, 2, 8, 4]),
        extension(51, &shares),
    ];
    let suites = [0, 4, 0x13, 0x01, 0x13, 0x03, 1, 0];
    let client = hello(1, random(connection), &suites, &asks.concat());
    let chosen = if is_chacha(connection) { 3 } else { 1 };
    let answers = [extension(43, &[3, 4]), extension(51, &share)].concat();
    let server = hello(2, [7; 32], &[0x13, chosen, 0], &answers);
    let mut rest = [Vec::new(), server];
    for (side, out) in rest.iter_mut().enumerate() {
        // EncryptedExtensions of the server, and Finished.
        let encrypted = if side == 1 {
            message(8, &[0, 0])
        } else {
            Vec::new()
        };
        let inside = [encrypted, message(20, &[1; 32])].concat();
        Sealer::new(connection, side, Phase::Handshake).record(HANDSHAKE, &inside, out);
    }
    let [finished, server] = rest;
    vec![(0, client), (1, server), (0, finished)]
}

/// The connection's lines of a key log. RFC 9850 §2.
pub fn log(connection: usize) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).unwrap();
    let hex = |bytes: &[u8]| {
        let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        halves.map(digit).collect::<String>()
    };
    let mut lines = String::new();
    for (phase, name) in [
        (Phase::Handshake, "HANDSHAKE_TRAFFIC_SECRET"),
        (Phase::Traffic, "TRAFFIC_SECRET_0"),
    ] {
        for (side, peer) in ["CLIENT", "SERVER"].into_iter().enumerate() {
            let (random, secret) = (random(connection), secret(connection, side, phase));
            lines.extend([
                peer,
                "_",
                name,
                " ",
                &hex(&random),
                " ",
                &hex(&secret),
                "\n",
            ]);
        }
    }
    lines
}
