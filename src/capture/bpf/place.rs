//! Where a BPF expression is wrong.
//!
//! Job: find the place that libpcap's message does not tell. Input: an expression that libpcap
//! refused, its message, and a way to try others. Output: a byte offset.
//! Source: `pcap-filter(7)`.
//!
//! A message may quote the word it is about. A syntax error is found by trying the expression's
//! beginnings: the word that no continuation can follow is the wrong one. Names are tried as
//! addresses, as libpcap would ask the network for each of them.

/// Words that mean something by themselves.
const WORDS: &[&str] = &[
    "dst",
    "src",
    "link",
    "ether",
    "ppp",
    "slip",
    "fddi",
    "tr",
    "wlan",
    "arp",
    "rarp",
    "ip",
    "sctp",
    "tcp",
    "udp",
    "icmp",
    "igmp",
    "igrp",
    "pim",
    "vrrp",
    "carp",
    "radio",
    "ip6",
    "icmp6",
    "ah",
    "esp",
    "atalk",
    "aarp",
    "decnet",
    "lat",
    "sca",
    "moprc",
    "mopdl",
    "iso",
    "clnp",
    "stp",
    "ipx",
    "netbeui",
    "esis",
    "isis",
    "host",
    "net",
    "mask",
    "port",
    "portrange",
    "proto",
    "protochain",
    "gateway",
    "type",
    "subtype",
    "direction",
    "dir",
    "less",
    "greater",
    "byte",
    "broadcast",
    "multicast",
    "and",
    "or",
    "not",
    "len",
    "length",
    "inbound",
    "outbound",
    "ifindex",
    "ifname",
    "vlan",
    "mpls",
    "pppoed",
    "pppoes",
    "geneve",
    "vxlan",
    "action",
    "reason",
    "rnr",
    "rset",
    "icmptype",
    "icmpcode",
    "tcpflags",
];

/// Words that a name follows.
const NAMED: &[&str] = &[
    "host",
    "net",
    "port",
    "portrange",
    "gateway",
    "proto",
    "protochain",
    "dst",
    "src",
    "type",
    "subtype",
    "ether",
    "ifname",
];

/// What can follow the beginning of an expression.
const CONTINUATIONS: &[&str] = &[
    "",
    " 1",
    " 10.0.0.1",
    " tcp",
    " port 1",
    " host 10.0.0.1",
    " 0:1",
    " = 1",
    "1] = 1",
    "] = 1",
];

/// Offset of the first byte that is wrong; at the end of the expression where something is missing.
/// `try_it` gives libpcap's message on another expression.
pub(super) fn place(
    expression: &str,
    message: &str,
    mut try_it: impl FnMut(&str) -> Option<String>,
) -> Option<usize> {
    let words = words(expression);
    if let Some(quoted) = quoted(message) {
        let named = words.iter().find(|(_, word)| *word == quoted);
        if let Some((at, _)) = named {
            return Some(*at);
        }
    }
    if !message.contains("syntax error") {
        return None;
    }
    let mut beginning = String::new();
    let mut before = "";
    let mut open = 0_usize;
    for (at, word) in words {
        let strange = is_strange(before, word);
        if strange && !word.contains('.') {
            return Some(at);
        }
        match word {
            "(" => open += 1,
            ")" => open = open.saturating_sub(1),
            _ => {}
        }
        beginning.push(' ');
        beginning.push_str(if strange { "10.0.0.1" } else { word });
        let close = ")".repeat(open);
        let fits = CONTINUATIONS.iter().any(|rest| {
            let message = try_it(&format!("{beginning}{rest}{close}"));
            message.is_none_or(|message| !message.contains("syntax error"))
        });
        if !fits {
            return Some(at);
        }
        before = word;
    }
    Some(expression.len())
}

/// The word that a message quotes.
fn quoted(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once(['\'', '"'])?;
    let (word, _) = rest.split_once(['\'', '"'])?;
    Some(word)
}

/// Whether a word is none of the language, and stands where no name is due.
fn is_strange(before: &str, word: &str) -> bool {
    let name = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let known = |word: &str| WORDS.contains(&word) || word.contains(['-', ':']);
    name && !known(word) && !NAMED.contains(&before) && word.parse::<std::net::IpAddr>().is_err()
}

/// Words and signs with their offsets.
fn words(expression: &str) -> Vec<(usize, &str)> {
    let is_sign = |c: char| "()[]!&|=<>+*/%^".contains(c);
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in expression.char_indices() {
        let ends = c.is_whitespace() || is_sign(c);
        if let (Some(from), true) = (start, ends) {
            words.push((from, expression.get(from..at).unwrap_or_default()));
            start = None;
        }
        if is_sign(c) {
            let end = at.saturating_add(c.len_utf8());
            words.push((at, expression.get(at..end).unwrap_or_default()));
        } else if !ends && start.is_none() {
            start = Some(at);
        }
    }
    if let Some(from) = start {
        words.push((from, expression.get(from..).unwrap_or_default()));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compile(expression: &str) -> Option<String> {
        let dead = pcap::Capture::dead(pcap::Linktype::ETHERNET).unwrap();
        let program = dead.compile(expression, true);
        program.err().map(|error| error.to_string())
    }

    fn wrong(expression: &str) -> Option<&str> {
        let message = compile(expression).unwrap();
        let at = place(expression, &message, compile)?;
        Some(&expression[at..])
    }

    #[test]
    fn the_wrong_word_is_found() {
        assert_eq!(wrong("tcp prot 80"), Some("prot 80"));
        assert_eq!(wrong("tcp port 80 80"), Some("80"));
        assert_eq!(wrong("(tcp port 80) ) and udp"), Some(") and udp"));
        assert_eq!(wrong("host 10.0.0.1 and tcp prot 3"), Some("prot 3"));
        assert_eq!(wrong("tcp[0] > 3 udp"), Some("udp"));
    }

    #[test]
    fn what_is_missing_is_missing_at_the_end() {
        for expression in ["tcp port", "tcp and", "(tcp port 80", "tcp[12", "not"] {
            assert_eq!(wrong(expression), Some(""), "{expression}");
        }
    }

    #[test]
    fn a_quoted_word_is_the_place() {
        assert_eq!(
            place("tcp port htpp", "unknown port 'htpp'", |_| None),
            Some(9)
        );
        assert_eq!(place("greater", "something else", |_| None), None);
    }
}
