//! The decryption secrets of a whole file, before its first packet is read.
//!
//! Job: pass over the headers of a pcapng file's blocks. Input: a file that can be read again.
//! Output: [`Secrets`], in the order of their blocks. pcapng §4.7 wants them before the packets that
//! need them; programs put them anywhere.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use super::bytes::Endian;
use super::pcapng::{Secrets, TypeAndLength};
use crate::base::Limits;

/// The secrets in the blocks of a pcapng file; none where it is another kind of file. What is
/// damaged or cut off ends the pass: reading the packets tells of it.
pub fn secrets(path: &Path, file: u32, limits: Limits) -> Vec<Secrets> {
    let mut found = Vec::new();
    let regular = path.metadata().is_ok_and(|it| it.is_file());
    if let Some(opened) = regular.then(|| File::open(path).ok()).flatten() {
        pass(
            &mut BufReader::with_capacity(1 << 16, opened),
            file,
            limits,
            &mut found,
        );
    }
    found
}

fn pass(
    input: &mut BufReader<File>,
    file: u32,
    limits: Limits,
    found: &mut Vec<Secrets>,
) -> Option<()> {
    let mut endian: Option<Endian> = None;
    let mut room = limits.packet_bytes;
    loop {
        let mut head = [0; 12];
        input.read_exact(&mut head).ok()?;
        let block = TypeAndLength::read(&head, &mut endian)?;
        // Type, length and what was read of the body are behind already.
        let rest = block.length.checked_sub(head.len())?;
        if !block.holds_secrets() {
            input.seek_relative(i64::try_from(rest).ok()?).ok()?;
            continue;
        }
        room = room.checked_sub(rest)?;
        let mut body = vec![0; rest];
        input.read_exact(&mut body).ok()?;
        let [kind] = endian?.words(head.get(8..)?)?;
        let [length] = endian?.words(&body)?;
        let end = usize::try_from(length).ok()?.checked_add(4)?;
        found.push(Secrets {
            file,
            kind,
            bytes: Arc::from(body.get(4..end)?),
        });
    }
}
