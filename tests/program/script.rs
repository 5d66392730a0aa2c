//! A capture of what two ends are made to say, without any socket.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

use wscope_testkit::{Frame, Segment, pcap};

/// Connections, one after the other.
#[derive(Default)]
pub(crate) struct Script {
    packets: Vec<Vec<u8>>,
    port: u16,
    seq: [u32; 2],
}

impl Script {
    /// The next connection begins with these heads.
    pub(crate) fn open(&mut self, request: &[u8], answer: &[u8]) {
        self.port += 1;
        self.seq = [1000, 9000];
        self.send(0, request);
        self.send(1, answer);
    }

    fn send(&mut self, from: usize, payload: &[u8]) {
        let segment = Segment {
            from_client: from == 0,
            ports: (40_000 + self.port, 80),
            vlan: None,
            seq: self.seq[from],
            ack: self.seq[1 - from],
            flags: 0x18,
            payload,
        };
        self.packets.push(segment.packet());
        self.seq[from] += u32::try_from(payload.len()).unwrap();
    }

    /// A frame of the client.
    pub(crate) fn client(&mut self, first: u8, payload: &[u8]) {
        self.send(0, &Frame::masked(first, payload).bytes());
    }

    /// A frame of the server.
    pub(crate) fn server(&mut self, first: u8, payload: &[u8]) {
        self.send(1, &Frame::bare(first, payload).bytes());
    }

    /// The capture, with a millisecond between packets.
    pub(crate) fn capture(&self) -> Vec<u8> {
        let time = |number: u64| 1_700_000_000_000_000_000 + number * 1_000_000;
        let numbered = (0..).zip(&self.packets);
        pcap(numbered.map(|(number, data)| (time(number), data.as_slice(), data.len())))
    }
}
