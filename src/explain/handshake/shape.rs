//! A handshake as one JSON object: the contract of `docs/json.md`.
//!
//! Job: the same as the page, for programs. Input: a [`HandshakeInfo`]. Output: a line of JSON.

use serde::Serialize;

use super::super::json::FindingLine;
use super::extensions::ExtensionParameter;
use super::info::{AcceptInfo, HandshakeInfo, HeadInfo};
use crate::event::ConnectionInfo;
use crate::finding::Finding;
use crate::output::json::line;
use crate::page::redact::Redact;
use crate::page::words::digits;

#[derive(Serialize)]
struct Line<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    connection: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<u32>,
    upgrade: &'static str,
    request: Option<HeadLine<'a>>,
    response: Option<HeadLine<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    accept: Option<AcceptLine<'a>>,
    offered: &'a [String],
    agreed: &'a [String],
    outcome: &'a str,
    parameters: Vec<ParameterLine<'a>>,
    findings: Vec<FindingLine<'a>>,
}

#[derive(Serialize)]
struct HeadLine<'a> {
    from: &'static str,
    packet: u64,
    time: String,
    lines: Vec<LineLine<'a>>,
}

#[derive(Serialize)]
struct LineLine<'a> {
    line: &'a str,
    meaning: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    rule: &'static str,
}

#[derive(Serialize)]
struct AcceptLine<'a> {
    key: &'a str,
    with_guid: String,
    sha1: String,
    base64: &'a str,
    sent: Option<&'a str>,
    valid: bool,
}

#[derive(Serialize)]
struct ParameterLine<'a> {
    name: &'static str,
    offered: &'a [String],
    answered: &'a str,
    client: &'a str,
    server: &'a str,
    rule: &'static str,
}

/// Appends the object, where a handshake was captured.
pub fn json(info: &ConnectionInfo, findings: &[Finding], redact: Redact, out: &mut Vec<u8>) {
    let Some(handshake) = HandshakeInfo::of(info, redact) else {
        return;
    };
    let object = Line {
        kind: "handshake",
        connection: info.conversing.connection,
        stream: info.conversing.on_stream(),
        upgrade: info.upgrade.name(),
        request: handshake.request.as_ref().map(HeadLine::of),
        response: handshake.response.as_ref().map(HeadLine::of),
        accept: handshake.accept.as_ref().map(AcceptLine::of),
        offered: &handshake.offered,
        agreed: &handshake.agreed,
        outcome: &handshake.outcome,
        parameters: handshake.parameters.iter().map(ParameterLine::of).collect(),
        findings: findings.iter().map(FindingLine::of).collect(),
    };
    line(&object, out);
}

impl<'a> HeadLine<'a> {
    fn of(head: &'a HeadInfo) -> Self {
        let lines = head.lines.iter().map(|line| LineLine {
            line: &line.line,
            meaning: &line.meaning,
            rule: line.rule,
        });
        Self {
            from: head.from.name(),
            packet: head.at.packet.number,
            time: head.at.time.to_string(),
            lines: lines.collect(),
        }
    }
}

impl<'a> AcceptLine<'a> {
    fn of(accept: &'a AcceptInfo) -> Self {
        Self {
            key: &accept.key,
            with_guid: String::from_utf8_lossy(&accept.steps.joined).into_owned(),
            sha1: digits(&accept.steps.sha1),
            base64: &accept.steps.base64,
            sent: accept.sent.as_deref(),
            valid: accept.fits(),
        }
    }
}

impl<'a> ParameterLine<'a> {
    fn of(parameter: &'a ExtensionParameter) -> Self {
        Self {
            name: parameter.name,
            offered: &parameter.offered,
            answered: &parameter.answered,
            client: &parameter.client,
            server: &parameter.server,
            rule: parameter.rule,
        }
    }
}
