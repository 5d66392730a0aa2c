//! Large captures: many connections, interleaved packet by packet; over HTTP/1.1, a WebSocket each, over TLS, or
//! over HTTP/2, with many streams on each.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::connection::Connection;
use super::kind::{Carried, Kind};
use super::random::Random;
use super::talk::Talk;
use super::wire::Wire;
use wscope_testkit::tls;

/// How long a capture is to be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Length {
    /// So many bytes, at least.
    Bytes(u64),
    /// So many turns of those who speak.
    Turns(u64),
}

/// Writes a pcap file, and says how many turns it has. As many turns of as many `WebSockets` say the same,
/// whatever carries them.
pub(crate) fn capture(
    path: &Path,
    kind: Kind,
    length: Length,
    carried: Carried,
) -> io::Result<u64> {
    let mut wire = Wire::create(path)?;
    let mut random = Random::new(7);
    let connections = carried.connections;
    let each = carried.streams.unwrap_or(1);
    let mut open: Vec<Connection> = (0..connections)
        .map(|number| Connection::new(number, carried))
        .collect();
    if carried.tls {
        let mut log = BufWriter::new(File::create(path.with_extension("keylog"))?);
        for number in 0..connections {
            log.write_all(tls::log(number).as_bytes())?;
        }
        log.flush()?;
    }
    let mut talks: Vec<Talk> = (0..connections * each)
        .map(|number| Talk::new(number, number % each, kind))
        .collect();
    for (number, connection) in open.iter_mut().enumerate() {
        connection.open(&mut wire)?;
        for talk in &mut talks[number * each..(number + 1) * each] {
            connection.handshake(talk.stream, kind, &mut wire)?;
        }
    }
    let mut turns = 0;
    while match length {
        Length::Bytes(bytes) => wire.written() < bytes,
        Length::Turns(all) => turns < all,
    } {
        turns += 1;
        let which = usize::try_from(random.below(talks.len() as u64)).unwrap_or(0);
        let connection = &mut open[which / each];
        talks[which].speak(kind, &mut random, connection, &mut wire)?;
    }
    for (number, connection) in open.iter_mut().enumerate() {
        for talk in &mut talks[number * each..(number + 1) * each] {
            talk.close(connection, &mut wire)?;
        }
        connection.close(&mut wire)?;
    }
    wire.finish()?;
    Ok(turns)
}
