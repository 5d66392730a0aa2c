//! Damaged captures against whole ones: every byte that is known is right, the rest is a gap.

use wscope::base::Peer;

use crate::harness::{Owned, agrees, run};
use crate::load;
use wscope::tls::Keys;

/// Runs `some` and holds it against the whole run of `all`; gives the known bytes.
fn hold(what: &str, all: &[Owned], some: &[Owned], keys: &Keys) -> usize {
    let whole = run(all, keys);
    let mut known = 0;
    for (number, (said, _)) in run(some, keys) {
        for from in Peer::BOTH {
            let truth = whole[&number].0.known(from);
            let fit = agrees(&said.items[from], &truth);
            assert!(fit.is_ok(), "{what}: {from} of {number}: {fit:?}");
            known += said.known(from).len();
        }
    }
    known
}

#[test]
fn one_packet_after_the_other_is_left_out() {
    for name in ["wss-tls13", "wss-tls12", "tls/tls13-key-update", "tls/tls10-cbc-sha-mac-first", "tls/tls12-renegotiation"] {
        let (all, keys) = load(name);
        for lost in 0..all.len() {
            let mut some = all.clone();
            some.remove(lost);
            hold(&format!("{name} without {}", lost + 1), &all, &some, &keys);
        }
    }
}
