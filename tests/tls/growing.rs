//! Key logs that grow while records go by.

use wscope::base::Peer;
use wscope::tls::{KeyLog, Keys, Note, Source, Status, Why};

use crate::captures;
use crate::harness::{Item, keys, packets, run, run_growing};

fn growing(text: &[u8]) -> Keys {
    let mut log = KeyLog::default();
    log.read(text, Source::File);
    log.expect_more();
    log.into()
}

/// Whatever packet the lines come after, what is read is the end of what was said, and what is not
/// read is reported.
#[test]
fn lines_that_come_late_open_what_follows() {
    for name in ["wss-tls13", "wss-tls12", "tls/tls13-key-update"] {
        let path = |end: &str| captures().join(format!("{name}.{end}"));
        let packets = packets(&path("pcap"));
        let text = std::fs::read(path("keylog")).unwrap();
        let whole = run(&packets, &keys(&path("keylog")));
        let (truth, _) = &whole[&1];
        let (before, later) = (growing(b""), growing(&text));
        let mut late = 0;
        for after in (0..packets.len()).step_by(3) {
            let all = run_growing(&packets, (&before, &later), after);
            let (said, facts) = &all[&1];
            for from in Peer::BOTH {
                let (known, all) = (said.known(from), truth.known(from));
                assert!(all.ends_with(&known), "{name}, {after}, {from}");
                let gaps = said.items[from]
                    .iter()
                    .position(|it| matches!(it, Item::Gap(_)));
                let is_whole = known.len() == all.len();
                assert!(is_whole || gaps.is_some(), "{name}, {after}, {from}");
                // What is missing lies before all that is known.
                assert!(gaps.is_none_or(|at| at == 0), "{name}, {after}, {from}");
            }
            let notes = said.notes.iter();
            let told = notes
                .filter(|(_, note)| matches!(note, Note::LinesCameLate(_)))
                .count();
            late += told;
            if told > 0 && facts.status == Status::Partly {
                assert_eq!(facts.why, Some(Why::LinesCameLate), "{name}, {after}");
            }
        }
        assert!(late > 3, "{name}: {late}");
    }
}
