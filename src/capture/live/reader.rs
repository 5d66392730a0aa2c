//! The thread that captures.
//!
//! Job: copy packets out of the kernel's buffer into blocks, give each block when it is full or
//! nothing more is there, and keep the counters. Input: a libpcap handle. Output: blocks in the
//! queue, the status in the monitor.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pcap::{Active, Capture};

use super::queue::Queue;
use super::said::text;
use super::settings::Settings;
use super::status::{Monitor, Unwrapped};
use crate::base::{PacketRef, Timestamp};
use crate::capture::link::LinkType;
use crate::capture::packet::{Block, PacketRecord};
use crate::capture::status::{Drops, State};

/// Milliseconds after which the kernel gives a piece of its buffer that is not full.
pub(super) const TIMEOUT: u16 = 25;

/// Whether libpcap gives nanoseconds here.
pub(super) const NANOSECONDS: bool = cfg!(any(target_os = "linux", target_os = "freebsd"));

/// Packets taken in one go; a block is looked at in between.
const AT_ONCE: u64 = 64;
/// How often the counters are read.
const TICK: Duration = Duration::from_secs(1);
/// The thread looks up at least this often.
const PATIENCE: Duration = Duration::from_millis(100);

pub(super) struct Reader {
    capture: Capture<Active>,
    link: LinkType,
    settings: Settings,
    queue: Arc<Queue>,
    monitor: Monitor,
    block: Block,
    packets: u64,
    bytes: u64,
    kernel: Unwrapped,
    interface: Unwrapped,
    /// When the counters were read, and how many packets there had been.
    ticked: Instant,
    packets_then: u64,
    down: bool,
}

impl Reader {
    pub(super) fn new(
        capture: Capture<Active>,
        link: LinkType,
        settings: Settings,
        queue: Arc<Queue>,
        monitor: Monitor,
    ) -> Result<Self, pcap::Error> {
        // Elsewhere a read returns by itself after the timeout.
        #[cfg(unix)]
        let capture = capture.setnonblock()?;
        Ok(Self {
            capture,
            link,
            settings,
            queue,
            monitor,
            block: Block::default(),
            packets: 0,
            bytes: 0,
            kernel: Unwrapped::default(),
            interface: Unwrapped::default(),
            ticked: Instant::now(),
            packets_then: 0,
            down: false,
        })
    }

    /// Captures to the end.
    pub(super) fn run(mut self) {
        let state = match self.capture() {
            Ok(()) => State::Ended,
            Err(error) => State::Failed(text(&error)),
        };
        self.count();
        self.give();
        self.monitor.update(|status| {
            // A capture that waits for its interface until it is told to end did not go well.
            if !(status.state == State::Down && state == State::Ended) {
                status.state = state;
            }
        });
        self.queue.close();
    }

    fn capture(&mut self) -> Result<(), pcap::Error> {
        let begun = Instant::now();
        loop {
            let over = |limit| begun.elapsed() >= limit;
            if self.monitor.wants_stop() || self.settings.duration.is_some_and(over) {
                return self.drain();
            }
            let taken = self.take()?;
            if self.is_enough() {
                return Ok(());
            }
            if taken == 0 || self.block.bytes().len() >= Block::BYTES {
                if !self.give() {
                    return Ok(());
                }
                if self.ticked.elapsed() >= TICK {
                    self.tick();
                }
            }
            if taken == 0 {
                self.wait();
            }
        }
    }

    /// Takes what was captured until now and no more, however much goes on coming.
    fn drain(&mut self) -> Result<(), pcap::Error> {
        // By then the kernel has given the piece that it was filling.
        let end = Instant::now() + 3 * Duration::from_millis(TIMEOUT.into());
        let bound = self.bytes.saturating_add(
            u64::try_from(self.settings.buffer)
                .unwrap_or(u64::MAX)
                .max(1 << 20),
        );
        while !self.is_enough() && self.bytes < bound {
            if self.take()? > 0 {
                if self.block.bytes().len() >= Block::BYTES && !self.give() {
                    return Ok(());
                }
            } else if Instant::now() >= end {
                break;
            } else {
                self.wait();
            }
        }
        Ok(())
    }

