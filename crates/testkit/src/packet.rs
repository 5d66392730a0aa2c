//! Packets and capture files: Ethernet, IPv4 and TCP in pcap.

/// One end's segment to the other.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Whether the client sends it, from 10.0.0.1; else the server does, from 10.0.0.2.
    pub from_client: bool,
    /// Ports of client and server.
    pub ports: (u16, u16),
    /// The VLAN that it is tagged with.
    pub vlan: Option<u16>,
    /// Its sequence number.
    pub seq: u32,
    /// What it acknowledges, where it has the flag.
    pub ack: u32,
    /// FIN 1, SYN 2, RST 4, ACK 0x10.
    pub flags: u8,
    /// What it carries.
    pub payload: &'a [u8],
}

impl Segment<'_> {
    /// The packet; its checksums are 0, as where a card computes them.
    pub fn packet(&self) -> Vec<u8> {
        let (mut source, mut destination) = (self.ports.0, self.ports.1);
        let (mut a, mut b) = ([10, 0, 0, 1], [10, 0, 0, 2]);
        if !self.from_client {
            (source, destination) = (destination, source);
            (a, b) = (b, a);
        }
        let mut data = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
        if let Some(vlan) = self.vlan {
            data.extend_from_slice(&[0x81, 0]);
            data.extend_from_slice(&vlan.to_be_bytes());
        }
        data.extend_from_slice(&[8, 0, 0x45, 0]);
        let total = u16::try_from(40 + self.payload.len()).unwrap();
        data.extend_from_slice(&total.to_be_bytes());
        data.extend_from_slice(&[0, 0, 0x40, 0, 64, 6, 0, 0]);
        data.extend_from_slice(&a);
        data.extend_from_slice(&b);
        data.extend_from_slice(&source.to_be_bytes());
        data.extend_from_slice(&destination.to_be_bytes());
        data.extend_from_slice(&self.seq.to_be_bytes());
        let ack = if self.flags & 0x10 == 0 { 0 } else { self.ack };
        data.extend_from_slice(&ack.to_be_bytes());
        data.extend_from_slice(&[0x50, self.flags, 0xff, 0xff, 0, 0, 0, 0]);
        data.extend_from_slice(self.payload);
        data
    }
}

/// A capture file: for each packet its nanoseconds since the epoch, its bytes, and how many it
/// had on the wire.
pub fn pcap<'a>(packets: impl IntoIterator<Item = (u64, &'a [u8], usize)>) -> Vec<u8> {
    // Nanoseconds, version 2.4, no limit, Ethernet.
    let head: [u32; 6] = [0xa1b2_3c4d, 0x0004_0002, 0, 0, 0x0004_0000, 1];
    let mut file: Vec<u8> = head.iter().flat_map(|word| word.to_le_bytes()).collect();
    for (time, data, wire_len) in packets {
        let (seconds, nanos) = (time / 1_000_000_000, time % 1_000_000_000);
        let sizes = [data.len() as u64, wire_len as u64];
        for word in [seconds, nanos].into_iter().chain(sizes) {
            file.extend_from_slice(&u32::try_from(word).unwrap().to_le_bytes());
        }
        file.extend_from_slice(data);
    }
    file
}
