//! Silent connections take less room, and give up what they keep, with the same output for any number of
//! threads.

use super::*;

/// Connections that send compressed messages.
const TALKING: u16 = 24;

/// Connections whose request has no end.
const ASKING: u16 = 6;

/// Rounds, each in a block of its own.
const ROUNDS: u32 = 16;

/// Bytes of what is no TCP between rounds.
const BETWEEN: usize = 520_000;

/// Bytes that do not compress, the same in each run.
fn noise(seed: u32, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2_654_435_761).max(1);
    let byte = |_| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    };
    (0..len).map(byte).collect()
}

/// A sender of the capture.
struct Sender {
    seq: u32,
    compress: Compress,
}

impl Sender {
    fn new() -> Self {
        let compress = Compress::new(Compression::fast(), false);
        Self {
            seq: 2_000,
            compress,
        }
    }

    /// A message that copies from the one before.
    fn message(&mut self, payload: &[u8]) -> Vec<u8> {
        let mut body = Vec::with_capacity(2 * payload.len() + 100);
        let sync = FlushCompress::Sync;
        self.compress
            .compress_vec(payload, &mut body, sync)
            .unwrap();
        body.truncate(body.len() - 4);
        let mut all = vec![0xc2, 126];
        all.extend(u16::try_from(body.len()).unwrap().to_be_bytes());
        all.extend(body);
        all
    }
}

/// What is no TCP, of a block's length.
fn silence(file: &mut Vec<u8>) {
    let bytes = vec![0; 52_000];
    for _ in 0..BETWEEN / bytes.len() {
        let other = PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64).udp(9, 9);
        record(file, |packet| other.write(packet, &bytes).unwrap());
    }
}

/// Each round some of the connections send, and then nothing of interest comes for a block.
fn rounds() -> Vec<u8> {
    let mut file = file_header();
    let mut senders: Vec<_> = (0..TALKING).map(|_| Sender::new()).collect();
    let (client, server) = ([10, 0, 0, 1], [10, 0, 0, 2]);
    let from_client = |file: &mut Vec<u8>, port: u16, seq: u32, payload: &[u8]| {
        let builder = PacketBuilder::ipv4(client, server, 64).tcp(port, 80, seq, 9_000);
        record(file, |packet| builder.write(packet, payload).unwrap());
    };
    let from_server = |file: &mut Vec<u8>, port: u16, sender: &mut Sender, payload: &[u8]| {
        let builder = PacketBuilder::ipv4(server, client, 64).tcp(80, port, sender.seq, 9_000);
        record(file, |packet| builder.write(packet, payload).unwrap());
        sender.seq += u32::try_from(payload.len()).unwrap();
    };
    let ports = (0..TALKING).map(|number| 40_000 + number);
    for port in ports.chain((0..ASKING).map(|number| 50_000 + number)) {
        let opens = PacketBuilder::ipv4(client, server, 64).tcp(port, 80, 999, 9_000);
        record(&mut file, |packet| opens.syn().write(packet, &[]).unwrap());
        let answers = PacketBuilder::ipv4(server, client, 64).tcp(80, port, 1_999, 9_000);
        let answers = answers.syn().ack(1_000);
        record(&mut file, |packet| answers.write(packet, &[]).unwrap());
    }
    for (port, sender) in (40_000..).zip(&mut senders) {
        from_client(&mut file, port, 1_000, REQUEST);
        from_server(&mut file, port, sender, ANSWER);
    }
    let line = [&REQUEST[..REQUEST.len() - 2], &[b'y'; 3000]].concat();
    for round in 0..ROUNDS {
        for (number, sender) in (0..u32::from(TALKING)).zip(&mut senders) {
            // Some are silent for long, and come again at the end.
            let talks = number % 8 == round % 8 || round < 4 || round + 1 == ROUNDS;
            if talks {
                let port = 40_000 + u16::try_from(number).unwrap();
                let mut payload = noise(number, 6_000);
                payload.extend(noise(1000 * round + number, 3_000));
                if number % 2 == 1 {
                    // Which takes less room when it is packed.
                    payload.truncate(6_500);
                    for byte in &mut payload {
                        *byte = *byte % 10 + b'0';
                    }
                }
                let message = sender.message(&payload);
                from_server(&mut file, port, sender, &message);
            }
        }
        for number in 0..ASKING {
            let beyond = &line[if round == 0 { 0 } else { 1_000 }..];
            let seq = if round == 0 {
                1_000
            } else {
                1_000 + round * 10_000
            };
            let port = 50_000 + number;
            if round == 0 || round % 5 == u32::from(number) {
                from_client(&mut file, port, seq, beyond);
            }
        }
        silence(&mut file);
    }
    file
}

#[test]
fn what_silent_connections_give_up_does_not_depend_on_threads() {
    let capture = rounds();
    let printed = |threads, limit| {
        printed_within(threads, &capture, |limits| limits.kept_total_bytes = limit)
    };
    let (whole, tally) = printed(1, usize::MAX);
    assert_eq!((tally.let_go, tally.given_up()), (0, None));
    assert!(!whole.contains("history-lost"));
    // They rest, and nothing is lost.
    for threads in [1, 3] {
        let (resting, tally) = printed(threads, 6_000_000);
        assert!(resting == whole && tally.let_go == 0, "{tally:?}");
    }
    let (less, tally) = printed(1, 2_000_000);
    assert!(
        less.contains("history-lost") && tally.let_go > 0,
        "{tally:?}"
    );
    assert!(tally.given_up().is_some());
    assert!(tally.account.is_balanced(), "{:?}", tally.account);
    for threads in [2, 3, 8] {
        let (more, other) = printed(threads, 2_000_000);
        assert!(more == less, "{threads} threads");
        assert_eq!(other, tally, "{threads} threads");
    }
}
