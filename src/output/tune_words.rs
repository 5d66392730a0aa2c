//! Settings in words, and in the words of others.
//!
//! Job: say a setting as people do, as the handshake asks for it, and as two widely used
//! libraries take it. Input: [`Setting`], [`Advice`]. Output: lines. RFC 7692 §7.1.

use std::fmt::Write;

use crate::base::Peer;
use crate::deflate::{Takeover, compressor_bytes, inflater_bytes};
use crate::page::words::{grouped, percent};
use crate::page::{Kind, Line, Sheet};
use crate::tune::{Advice, Choice, Setting};

/// Columns of a line of advice.
const WIDTH: usize = 77;

/// Thousandths above something, as `+12.3%`.
pub fn signed_percent(per_mille: u64) -> String {
    format!("+{}.{}%", per_mille / 10, per_mille % 10)
}

/// A choice in a few columns: `w12 m5 keep ≥64`.
pub fn describe(choice: &Choice) -> String {
    let Choice::Setting(setting) = choice else {
        return "no compression".to_owned();
    };
    let takeover = match setting.takeover {
        Takeover::Keep => "keep",
        Takeover::Reset => "reset",
    };
    let (window, memory) = (setting.window_bits, setting.memory_level);
    let mut out = format!("w{window} m{memory} {takeover}");
    if setting.threshold > 0 {
        let _ = write!(out, " from {}", setting.threshold);
    }
    if setting.level != Setting::DEFAULT.level {
        let _ = write!(out, " level {}", setting.level);
    }
    out
}

/// Bytes that a server holds for a connection: the compressor of what it sends and the inflater
/// of what it receives.
pub fn server_side(server: Option<Setting>, client: Option<Setting>) -> u64 {
    let own = server.map_or(0, |s| compressor_bytes(s.window_bits, s.memory_level));
    own + client.map_or(0, |s| inflater_bytes(s.window_bits))
}

/// The parameters of `permessage-deflate` that make `from` compress so.
pub fn handshake(from: Peer, setting: &Setting) -> String {
    let mut out = "permessage-deflate".to_owned();
    if setting.takeover == Takeover::Reset {
        // RFC 7692 §7.1.1.
        let _ = write!(out, "; {from}_no_context_takeover");
    }
    if setting.window_bits < 15 {
        // RFC 7692 §7.1.2; absent means 15.
        let _ = write!(out, "; {from}_max_window_bits={}", setting.window_bits);
    }
    out
}

/// The options of Node's `ws` that make `from` compress so.
pub fn node_ws(from: Peer, setting: &Setting) -> String {
    let mut options = Vec::new();
    if setting.takeover == Takeover::Reset {
        options.push(format!("{from}NoContextTakeover: true"));
    }
    if setting.window_bits < 15 {
        options.push(format!("{from}MaxWindowBits: {}", setting.window_bits));
    }
    let (memory, level) = (setting.memory_level, setting.level);
    options.push(format!(
        "zlibDeflateOptions: {{ memLevel: {memory}, level: {level} }}"
    ));
    options.push(format!("threshold: {}", setting.threshold));
    format!("perMessageDeflate: {{ {} }}", options.join(", "))
}

/// The factory of Python's `websockets` that makes `from` compress so.
pub fn python_websockets(from: Peer, setting: &Setting) -> String {
    let factory = match from {
        Peer::Client => "ClientPerMessageDeflateFactory",
        Peer::Server => "ServerPerMessageDeflateFactory",
    };
    let mut options = Vec::new();
    if setting.takeover == Takeover::Reset {
        options.push(format!("{from}_no_context_takeover=True"));
    }
    if setting.window_bits < 15 {
        options.push(format!("{from}_max_window_bits={}", setting.window_bits));
    }
    let (memory, level) = (setting.memory_level, setting.level);
    options.push(format!(
        "compress_settings={{\"memLevel\": {memory}, \"level\": {level}}}"
    ));
    format!("extensions=[{factory}({})]", options.join(", "))
}

