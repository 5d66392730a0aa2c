//! The decryption secrets of a whole file, before its first packet is read.
//!
//! Job: pass over the headers of a pcapng file's blocks, for secrets blocks and for comments that
//! hold lines of a key log. Input: a file that can be read again, compressed or not.
//! Output: [`Secrets`], in the order of their blocks. pcapng §4.7 wants them before the packets that
//! need them; programs put them anywhere.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use super::bytes::{Endian, index};
use super::compressed::{Compression, Failure, Raw, Stream};
use super::pcapng::{Secrets, TypeAndLength, comments};
use super::sniff::{Kind, MAGIC, sniff};
use crate::base::Limits;

/// Of this a comment has to hold one, to be taken for a part of a key log.
const SIGNS: [&[u8]; 3] = [b"_SECRET", b"CLIENT_RANDOM", b"Master-Key"];

/// The secrets in the blocks of a pcapng file; none where it is another kind of file. What is
/// damaged or cut off ends the pass: reading the packets tells of it.
pub fn secrets(path: &Path, file: u32, limits: Limits) -> Vec<Secrets> {
    let mut found = Vec::new();
    let regular = path.metadata().is_ok_and(|it| it.is_file());
    if let Some(input) = regular.then(|| Input::open(path).ok()).flatten() {
        let mut pass = Pass {
            input,
            endian: None,
            file,
            room: limits.packet_bytes,
        };
        while pass.block(&mut found).is_some() {}
    }
    found
}

/// A file's bytes, unpacked where gzip or zstd packed them.
pub fn unpacked(path: &Path) -> io::Result<impl Read + use<>> {
    Input::open(path)
}

/// Bytes that can be passed over.
enum Input {
    Plain(BufReader<File>),
    Packed(BufReader<Unpacked>),
}

impl Input {
    fn open(path: &Path) -> io::Result<Self> {
        let mut file = BufReader::with_capacity(1 << 16, File::open(path)?);
        let head = file.fill_buf()?;
        let head = head.get(..MAGIC.min(head.len())).unwrap_or_default();
        let compression = match sniff(head) {
            Kind::Gzip => Compression::Gzip,
            Kind::Zstd => Compression::Zstd,
            Kind::Pcap(_) | Kind::Pcapng | Kind::Other(_) => return Ok(Self::Plain(file)),
        };
        let stream = Stream::new(Raw::new(Box::new(file))).unpack(Vec::new(), compression);
        let reader = BufReader::with_capacity(1 << 16, Unpacked(stream));
        Ok(Self::Packed(reader))
    }

    fn skip(&mut self, bytes: usize) -> Option<()> {
        match self {
            Self::Plain(file) => file.seek_relative(i64::try_from(bytes).ok()?).ok(),
            Self::Packed(stream) => {
                let bytes = u64::try_from(bytes).ok()?;
                let passed = io::copy(&mut stream.take(bytes), &mut io::sink()).ok()?;
                (passed == bytes).then_some(())
            }
        }
    }
}

impl Read for Input {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(into),
            Self::Packed(stream) => stream.read(into),
        }
    }
}

/// A stream whose failures are the system's.
struct Unpacked(Stream);

impl Read for Unpacked {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into).map_err(|failure| match failure {
            Failure::Read(error) => error,
            Failure::Cut(compression) => {
                let text = format!("the {} data are cut off", compression.name());
                io::Error::new(io::ErrorKind::UnexpectedEof, text)
            }
            Failure::Broken(compression, why) => io::Error::other(format!(
                "the {} data are damaged: {why}",
                compression.name()
            )),
        })
    }
}

/// A way through a file.
struct Pass {
    input: Input,
    endian: Option<Endian>,
    file: u32,
    /// Bytes of secrets that may still be kept.
    room: usize,
}

