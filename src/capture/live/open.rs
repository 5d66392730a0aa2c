//! Opening an interface.
//!
//! Job: a libpcap handle with the mode that loses nothing, or a reason with what to do about it.
//! Input: [`Settings`]. Output: a [`Listener`].
//!
//! Packets come in large pieces of the kernel's buffer, a piece when it is full or after
//! `TIMEOUT`: libpcap's immediate mode gives each packet a slot as large as the snaplen, and loses
//! most of them once a few hundred have come in a row.

use std::sync::Arc;
use std::thread;

use pcap::{Active, Capture};

use super::interface::interfaces;
use super::queue::Queue;
use super::reader::{NANOSECONDS, Reader, TIMEOUT};
use super::running::Live;
use super::said::text;
use super::settings::Settings;
use super::status::Monitor;
use crate::capture::link::LinkType;
use crate::capture::stop::Stop;
use crate::error::Error;

/// Bytes that wait for the analysis at most.
const QUEUE: usize = 64 << 20;

/// An interface that is open: packets are captured from now on, and read from [`Listener::start`]
/// on. Between the two, rights that only opening needs can be given up.
pub struct Listener {
    capture: Capture<Active>,
    link: LinkType,
    settings: Settings,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener")
            .field("settings", &self.settings)
            .field("link", &self.link)
            .finish_non_exhaustive()
    }
}

impl Listener {
    /// Opens what `settings` name.
    pub fn open(settings: Settings) -> Result<Self, Error> {
        let mut capture = activate(&settings).map_err(|message| reason(&settings, &message))?;
        filter(&mut capture, &settings)?;
        let number = capture.get_datalink().0;
        Ok(Self {
            link: LinkType::from_file(u32::try_from(number).unwrap_or(u32::MAX)),
            capture,
            settings,
        })
    }

    /// How the packets' first bytes are to be read.
    pub fn link(&self) -> LinkType {
        self.link
    }

    /// What was asked for.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Begins to read, until `stop` is set, a limit is reached or the interface fails.
    pub fn start(self, stop: Stop) -> Result<Live, Error> {
        let name = self.settings.interface.clone();
        let failed = |message| Error::Capture {
            name: name.clone(),
            message,
        };
        let queue = Arc::new(Queue::new(QUEUE));
        let monitor = Monitor::new(name.as_str().into(), stop);
        let Self {
            capture,
            link,
            settings,
        } = self;
        let reader = Reader::new(capture, link, settings, Arc::clone(&queue), monitor.clone());
        let reader = reader.map_err(|error| failed(text(&error)))?;
        let thread = thread::Builder::new().name("capture".to_owned());
        let thread = thread
            .spawn(move || reader.run())
            .map_err(|error| failed(error.to_string()))?;
        Ok(Live::new(queue, monitor, thread))
    }
}

/// A handle, or libpcap's message.
fn activate(settings: &Settings) -> Result<Capture<Active>, String> {
    let open = |promiscuous| {
        let precision = if NANOSECONDS {
            pcap::Precision::Nano
        } else {
            pcap::Precision::Micro
        };
        Capture::from_device(settings.interface.as_str())?
            .promisc(promiscuous)
            .snaplen(i32::try_from(settings.snaplen).unwrap_or(i32::MAX))
            .timeout(i32::from(TIMEOUT))
            .buffer_size(i32::try_from(settings.buffer).unwrap_or(i32::MAX))
            .immediate_mode(false)
            .precision(precision)
            .open()
    };
    // Linux knows no promiscuous mode of all interfaces at once.
    let promiscuous = settings.promiscuous && settings.interface != "any";
    open(promiscuous)
        .or_else(|error| {
            // Some interfaces have no such mode; what reaches them is captured all the same.
            if promiscuous && text(&error).to_ascii_lowercase().contains("promisc") {
                open(false)
            } else {
                Err(error)
            }
        })
        .map_err(|error| text(&error))
}

/// Has the kernel choose packets.
///
/// Linux shows each packet of the loopback interface twice, as it leaves and as it comes back, and
/// libpcap skips the first one after it took room in the buffer and was counted. A filter
/// `inbound` would spare that, but libpcap applies a new filter to the first piece of the buffer
/// by itself, where it cannot tell directions, and all packets in there would be lost.
fn filter(capture: &mut Capture<Active>, settings: &Settings) -> Result<(), Error> {
    match settings.filter.as_deref() {
        None => Ok(()),
        Some(expression) => capture
            .filter(expression, true)
            .map_err(|error| Error::Filter {
                expression: expression.to_owned(),
                message: text(&error),
            }),
    }
}

/// Why an interface cannot be opened, and what to do.
fn reason(settings: &Settings, message: &str) -> Error {
    let name = settings.interface.clone();
    let said = message.to_ascii_lowercase();
    let not_permitted = ["permi", "cap_net_raw", "access denied", "root"];
    if not_permitted.iter().any(|part| said.contains(part)) {
        return Error::NotPermitted {
            name,
            message: message.to_owned(),
        };
    }
    match interfaces() {
        Ok(list) if !list.iter().any(|one| one.name == name) => Error::NoInterface {
            name,
            known: list.into_iter().map(|one| one.name).collect(),
        },
        _ => Error::Capture {
            name,
            message: message.to_owned(),
        },
    }
}