/// Why a threshold is not so simple with these libraries.
pub fn about_threshold(setting: &Setting) -> Option<&'static str> {
    match (setting.threshold, setting.takeover) {
        (0, _) => None,
        (_, Takeover::Keep) => Some(
            "`ws` heeds its threshold only without takeover: with takeover, give send() \
             { compress: false } for shorter messages. `websockets` has no threshold.",
        ),
        (_, Takeover::Reset) => Some("`websockets` has no threshold: it compresses every message."),
    }
}

/// The recommendation with its reasons, in lines.
pub fn advise(from: Peer, advice: &Advice) -> Vec<Line> {
    let mut page = Sheet::new(WIDTH);
    for sentence in sentences(advice) {
        page.paragraph(Kind::Plain, sentence, 2);
    }
    let Some(setting) = advice.recommended.setting() else {
        return page.lines;
    };
    // A call's arguments may stand on the next line.
    let python = python_websockets(from, &setting).replace("Factory(", "Factory( ");
    for (name, value) in [
        ("handshake", handshake(from, &setting)),
        ("ws", node_ws(from, &setting)),
        ("websockets", python),
    ] {
        page.named(
            Line::new().plain(format!("  {name}")),
            value,
            Kind::Plain,
            14,
        );
    }
    if let Some(note) = about_threshold(&setting) {
        page.paragraph(Kind::Plain, note, 2);
    }
    page.lines
}

/// The recommendation with its reasons.
pub fn sentences(advice: &Advice) -> Vec<String> {
    let mut out = Vec::new();
    let within = percent(advice.tolerance);
    let above = percent(advice.above_best(advice.recommended.wire));
    match advice.recommended.setting() {
        None => out.push(format!(
            "Do not compress: no setting saves more than {within} of what these messages are \
             without."
        )),
        Some(setting) => out.push(format!(
            "Take a window of {} bits, memory level {}, {} takeover, {}: {} bytes of memory for \
             a connection ({} for the best size), and {above} more wire bytes than the best \
             size. It is the least memory within {within} of that size.",
            setting.window_bits,
            setting.memory_level,
            if setting.takeover == Takeover::Keep {
                "with"
            } else {
                "without"
            },
            match setting.threshold {
                0 => "no threshold".to_owned(),
                threshold => format!("compressing from {threshold} bytes on"),
            },
            grouped(advice.recommended.memory),
            grouped(advice.best.memory),
        )),
    }
    out.push(takeover(advice));
    out.push(match advice.pays_from {
        Some(0) => "Compressing pays for messages of every length seen.".to_owned(),
        Some(from) => format!("Compressing pays from {from} bytes on."),
        None => "Compressing does not pay even for the longest messages.".to_owned(),
    });
    out
}

fn takeover(advice: &Advice) -> String {
    let loss = advice.takeover.loss();
    let figure = percent(loss);
    if loss == 0 {
        return "Takeover saves nothing: messages copy nothing from earlier ones.".to_owned();
    }
    if loss > advice.tolerance {
        format!("Takeover pays: without it this compressor needs {figure} more wire bytes.")
    } else {
        format!(
            "Takeover hardly pays: without it this compressor needs {figure} more wire bytes, \
             and connections can share one."
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTING: Setting = Setting {
        level: 6,
        window_bits: 11,
        memory_level: 5,
        takeover: Takeover::Reset,
        threshold: 128,
    };

    #[test]
    fn settings_in_the_words_of_others() {
        assert_eq!(
            handshake(Peer::Server, &SETTING),
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=11"
        );
        assert_eq!(
            node_ws(Peer::Client, &SETTING),
            "perMessageDeflate: { clientNoContextTakeover: true, clientMaxWindowBits: 11, \
             zlibDeflateOptions: { memLevel: 5, level: 6 }, threshold: 128 }"
        );
        assert_eq!(
            python_websockets(Peer::Server, &SETTING),
            "extensions=[ServerPerMessageDeflateFactory(server_no_context_takeover=True, \
             server_max_window_bits=11, compress_settings={\"memLevel\": 5, \"level\": 6})]"
        );
        assert_eq!(
            handshake(Peer::Server, &Setting::DEFAULT),
            "permessage-deflate"
        );
    }
}
