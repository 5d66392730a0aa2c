//! Two real peers on the loopback interface, without any library: sockets and frames.
//!
//! The client sends a message and the server answers it, so that there is one order; both
//! compress with context takeover.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use wscope::base::Peer;

use wscope_testkit::{Compressor, Frame, upgrade};

const TEXT_COMPRESSED: u8 = 0xc1;
const CLOSE: u8 = 0x88;

/// A whole frame of `from`.
fn framed(from: Peer, first: u8, payload: &[u8]) -> Vec<u8> {
    match from {
        Peer::Client => Frame::masked(first, payload).bytes(),
        Peer::Server => Frame::bare(first, payload).bytes(),
    }
}

/// A port that nobody else uses, before anything was said on it.
pub(crate) struct Port(TcpListener);

impl Port {
    pub(crate) fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").unwrap())
    }

    pub(crate) fn number(&self) -> u16 {
        self.0.local_addr().unwrap().port()
    }

    /// A BPF expression for what is said here.
    pub(crate) fn filter(&self) -> String {
        format!("tcp port {}", self.number())
    }

    /// What a client asks for.
    pub(crate) fn request() -> Vec<u8> {
        upgrade("permessage-deflate", "permessage-deflate").0
    }

    /// Answers a client of another process.
    pub(crate) fn answer(&self) -> TcpStream {
        let (request, answer) = upgrade("permessage-deflate", "permessage-deflate");
        let (mut server, _) = self.0.accept().unwrap();
        server.read_exact(&mut vec![0; request.len()]).unwrap();
        server.write_all(&answer).unwrap();
        server
    }

    /// A connection that has been upgraded.
    pub(crate) fn connect(&self) -> Talk {
        let client = TcpStream::connect(self.0.local_addr().unwrap()).unwrap();
        let (server, _) = self.0.accept().unwrap();
        client.set_nodelay(true).unwrap();
        server.set_nodelay(true).unwrap();
        let (request, answer) = upgrade("permessage-deflate", "permessage-deflate");
        let compressor = || Compressor::new(6, 15, false);
        let mut talk = Talk {
            client,
            server,
            compressors: [compressor(), compressor()],
            said: Vec::new(),
        };
        talk.send(Peer::Client, &request);
        talk.send(Peer::Server, &answer);
        talk
    }
}

/// A connection, and what has been said on it.
pub(crate) struct Talk {
    client: TcpStream,
    server: TcpStream,
    compressors: [Compressor; 2],
    /// Sender and text of each message.
    pub(crate) said: Vec<(&'static str, String)>,
}

impl Talk {
    /// Sends bytes, which the other side reads whole before anything else happens.
    fn send(&mut self, from: Peer, bytes: &[u8]) {
        let (sender, receiver) = match from {
            Peer::Client => (&mut self.client, &mut self.server),
            Peer::Server => (&mut self.server, &mut self.client),
        };
        sender.write_all(bytes).unwrap();
        receiver.read_exact(&mut vec![0; bytes.len()]).unwrap();
    }

    pub(crate) fn say(&mut self, from: Peer, text: &str) {
        let payload = self.compressors[from as usize].message(text.as_bytes());
        self.send(from, &framed(from, TEXT_COMPRESSED, &payload));
        self.said.push((from.name(), text.to_owned()));
    }

    /// `count` questions with their answers, different ones each time.
    pub(crate) fn chat(&mut self, count: usize) {
        for _ in 0..count {
            let number = self.said.len();
            let text = |word| format!("{{\"{word}\":{number},\"of\":\"{}\"}}", number * 7919);
            self.say(Peer::Client, &text("question"));
            self.say(Peer::Server, &text("answer"));
        }
    }

    /// Ends the connection as it should be.
    pub(crate) fn close(mut self) -> Vec<(&'static str, String)> {
        let code = 1000_u16.to_be_bytes();
        for from in Peer::BOTH {
            self.send(from, &framed(from, CLOSE, &code));
        }
        self.said
    }
}