impl Pass {
    /// Takes the next block; `None` at the end of what can be read.
    fn block(&mut self, found: &mut Vec<Secrets>) -> Option<()> {
        let head: [u8; 12] = self.read(12)?.try_into().ok()?;
        let block = TypeAndLength::read(&head, &mut self.endian)?;
        let endian = self.endian?;
        // Type, length and what was read of the body are behind already.
        let mut rest = block.length.checked_sub(head.len())?;
        if block.holds_secrets() {
            self.room = self.room.checked_sub(rest)?;
            let body = self.read(rest)?;
            let [kind] = endian.words(head.get(8..)?)?;
            let [length] = endian.words(&body)?;
            let end = index(length).checked_add(4)?;
            found.push(Secrets {
                file: self.file,
                kind,
                bytes: Arc::from(body.get(4..end)?),
            });
            return Some(());
        }
        // The length is at the end once more.
        if let Some(mut fixed) = block.before_options() {
            if block.is_packet() {
                let more = self.read(fixed.min(rest))?;
                rest -= more.len();
                // Two words of time, captured length.
                let [_, _, captured] = endian.words(&more)?;
                fixed = index(captured).checked_next_multiple_of(4)? + 4;
            }
            if rest > fixed + 8 && rest - fixed <= self.room {
                self.input.skip(fixed)?;
                let options = self.read(rest - fixed)?;
                self.comments(endian, &options, found);
                return Some(());
            }
        }
        self.input.skip(rest)
    }

    /// Keeps comments that look like lines of a key log.
    fn comments(&mut self, endian: Endian, options: &[u8], found: &mut Vec<Secrets>) {
        for comment in comments(endian, options) {
            let has = |sign: &&[u8]| comment.windows(sign.len()).any(|part| part == *sign);
            if SIGNS.iter().any(has) && comment.len() <= self.room {
                self.room -= comment.len();
                found.push(Secrets {
                    file: self.file,
                    kind: Secrets::TLS_KEY_LOG,
                    bytes: Arc::from(comment),
                });
            }
        }
    }

    fn read(&mut self, bytes: usize) -> Option<Vec<u8>> {
        let mut read = vec![0; bytes];
        self.input.read_exact(&mut read).ok()?;
        Some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let level = flate2::Compression::default();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// A block of a little-endian section.
    fn block(kind: u32, body: &[u8]) -> Vec<u8> {
        let mut body = body.to_vec();
        body.resize(body.len().next_multiple_of(4), 0);
        let length = u32::try_from(body.len() + 12).unwrap().to_le_bytes();
        [&kind.to_le_bytes()[..], &length, &body, &length].concat()
    }

    fn comment(text: &str) -> Vec<u8> {
        let length = u16::try_from(text.len()).unwrap().to_le_bytes();
        let mut option = [&[1, 0][..], &length, text.as_bytes()].concat();
        option.resize(option.len().next_multiple_of(4), 0);
        option.extend([0; 4]);
        option
    }

    fn file() -> Vec<u8> {
        let section = [
            &[0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0][..],
            &[0xff; 8],
            &comment("CLIENT_RANDOM in the section"),
        ];
        let interface = [&[1, 0, 0, 0, 0, 0, 0, 0][..], &comment("only words")].concat();
        let packet = |text: &str| {
            let data = [7; 5];
            let fixed = [&[0; 12][..], &[5, 0, 0, 0, 5, 0, 0, 0], &data, &[0; 3]].concat();
            [
                fixed,
                if text.is_empty() {
                    Vec::new()
                } else {
                    comment(text)
                },
            ]
            .concat()
        };
        let secrets = [&0x544c_534b_u32.to_le_bytes()[..], &[5, 0, 0, 0], b"lines"].concat();
        [
            block(0x0a0d_0d0a, &section.concat()),
            block(1, &interface),
            block(6, &packet("")),
            block(6, &packet("of a packet: SERVER_TRAFFIC_SECRET_0")),
            block(10, &secrets),
            block(6, &packet("")),
        ]
        .concat()
    }

    fn found(bytes: &[u8]) -> Vec<String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let found = secrets(file.path(), 0, Limits::default());
        let text = |secrets: &Secrets| String::from_utf8(secrets.bytes.to_vec()).unwrap();
        found.iter().map(text).collect()
    }

    #[test]
    fn secrets_are_found_in_blocks_and_comments() {
        let expected = [
            "CLIENT_RANDOM in the section",
            "of a packet: SERVER_TRAFFIC_SECRET_0",
            "lines",
        ];
        assert_eq!(found(&file()), expected);
        for end in 0..file().len() {
            assert!(found(&file()[..end]).len() <= 3);
        }
    }

    #[test]
    fn compressed_files_are_unpacked() {
        let packed = gzip(&file());
        assert_eq!(found(&packed), found(&file()));
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&gzip(b"lines of a key log")).unwrap();
        let mut text = String::new();
        unpacked(file.path())
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "lines of a key log");
    }
}
