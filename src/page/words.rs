//! Figures and states in words: the one place for each wording.
//!
//! Job: say numbers, sizes, times and what became of a connection as people read them, the same
//! wherever they stand. Input: values. Output: text.

use std::fmt::Write;

use jiff::Span;
use jiff::civil::Date;

pub use crate::base::words::{count, grouped, span};

use crate::base::{Conversing, PacketRef, Peer, PerPeer, Timestamp};
use crate::deflate::{Agreement, Parameters, Takeover};
use crate::event::{ConnectionInfo, Facts, Status, StreamEnd, Upgrade};
use crate::http::{Accept, Handshake};
use crate::preamble::Proxied;
use crate::tcp::{Ending, Process};
use crate::tls::{self, KeySource};
use crate::ws::close_code_allowed;

/// `byte 3`, `bytes 3 to 8`: `len` of them from `start` on.
pub fn places(word: &str, start: u64, len: u64) -> String {
    match len {
        0 => format!("no {word}s"),
        1 => format!("{word} {}", grouped(start)),
        _ => format!("{word}s {} to {}", grouped(start), grouped(start + len - 1)),
    }
}

/// `packet 12`, `packet 12 of file 2`: of the first file only its number.
pub fn packet(packet: PacketRef) -> String {
    match packet.file {
        0 => format!("packet {}", packet.number),
        file => format!("packet {} of file {}", packet.number, file + 1),
    }
}

/// `TLS 1.3, TLS_AES_128_GCM_SHA256, server example.org, read with the key log`.
pub fn tls(facts: &tls::Facts) -> String {
    let mut parts = vec![
        facts
            .version
            .map_or_else(|| "TLS".to_owned(), |version| version.to_string()),
    ];
    parts.extend(facts.suite.map(|suite| suite.to_string()));
    parts.extend(facts.name.as_ref().map(|name| format!("server {name}")));
    parts.extend(
        facts
            .protocol
            .as_ref()
            .map(|name| format!("carries {name}")),
    );
    let read = match facts.status {
        tls::Status::Read => "read",
        tls::Status::Partly => "partly read",
        tls::Status::Unread => "not read",
    };
    let with = facts.keys.map_or("", |keys| match keys {
        KeySource::KeyLog => " with the key log",
        KeySource::SecretsBlock => " with secrets in the capture",
        KeySource::Trial => " with a secret found by trial",
    });
    let why = facts.why.map_or_else(String::new, |why| format!(": {why}"));
    parts.push(format!("{read}{with}{why}"));
    parts.join(", ")
}

/// At most five columns: `9999`, `12.3k`, `123k`, `1.23M`.
pub fn brief(number: u64) -> String {
    if number < 10_000 {
        return number.to_string();
    }
    let mut unit = 1_u128;
    for name in ['k', 'M', 'G', 'T', 'P', 'E'] {
        unit *= 1000;
        let parts = |per: u128| (u128::from(number) * per + unit / 2) / unit;
        let (hundredths, tenths, whole) = (parts(100), parts(10), parts(1));
        if hundredths < 1000 {
            return format!("{}.{:02}{name}", hundredths / 100, hundredths % 100);
        }
        if tenths < 1000 {
            return format!("{}.{}{name}", tenths / 10, tenths % 10);
        }
        if whole < 1000 {
            return format!("{whole}{name}");
        }
    }
    "huge".to_owned()
}

