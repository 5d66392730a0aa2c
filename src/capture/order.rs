//! In which order inputs are read.
//!
//! Job: a shell names the files of a ring in the order of their names, and `cap.pcap10` comes before
//! `cap.pcap2`; files are read in the order of their first packets instead. Input: inputs. Output:
//! their places, in the order of reading. What is no regular file keeps its place, and so does what
//! has no packet with a time.

use std::io::Read;
use std::sync::Arc;

use super::input::Input;
use super::open::{Clock, Reading};
use super::opened::Opened;
use super::packet::Block;
use super::stop::Stop;
use crate::base::{Limits, PacketRef, Timestamp};

/// Bytes of a file in which its first packet is looked for.
const HEAD: u64 = 1 << 20;

/// The places of `inputs`, in the order in which they are read.
pub(super) fn reading_order(inputs: &[Option<&Input>], limits: Limits) -> Arc<[u32]> {
    let count = u32::try_from(inputs.len()).unwrap_or(u32::MAX);
    let mut order: Vec<u32> = (0..count).collect();
    // One file has no order.
    let files = inputs.iter().flatten().filter(|input| input.is_file());
    if files.count() < 2 {
        return order.into();
    }
    let timed = (0..count).zip(inputs).filter_map(|(place, input)| {
        let time = first_time(input.filter(|input| input.is_file())?, limits)?;
        Some((time, place))
    });
    let mut timed: Vec<(Timestamp, u32)> = timed.collect();
    let places: Vec<u32> = timed.iter().map(|(_, place)| *place).collect();
    // Files that begin alike stay as they were named.
    timed.sort_unstable();
    for (place, (_, file)) in places.into_iter().zip(timed) {
        if let Some(slot) = order.get_mut(super::bytes::index(place)) {
            *slot = file;
        }
    }
    order.into()
}

/// When the first packet of a file was captured, where its beginning shows that.
fn first_time(input: &Input, limits: Limits) -> Option<Timestamp> {
    let opened = input.open(&Stop::default()).ok()?;
    let head = Opened::whole(Box::new(opened.bytes.take(HEAD)));
    let mut reading = Reading::begin("".into(), PacketRef::default(), head, limits).ok()?;
    let mut block = Block::default();
    let mut clock = Clock::default();
    loop {
        block.clear();
        let ended = reading.fill(&mut block, &mut clock);
        if let Some(first) = block.records().first() {
            return Some(first.time).filter(|time| time.0 > 0);
        }
        if !matches!(ended, Ok(false)) {
            return None;
        }
    }
}
