//! TLS as it was recorded: whole, damaged, cut anew.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod harness;

use std::path::PathBuf;

use harness::{agrees, keys, packets, run};
use wscope::base::Peer;
use wscope::tls::{Status, Version};

fn capture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("captures").join(name)
}

#[test]
fn whole_captures_are_read() {
    for name in ["wss-tls13", "wss-tls12"] {
        let keys = keys(&capture(&format!("{name}.keylog")));
        let seen = run(&packets(&capture(&format!("{name}.pcap"))), &keys);
        for (said, facts) in seen.values() {
            eprintln!("{facts:?}");
            for from in Peer::BOTH {
                eprintln!("{from} {} bytes {} gaps {:?}", said.known(from).len(), said.gaps(from), String::from_utf8_lossy(&said.known(from)[..60.min(said.known(from).len())]));
            }
            assert_eq!(facts.status, Status::Read);
            assert!(facts.version >= Some(Version::TLS_1_2));
        }
    }
}

#[test]
fn one_packet_after_the_other_is_left_out() {
    for name in ["wss-tls13", "wss-tls12"] {
        let keys = keys(&capture(&format!("{name}.keylog")));
        let all = packets(&capture(&format!("{name}.pcap")));
        let whole = run(&all, &keys);
        for lost in 0..all.len() {
            let mut some = all.clone();
            some.remove(lost);
            let damaged = run(&some, &keys);
            for (number, (said, facts)) in &damaged {
                for from in Peer::BOTH {
                    let truth = whole[number].0.known(from);
                    let fit = agrees(&said.items[from], &truth);
                    eprintln!("{name} without {} {from}: {}/{} gaps {} {:?} {:?}", lost + 1, said.known(from).len(), truth.len(), said.gaps(from), facts.status, facts.why);
                    assert!(fit.is_ok(), "{name} without {}: {from} {fit:?}", lost + 1);
                }
            }
        }
    }
}
