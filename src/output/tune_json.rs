//! `tune --json`.
//!
//! Job: one object for each sender and setting, and a recommendation for each sender.
//! Input: [`Report`]. Output: JSON Lines; docs/json.md has the fields.

use serde::Serialize;

use super::json;
use super::tune::Report;
use super::tune_words::{handshake, node_ws, python_websockets, sentences};
use crate::base::Peer;
use crate::deflate::Takeover;
use crate::tune::{Advice, Point, Senders, Setting};

#[derive(Serialize)]
struct SampleLine {
    #[serde(rename = "type")]
    kind: &'static str,
    connections: u64,
    of_connections: u64,
    payload_bytes: u64,
    of_payload_bytes: u64,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    bounded: bool,
}

#[derive(Serialize)]
struct SettingFields {
    window_bits: u8,
    memory_level: u8,
    takeover: bool,
    threshold: u64,
    level: u8,
}

impl SettingFields {
    fn of(setting: &Setting) -> Self {
        Self {
            window_bits: setting.window_bits,
            memory_level: setting.memory_level,
            takeover: setting.takeover == Takeover::Keep,
            threshold: setting.threshold,
            level: setting.level,
        }
    }
}

#[derive(Serialize)]
struct TuneLine {
    #[serde(rename = "type")]
    kind: &'static str,
    from: &'static str,
    #[serde(flatten)]
    setting: SettingFields,
    wire_bytes: u64,
    observed_bytes: u64,
    plain_bytes: u64,
    compressor_bytes: u64,
    inflater_bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<f64>,
}

#[derive(Serialize)]
struct PointFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    setting: Option<SettingFields>,
    wire_bytes: u64,
    memory_bytes: u64,
}

impl PointFields {
    fn of(point: &Point) -> Self {
        Self {
            setting: point.setting().map(|setting| SettingFields::of(&setting)),
            wire_bytes: point.wire,
            memory_bytes: point.memory,
        }
    }
}

#[derive(Serialize)]
struct TakeoverFields {
    keep_bytes: u64,
    reset_bytes: u64,
}

#[derive(Serialize)]
struct ClassFields {
    from: u64,
    messages: u64,
    plain_bytes: u64,
    wire_bytes: u64,
}

#[derive(Serialize)]
struct HostFields {
    server: String,
    connections: u64,
    at_once: u64,
}

#[derive(Serialize)]
struct RecommendationLine {
    #[serde(rename = "type")]
    kind: &'static str,
    from: &'static str,
    tolerance: f64,
    connections: u64,
    messages: u64,
    payload_bytes: u64,
    control_bytes: u64,
    left_out: u64,
    beyond_sample: u64,
    observed_bytes: u64,
    plain_bytes: u64,
    recommended: PointFields,
    best: PointFields,
    nearest: PointFields,
    as_near: usize,
    takeover: TakeoverFields,
    #[serde(skip_serializing_if = "Option::is_none")]
    pays_from: Option<u64>,
    sizes: Vec<ClassFields>,
    front: Vec<PointFields>,
    #[serde(skip_serializing_if = "Option::is_none")]
    handshake: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ws: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    websockets: Option<String>,
    text: String,
    hosts: Vec<HostFields>,
}

/// The sample, every setting of every sender, and the recommendations.
pub fn json(report: &Report, out: &mut Vec<u8>) {
    let sample = SampleLine {
        kind: "sample",
        connections: report.connections,
        of_connections: report.of_connections,
        payload_bytes: report.bytes,
        of_payload_bytes: report.of_bytes,
        bounded: report.is_bounded,
    };
    json::line(&sample, out);
    let advice = report.advice();
    for (peer, senders) in report.tuning.senders.iter() {
        if advice[peer].is_some() {
            settings(report, peer, senders, out);
        }
    }
    for (peer, advice) in advice.iter() {
        if let Some(advice) = advice {
            json::line(&recommendation(report, peer, advice), out);
        }
    }
}

fn settings(report: &Report, peer: Peer, senders: &Senders, out: &mut Vec<u8>) {
    let tuning = &report.tuning;
    for setting in tuning.grid.settings() {
        let Some(wire_bytes) = tuning.wire(senders, &setting) else {
            continue;
        };
        let time = tuning.time_per_mille(senders, &setting);
        let line = TuneLine {
            kind: "tune",
            from: peer.name(),
            setting: SettingFields::of(&setting),
            wire_bytes,
            observed_bytes: senders.observed(),
            plain_bytes: senders.plain(),
            compressor_bytes: setting.compressor_bytes(),
            inflater_bytes: setting.inflater_bytes(),
            time: time.map(thousandths),
        };
        json::line(&line, out);
    }
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
fn thousandths(per_mille: u64) -> f64 {
    per_mille as f64 / 1000.0
}

fn recommendation(report: &Report, peer: Peer, advice: &Advice) -> RecommendationLine {
    let senders = &report.tuning.senders[peer];
    let classes = report.tuning.size_classes(senders, &advice.about);
    let setting = advice.recommended.setting();
    RecommendationLine {
        kind: "recommendation",
        from: peer.name(),
        tolerance: thousandths(advice.tolerance),
        connections: senders.connections,
        messages: senders.messages,
        payload_bytes: senders.payload,
        control_bytes: senders.control,
        left_out: senders.omitted.unknown,
        beyond_sample: senders.omitted.beyond,
        observed_bytes: senders.observed(),
        plain_bytes: senders.plain(),
        recommended: PointFields::of(&advice.recommended),
        best: PointFields::of(&advice.best),
        nearest: PointFields::of(&advice.nearest),
        as_near: advice.as_near,
        takeover: TakeoverFields {
            keep_bytes: advice.takeover.keep,
            reset_bytes: advice.takeover.reset,
        },
        pays_from: advice.pays_from,
        sizes: classes
            .iter()
            .map(|class| ClassFields {
                from: class.from,
                messages: class.messages,
                plain_bytes: class.plain,
                wire_bytes: class.wire,
            })
            .collect(),
        front: advice.front.iter().map(PointFields::of).collect(),
        handshake: setting.map(|setting| handshake(peer, &setting)),
        ws: setting.map(|setting| node_ws(peer, &setting)),
        websockets: setting.map(|setting| python_websockets(peer, &setting)),
        text: sentences(advice).join(" "),
        hosts: report
            .hosts
            .iter()
            .map(|host| HostFields {
                server: host.server.to_string(),
                connections: host.connections,
                at_once: host.at_once,
            })
            .collect(),
    }
}
