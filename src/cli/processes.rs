//! The processes of this machine that have connections.
//!
//! Job: find the sockets of both ends in the system's tables, and the processes that have them open. Input:
//! two endpoints. Output: [`Process`]es. proc(5): `/proc/net/tcp`, `/proc/PID/fd`.
//!
//! Only what may be seen is found: as root the processes of all users, else one's own. A process with another
//! network (a container's) is not in this machine's tables.

use std::collections::{BTreeMap, HashMap};
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use procfs::net::{TcpNetEntry, TcpState};
use procfs::process::{FDTarget, all_processes};

use crate::base::{PerPeer, Timestamp};
use crate::net::Endpoint;
use crate::tcp::{Process, Processes};

/// The tables are read no more often than this …
const PAUSE: Duration = Duration::from_millis(100);

/// … and not for more than one part in so many of the time, as long as nobody waits for longer than `LONGEST`.
const SHARE: u32 = 10;
const LONGEST: Duration = Duration::from_secs(1);

/// A connection that was told so long ago may be gone, and another one have its addresses.
const FRESH_NANOS: i64 = 5_000_000_000;

/// Answers that are kept, for whoever reads the captured packets again.
const KEPT: usize = 1 << 14;

/// Sockets that are looked at.
const SOCKETS: usize = 1 << 18;

/// Where a socket is: its own end and the other one.
type Ends = (SocketAddr, SocketAddr);

/// What can be asked for the processes of connections.
pub(super) fn of_this_machine() -> Arc<dyn Processes> {
    Arc::new(Known::default())
}

#[derive(Debug, Default)]
struct Known(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    table: HashMap<Ends, Process>,
    /// When the table was read, by the clock that packets have their times of.
    at: Timestamp,
    /// When it was read, and how long that took.
    read: Option<(Instant, Duration)>,
    /// What was said, by what was asked.
    told: BTreeMap<(Timestamp, Endpoint, Endpoint), PerPeer<Option<Process>>>,
}

impl Processes for Known {
    fn of(&self, ends: PerPeer<Endpoint>, now: Timestamp) -> PerPeer<Option<Process>> {
        let local = PerPeer {
            client: is_local(ends.client.address),
            server: is_local(ends.server.address),
        };
        if !local.client && !local.server {
            return PerPeer::default();
        }
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (now, ends.client, ends.server);
        if let Some(told) = inner.told.get(&key) {
            return told.clone();
        }
        if clock().since(now) > FRESH_NANOS {
            return PerPeer::default();
        }
        // What was read before it was there says nothing of it.
        if inner.at <= now {
            inner.read();
        }
        let (client, server) = (address(ends.client), address(ends.server));
        let told = PerPeer {
            client: inner.table.get(&(client, server)).cloned(),
            server: inner.table.get(&(server, client)).cloned(),
        };
        if inner.told.len() >= KEPT {
            inner.told.pop_first();
        }
        inner.told.insert(key, told.clone());
        told
    }
}

impl Inner {
    /// Reads the tables, once it is time.
    fn read(&mut self) {
        if let Some((when, took)) = self.read {
            let pause = (took * SHARE).clamp(PAUSE, LONGEST);
            thread::sleep(pause.saturating_sub(when.elapsed()));
        }
        let begun = Instant::now();
        self.at = clock();
        self.table = table();
        self.read = Some((Instant::now(), begun.elapsed()));
    }
}

/// The processes that have connections open. Where several share one, as after a fork, the lowest number
/// is the one that was there first.
fn table() -> HashMap<Ends, Process> {
    let sockets = procfs::net::tcp().into_iter().chain(procfs::net::tcp6());
    let open = |entry: &TcpNetEntry| {
        // What nobody has open, or no longer, has no inode.
        entry.inode != 0 && entry.state != TcpState::Listen
    };
    let sockets: HashMap<u64, Ends> = sockets
        .flatten()
        .filter(open)
        .take(SOCKETS)
        .map(|entry| {
            let ends = (
                canonical(entry.local_address),
                canonical(entry.remote_address),
            );
            (entry.inode, ends)
        })
        .collect();
    let mut table: HashMap<Ends, Process> = HashMap::new();
    for process in all_processes().into_iter().flatten().flatten() {
        // Other users' processes cannot be looked into, and some are over by now.
        let Ok(files) = process.fd() else { continue };
        let ends = files.flatten().filter_map(|file| match file.target {
            FDTarget::Socket(inode) => sockets.get(&inode).copied(),
            _ => None,
        });
        let ends: Vec<_> = ends.collect();
        let (Ok(pid), false) = (u32::try_from(process.pid), ends.is_empty()) else {
            continue;
        };
        let Ok(stat) = process.stat() else { continue };
        let name: Arc<str> = stat.comm.into();
        for ends in ends {
            let one = Process {
                pid,
                name: Arc::clone(&name),
            };
            let known = table.entry(ends).or_insert_with(|| one.clone());
            if pid < known.pid {
                *known = one;
            }
        }
    }
    table
}

/// Whether an address is of this machine: whether a socket may have it, which sends nothing.
fn is_local(address: IpAddr) -> bool {
    let bound = UdpSocket::bind((address, 0));
    // An address that is good on one link only needs the link's name, which packets do not have.
    !bound.is_err_and(|error| error.kind() == ErrorKind::AddrNotAvailable)
}

/// The system's tables have IPv4 addresses of a socket that takes both in IPv6's form (RFC 4291 §2.5.5.2).
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

fn address(end: Endpoint) -> SocketAddr {
    SocketAddr::new(end.address, end.port)
}

fn clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let nanos = since.unwrap_or_default().as_nanos();
    Timestamp(u64::try_from(nanos).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn both_ends_of_a_connection_are_found_and_remembered() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (server, _) = listener.accept().unwrap();
        let end = |address: SocketAddr| Endpoint {
            address: address.ip(),
            port: address.port(),
        };
        let ends = PerPeer {
            client: end(client.local_addr().unwrap()),
            server: end(client.peer_addr().unwrap()),
        };
        let known = of_this_machine();
        let now = clock();
        let told = known.of(ends, now);
        for (_, one) in told.iter() {
            assert_eq!(one.as_ref().unwrap().pid, std::process::id());
        }
        drop((client, server));
        assert_eq!(known.of(ends, now), told);
        // What is asked of now is looked for now.
        assert_eq!(known.of(ends, clock()), PerPeer::default());
        let long_ago = Timestamp(now.0 - 2 * FRESH_NANOS.unsigned_abs());
        assert_eq!(known.of(ends, long_ago), PerPeer::default());
    }

    #[test]
    fn addresses_of_others_are_not_looked_for() {
        assert!(is_local([127, 0, 0, 1].into()));
        // RFC 5737: of nobody.
        assert!(!is_local([192, 0, 2, 77].into()));
    }
}