    fn is_enough(&self) -> bool {
        self.settings
            .packets
            .is_some_and(|limit| self.packets >= limit)
    }

    /// Copies some packets into the block; 0 where none is there.
    fn take(&mut self) -> Result<usize, pcap::Error> {
        let limit = self.settings.packets.unwrap_or(u64::MAX);
        let most = AT_ONCE.min(limit.saturating_sub(self.packets));
        let most = usize::try_from(most).unwrap_or(1);
        let link = self.link;
        let (block, packets, bytes) = (&mut self.block, &mut self.packets, &mut self.bytes);
        self.capture.dispatch(Some(most), |packet| {
            *packets = packets.saturating_add(1);
            let start = block.bytes().len();
            block.append(packet.data);
            *bytes = bytes.saturating_add(u64::try_from(packet.data.len()).unwrap_or(0));
            block.packets.push(PacketRecord {
                place: PacketRef::new(0, *packets),
                time: time(packet.header),
                link,
                wire_len: packet.header.len.max(packet.header.caplen),
                start,
                len: packet.data.len(),
                offset: 0,
            });
        })
    }

    /// Gives the block where it holds anything; `false` where nobody takes it.
    fn give(&mut self) -> bool {
        if self.block.is_empty() {
            return true;
        }
        let (packets, bytes) = (self.packets, self.bytes);
        self.monitor.update(|status| {
            status.packets = packets;
            status.bytes = bytes;
        });
        self.queue.push(&mut self.block)
    }

    /// Waits for packets, but not for long.
    #[cfg(unix)]
    fn wait(&self) {
        use std::os::fd::AsFd;

        use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

        let mut ready = [PollFd::new(self.capture.as_fd(), PollFlags::POLLIN)];
        let patience = PollTimeout::try_from(PATIENCE).unwrap_or(PollTimeout::ZERO);
        let woken = poll(&mut ready, patience);
        let readable = |ready: &PollFd<'_>| {
            ready
                .revents()
                .is_some_and(|events| events.contains(PollFlags::POLLIN))
        };
        // An interface that is down can be ready with nothing to read, again and again.
        if !matches!(woken, Ok(0)) && !ready.iter().any(readable) {
            std::thread::sleep(Duration::from_millis(TIMEOUT.into()));
        }
    }

    #[cfg(not(unix))]
    fn wait(&self) {}

    fn tick(&mut self) {
        self.count();
        // Looking at interfaces costs more than the counters do: only where packets fail to come.
        if self.packets == self.packets_then || self.down {
            self.look();
        }
        self.ticked = Instant::now();
        self.packets_then = self.packets;
    }

    /// Reads libpcap's counters.
    fn count(&mut self) {
        let Ok(stat) = self.capture.stats() else {
            return;
        };
        let drops = Drops {
            kernel: self.kernel.at(stat.dropped),
            interface: self.interface.at(stat.if_dropped),
        };
        self.monitor.update(|status| status.drops = drops);
    }

    /// Sees whether the interface is still up. One that is not listed is left to libpcap, as some
    /// systems list only what could be opened now.
    fn look(&mut self) {
        let Ok(devices) = pcap::Device::list() else {
            return;
        };
        let mine = devices
            .into_iter()
            .find(|device| device.name == self.settings.interface);
        let Some(device) = mine.filter(|device| device.name != "any") else {
            return;
        };
        self.down = !device.flags.is_up();
        let state = if self.down { State::Down } else { State::Up };
        self.monitor.update(|status| status.state = state);
    }
}

fn time(header: &pcap::PacketHeader) -> Timestamp {
    let unit = if NANOSECONDS { 1 } else { 1000 };
    let seconds = u64::try_from(header.ts.tv_sec).unwrap_or(0);
    let fraction = u32::try_from(header.ts.tv_usec).unwrap_or(0);
    Timestamp::new(seconds, fraction.saturating_mul(unit))
}
