//! How a live capture stands, and what can be listened on.
//!
//! Job: render. Input: plain values. Output: bytes.

use std::net::IpAddr;

use serde::Serialize;

use super::json::line;
use crate::page::escape::safe;

/// A live capture, at its end or when something about it changed.
#[derive(Debug, Clone, Serialize)]
pub struct CaptureLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    /// The interface.
    pub interface: &'a str,
    /// `up`, `down`, `ended` or `failed`.
    pub state: &'static str,
    /// Packets captured.
    pub packets: u64,
    /// Their captured bytes.
    pub bytes: u64,
    /// Packets lost, by who counted them.
    pub dropped: Dropped,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<&'a str>,
}

/// Packets lost.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Dropped {
    /// By the kernel, whose buffer was full.
    pub kernel: u64,
    /// By the interface or its driver.
    pub interface: u64,
    /// By wscope, which never does: what it cannot take it leaves to the kernel.
    pub wscope: u64,
}

impl<'a> CaptureLine<'a> {
    /// A capture on `interface` that stands as `state` says.
    pub fn new(interface: &'a str, state: &'static str, dropped: Dropped) -> Self {
        Self {
            kind: "capture",
            interface,
            state,
            packets: 0,
            bytes: 0,
            dropped,
            error: None,
        }
    }

    /// The object as a line.
    pub fn render(&self) -> Vec<u8> {
        let mut out = Vec::new();
        line(self, &mut out);
        out
    }
}

/// An interface, as `wscope interfaces` shows it.
#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct InterfaceLine<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    addresses: &'a [IpAddr],
    /// It is up.
    pub up: bool,
    /// Its cable is plugged in, or what stands for that.
    pub running: bool,
    /// It carries the machine's traffic with itself.
    pub loopback: bool,
    /// It is a wireless one.
    pub wireless: bool,
    /// The one that is most likely meant.
    pub likely: bool,
}

impl<'a> InterfaceLine<'a> {
    /// An interface that is down.
    pub fn new(name: &'a str, description: Option<&'a str>, addresses: &'a [IpAddr]) -> Self {
        Self {
            kind: "interface",
            name,
            description,
            addresses,
            up: false,
            running: false,
            loopback: false,
            wireless: false,
            likely: false,
        }
    }

    fn state(&self) -> &'static str {
        match (self.up, self.running) {
            (false, _) => "down",
            (true, true) => "up",
            // A card without a cable, a bridge without a member.
            (true, false) => "up, no carrier",
        }
    }

    /// What else there is to say of it.
    fn remarks(&self) -> String {
        let mut remarks: Vec<String> = self.addresses.iter().map(ToString::to_string).collect();
        if self.loopback {
            remarks.push("loopback".to_owned());
        }
        if self.wireless {
            remarks.push("wireless".to_owned());
        }
        if let Some(description) = self.description {
            remarks.push(format!("({})", safe(description)));
        }
        remarks.join("  ")
    }
}

/// The interfaces as a table, a line each; the likely one has a star.
pub fn interfaces(list: &[InterfaceLine<'_>]) -> String {
    let names: Vec<String> = list.iter().map(|interface| safe(interface.name)).collect();
    let widest = names.iter().map(String::len).max().unwrap_or(0);
    let mut out = String::new();
    for (interface, name) in list.iter().zip(names) {
        let mark = if interface.likely { '*' } else { ' ' };
        let state = interface.state();
        let row = format!("{mark} {name:widest$}  {state:14}  {}", interface.remarks());
        out.push_str(row.trim_end());
        out.push('\n');
    }
    out
}

/// The interfaces as JSON Lines.
pub fn interfaces_json(list: &[InterfaceLine<'_>]) -> Vec<u8> {
    let mut out = Vec::new();
    for interface in list {
        line(interface, &mut out);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_are_a_table() {
        let addresses = ["192.0.2.1".parse().unwrap(), "2001:db8::1".parse().unwrap()];
        let mut card = InterfaceLine::new("enp0s31f6", None, &addresses);
        (card.up, card.running, card.likely) = (true, true, true);
        let mut bridge = InterfaceLine::new("br0", Some("a\x1bb"), &[]);
        bridge.up = true;
        let down = InterfaceLine::new("eth1", None, &[]);
        assert_eq!(
            interfaces(&[card, bridge, down]),
            "* enp0s31f6  up              192.0.2.1  2001:db8::1\n  \
               br0        up, no carrier  (a\\x1bb)\n  \
               eth1       down\n"
        );
    }

    #[test]
    fn a_capture_is_an_object() {
        let dropped = Dropped {
            kernel: 3,
            interface: 0,
            wscope: 0,
        };
        let mut object = CaptureLine::new("lo", "ended", dropped);
        object.packets = 7;
        assert_eq!(
            String::from_utf8(object.render()).unwrap(),
            "{\"type\":\"capture\",\"interface\":\"lo\",\"state\":\"ended\",\"packets\":7,\
             \"bytes\":0,\"dropped\":{\"kernel\":3,\"interface\":0,\"wscope\":0}}\n"
        );
    }
}