/// Payload bytes for each byte on the wire in at most five columns; `-` where there are none.
pub fn ratio(payload: u64, wire: u64) -> String {
    if wire == 0 {
        return "-".to_owned();
    }
    let hundredths = (u128::from(payload) * 100 + u128::from(wire) / 2) / u128::from(wire);
    if hundredths >= 100_000 {
        format!("{}", hundredths / 100)
    } else if hundredths >= 10_000 {
        format!("{}.{}", hundredths / 100, hundredths / 10 % 10)
    } else {
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

/// The ratio of a message, where it was compressed and its length is known.
pub fn ratio_of(message: &Facts) -> String {
    let inflation = message.inflation();
    inflation.map_or_else(|| "-".to_owned(), |(payload, wire)| ratio(payload, wire))
}

/// `z` compressed, `f3` three frames, `P` partial, `L` lost, `T` cut by the limit.
pub fn flags(message: &Facts) -> String {
    let mut flags = String::new();
    if message.compressed {
        flags.push('z');
    }
    if message.frames > 1 {
        flags.push('f');
        flags.push_str(&brief(message.frames.into()));
    }
    match message.status {
        Status::Complete => {}
        Status::Partial(_) => flags.push('P'),
        Status::Lost(_) => flags.push('L'),
    }
    if message.truncated {
        flags.push('T');
    }
    flags
}

/// `part` of `whole` in thousandths, rounded; 0 where `whole` is.
pub fn per_mille(part: u64, whole: u64) -> u64 {
    if whole == 0 {
        return 0;
    }
    let rounded = (u128::from(part) * 1000 + u128::from(whole) / 2) / u128::from(whole);
    u64::try_from(rounded).unwrap_or(u64::MAX)
}

/// Thousandths as `12.3 %`.
pub fn percent(per_mille: u64) -> String {
    format!("{}.{} %", per_mille / 10, per_mille % 10)
}

/// `part` of `whole` as `12.3 %`; `-` where there is no whole.
pub fn share(part: u64, whole: u64) -> String {
    match whole {
        0 => "-".to_owned(),
        _ => percent(per_mille(part, whole)),
    }
}

/// Nanoseconds as seconds with six digits: `1.234567`.
pub fn seconds(nanos: i64) -> String {
    let micros = (nanos.unsigned_abs() + 500) / 1000;
    let sign = if nanos < 0 && micros > 0 { "-" } else { "" };
    format!("{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// The day of a second since the epoch, UTC: `2024-02-29`.
pub fn day(seconds: i64) -> String {
    match u64::try_from(seconds) {
        Ok(seconds) => {
            let days = i64::try_from(seconds / 86_400).unwrap_or(i64::MAX);
            let first = Date::constant(1970, 1, 1);
            let day = Span::new()
                .try_days(days)
                .and_then(|days| first.checked_add(days));
            day.map_or_else(|_| "after 9999".to_owned(), |day| day.to_string())
        }
        Err(_) => "before 1970".to_owned(),
    }
}

/// `localhost, valid from 2024-01-01 to 2024-12-31`; where it was not seen, that.
pub fn certificate(facts: &tls::Facts) -> String {
    let Some(certificate) = &facts.certificate else {
        return "not seen".to_owned();
    };
    let names = match certificate.names.as_slice() {
        [] => "no name".to_owned(),
        names => names.join(", "),
    };
    let (first, last) = (day(certificate.not_before), day(certificate.not_after));
    format!("{names}, valid from {first} to {last}")
}

/// A time in UTC, as this format writes it.
fn utc(time: Timestamp, format: &str) -> String {
    let time = jiff::Timestamp::from_nanosecond(time.0.into());
    time.unwrap_or_default().strftime(format).to_string()
}

/// `14:03:22.123456`, UTC.
pub fn clock(time: Timestamp) -> String {
    utc(time, "%H:%M:%S%.6f")
}

/// `2026-03-01 14:03:22.123456`, UTC.
pub fn date_and_clock(time: Timestamp) -> String {
    utc(time, "%Y-%m-%d %H:%M:%S%.6f")
}

/// Bytes in hexadecimal with nothing between them.
pub fn digits(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// Bytes in hexadecimal, `??` where `known` says no.
pub fn hex(bytes: &[u8], mut known: impl FnMut(usize) -> bool) -> String {
    let shown = bytes.iter().enumerate().map(|(index, byte)| {
        if known(index) {
            format!("{byte:02x}")
        } else {
            "??".to_owned()
        }
    });
    shown.collect::<Vec<_>>().join(" ")
}

/// Host and target of a request, as far as they were captured.
pub fn target(handshake: &Handshake) -> String {
    let target = handshake.request_target().unwrap_or_default();
    // RFC 9112 §3.2.2: a proxy is asked for the whole URL, which has the host in it.
    if target.contains("://") {
        target
    } else {
        handshake.host().unwrap_or_default() + &target
    }
}

/// What became of the upgrade, and what was agreed.
pub fn upgrade(info: &ConnectionInfo) -> String {
    let handshake = info.handshake.as_deref();
    let status = handshake.and_then(Handshake::status);
    match (info.upgrade, status) {
        (Upgrade::Accepted, _) => {
            let accept = handshake.and_then(Handshake::accept).map(Accept::name);
            let accept = accept.map(|name| format!(", Sec-WebSocket-Accept {name}"));
            format!(
                "accepted with {}{}, {}",
                status.unwrap_or(101),
                accept.unwrap_or_default(),
                extension(info.agreement)
            )
        }
        (Upgrade::Refused, Some(status)) => format!("refused with {status}"),
        (Upgrade::Refused, None) => "refused".to_owned(),
        (Upgrade::AnswerMissing, _) => "the answer is not in the capture".to_owned(),
        (Upgrade::Unanswered, _) => "not answered".to_owned(),
        (Upgrade::NotCaptured, _) => "not in the capture; recognised by its frames".to_owned(),
    }
}

/// The compression that holds.
pub fn extension(agreement: Agreement) -> &'static str {
    match agreement {
        Agreement::None => "no compression",
        Agreement::Unknown => "an extension that wscope does not know",
        Agreement::PermessageDeflate(_) => "permessage-deflate",
        Agreement::DeflateFrame(_) => "x-webkit-deflate-frame",
    }
}

/// The addresses that preambles name: `203.0.113.7:51234`. Empty where there are none.
pub fn proxied_addresses(proxied_from: &[Proxied]) -> String {
    let addresses = proxied_from.iter();
    let addresses: Vec<&str> = addresses.map(|named| named.address.as_str()).collect();
    addresses.join(", ")
}

/// The same for people: `PROXY v1 for client 203.0.113.7:51234`.
pub fn proxied(proxied_from: &[Proxied]) -> String {
    let named: Vec<String> = proxied_from.iter().map(ToString::to_string).collect();
    named.join(", ")
}

/// The processes that have the ends: `client python3 (12), server nginx (7)`. Empty where none is known.
pub fn processes(processes: &PerPeer<Option<Process>>) -> String {
    let named = processes.iter().filter_map(|(peer, process)| {
        let Process { pid, name } = process.as_ref()?;
        Some(format!("{peer} {name} ({pid})"))
    });
    named.collect::<Vec<_>>().join(", ")
}

/// The same where there is little room: `python3 12 → nginx 7`, as the arrow leads from the client to the server.
pub fn processes_briefly(processes: &PerPeer<Option<Process>>) -> String {
    let brief = |process: &Process| format!("{} {}", process.name, process.pid);
    match (&processes.client, &processes.server) {
        (None, None) => String::new(),
        (Some(client), None) => format!("{} →", brief(client)),
        (None, Some(server)) => format!("→ {}", brief(server)),
        (Some(client), Some(server)) => format!("{} → {}", brief(client), brief(server)),
    }
}

/// What a sender's compressor may do.
pub fn parameters(parameters: Parameters, inferred: bool) -> String {
    let takeover = match parameters.takeover {
        Takeover::Keep => "context takeover",
        Takeover::Reset => "no context takeover",
    };
    let guess = if inferred { ", inferred" } else { "" };
    let bits = parameters.window_bits.get();
    format!("window of {bits} bits, {takeover}{guess}")
}

/// `connection 3: its key, carried on or captured twice`: how it is known; empty where it is no leg of another.
pub fn same_as(first: Option<(Conversing, &'static str)>) -> String {
    first.map_or_else(String::new, |(first, how)| {
        format!("connection {first}: {how}")
    })
}

/// How TCP ended.
pub fn ending(ending: Ending) -> String {
    match ending {
        Ending::Open => "still open where the capture ends".to_owned(),
        Ending::HalfClosed(by) => format!("half-closed by the {by}"),
        Ending::Closed => "closed".to_owned(),
        Ending::Reset(by) => format!("reset by the {by}"),
    }
}

/// What a close code means. RFC 6455 §7.4.1.
pub fn close_meaning(code: u16) -> &'static str {
    match code {
        1000 => "normal closure",
        1001 => "going away",
        1002 => "protocol error",
        1003 => "data of a kind that is not accepted",
        1007 => "data that do not fit the message's type",
        1008 => "policy violation",
        1009 => "message too big",
        1010 => "an extension is missing that the client needs",
        1011 => "unexpected condition at the server",
        1012 => "service restart",
        1013 => "try again later",
        1014 => "bad gateway",
        // RFC 6455 §7.4.1: these stand for what did not come, and are in no frame.
        1005 => "never on the wire: it stands for a close frame without a code",
        1006 => "never on the wire: it stands for no close frame at all",
        1015 => "never on the wire: it stands for TLS that failed",
        3000..=3999 => "registered for a library or framework",
        4000..=4999 => "private to the application",
        _ if close_code_allowed(code) => "registered",
        _ => "may not stand in a frame",
    }
}

/// How a stream of HTTP/2 ended.
pub fn stream_ending(ending: Ending, stream: StreamEnd) -> String {
    if stream.by_connection {
        return format!("ended with its connection: {}", self::ending(ending));
    }
    match (ending, reset_code(Some(stream))) {
        (Ending::HalfClosed(by), _) => format!("END_STREAM of the {by}"),
        (Ending::Closed, _) => "closed by END_STREAM of both".to_owned(),
        (Ending::Reset(_), Some(code)) => format!("{} with {code}", self::ending(ending)),
        _ => self::ending(ending),
    }
}

/// Why a stream was reset: `CANCEL`.
pub fn reset_code(stream: Option<StreamEnd>) -> Option<String> {
    stream?.reset.map(|code| code.to_string())
}

/// `2 errors, 1 note`; empty where there are none.
pub fn findings([errors, warnings, notes]: [u64; 3]) -> String {
    let all = [(errors, "error"), (warnings, "warning"), (notes, "note")];
    let some = all.into_iter().filter(|(number, _)| *number > 0);
    let some: Vec<_> = some.map(|(number, word)| count(number, word)).collect();
    some.join(", ")
}

/// An arrow from the sender, as it points on a page with the client on the left.
pub fn arrow(from: Peer) -> &'static str {
    match from {
        Peer::Client => "→",
        Peer::Server => "←",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_counts() {
        assert_eq!(places("byte", 1482, 1), "byte 1,482");
        assert_eq!(places("bit", 3, 8), "bits 3 to 10");
        assert_eq!(findings([2, 0, 1]), "2 errors, 1 note");
    }

    #[test]
    fn figures_fit_five_columns() {
        for (number, text) in [
            (0, "0"),
            (9999, "9999"),
            (10_000, "10.0k"),
            (12_345, "12.3k"),
            (99_949, "99.9k"),
            (99_950, "100k"),
            (999_499, "999k"),
            (999_500, "1.00M"),
            (1_234_567, "1.23M"),
            (u64::MAX, "18.4E"),
        ] {
            assert_eq!(brief(number), text);
        }
        let mut number = 1_u64;
        while let Some(next) = number.checked_mul(3) {
            assert!(brief(number).len() <= 5, "{}", brief(number));
            number = next;
        }
    }

    #[test]
    fn ratios_and_shares() {
        assert_eq!(ratio(193, 57), "3.39");
        assert_eq!(ratio(0, 1), "0.00");
        assert_eq!(ratio(5, 0), "-");
        assert_eq!(ratio(1_029_000, 1000), "1029");
        assert_eq!(ratio(102_900, 1000), "102.9");
        assert_eq!(
            [per_mille(1, 3), per_mille(2, 3), per_mille(1, 0)],
            [333, 667, 0]
        );
        assert_eq!([share(1, 3), share(1, 0)], ["33.3 %", "-"]);
    }

    #[test]
    fn times() {
        assert_eq!(seconds(1_500_000_000), "1.500000");
        assert_eq!(seconds(-2_000), "-0.000002");
        assert_eq!(seconds(-2), "0.000000");
    }

    #[test]
    fn dates() {
        assert_eq!(date_and_clock(Timestamp(0)), "1970-01-01 00:00:00.000000");
        assert_eq!(
            date_and_clock(Timestamp::new(951_827_696, 5000)),
            "2000-02-29 12:34:56.000005"
        );
        assert_eq!(
            date_and_clock(Timestamp::new(4_102_444_799, 0)),
            "2099-12-31 23:59:59.000000"
        );
    }
}
