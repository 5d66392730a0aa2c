//! Packets from an interface, through libpcap.
//!
//! Job: open an interface, read it on a thread of its own, and hand blocks over. Input:
//! [`Settings`]. Output: [`Block`](crate::capture::Block)s through [`Live::read`], and how it stands through [`Monitor`].
//!
//! The thread does nothing but copy packets out of the kernel's buffer. When the analysis falls
//! behind, the queue between them fills, then the thread waits, then the kernel's buffer fills,
//! and then the kernel drops packets *and counts them*: one place where packets are lost, and one
//! counter. A queue that dropped on its own would free the processor no earlier, and lose
//! packets that the kernel's buffer still had room for.
//!
//! This is the one place of the library that looks at a clock: `Settings::duration` must end a
//! capture on an interface on which nothing happens.

mod interface;
mod open;
mod queue;
mod reader;
mod running;
mod said;
mod settings;
mod status;

pub use interface::{Interface, interfaces};
pub use open::Listener;
pub use queue::Turn;
pub use running::Live;
pub use settings::Settings;
pub use status::Monitor;

pub(super) use said::text;
