//! What can be listened on.
//!
//! Job: list the interfaces and mark the likely one. Input: libpcap's list.
//! Output: [`Interface`]s.

use std::net::IpAddr;

use super::said::text;
use crate::error::Error;

/// An interface that packets can be captured on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Interface {
    /// Its name, for `-i`.
    pub name: String,
    /// What the system says of it.
    pub description: Option<String>,
    /// Its addresses.
    pub addresses: Vec<IpAddr>,
    /// It is up.
    pub up: bool,
    /// Its resources are there; for a network card, the cable is plugged in.
    pub running: bool,
    /// It carries the machine's traffic with itself.
    pub loopback: bool,
    /// It is a wireless one.
    pub wireless: bool,
    /// It is no network card: all interfaces at once, a bus, a log.
    pub pseudo: bool,
    /// The one that traffic with other machines most likely passes.
    pub likely: bool,
}

/// Names of Linux's and other systems' pseudo-interfaces.
const PSEUDO: &[&str] = &["any", "nflog", "nfqueue", "pktap", "iptap"];
/// How the names begin of what libpcap captures on and what carries no IP.
const NO_NETWORK: &[&str] = &["bluetooth", "usbmon", "dbus", "can", "vcan", "randpkt"];

/// The interfaces in libpcap's order, which puts those that are up first. Left out is what carries
/// no IP: buses and the like.
pub fn interfaces() -> Result<Vec<Interface>, Error> {
    let devices = pcap::Device::list().map_err(|error| Error::Interfaces {
        message: text(&error),
    })?;
    let mut list: Vec<_> = devices
        .into_iter()
        .filter(|device| !NO_NETWORK.iter().any(|name| device.name.starts_with(name)))
        .map(interface)
        .collect();
    mark(&mut list);
    Ok(list)
}

fn interface(device: pcap::Device) -> Interface {
    let flags = &device.flags;
    Interface {
        up: flags.is_up(),
        running: flags.is_running(),
        loopback: flags.is_loopback(),
        wireless: flags.is_wireless(),
        pseudo: PSEUDO.contains(&device.name.as_str()),
        likely: false,
        addresses: device.addresses.iter().map(|entry| entry.addr).collect(),
        description: device.desc,
        name: device.name,
    }
}

/// Marks the likely one: up, running, with an address that other machines can reach.
fn mark(list: &mut [Interface]) {
    let score = |interface: &Interface| {
        let routable = |address: &IpAddr| match address {
            IpAddr::V4(v4) => !v4.is_link_local() && !v4.is_loopback(),
            IpAddr::V6(v6) => !v6.is_unicast_link_local() && !v6.is_loopback(),
        };
        let reachable = interface.addresses.iter().any(routable);
        let card = !interface.pseudo && !interface.loopback;
        (interface.up && card).then_some((
            reachable,
            interface.running,
            !is_virtual(&interface.name),
            interface.addresses.iter().any(IpAddr::is_ipv4),
        ))
    };
    let mut best = None;
    for (index, interface) in list.iter().enumerate() {
        let score = score(interface);
        // The first of equals: libpcap lists what matters more first.
        if score.is_some() && best.is_none_or(|(highest, _)| score > highest) {
            best = Some((score, index));
        }
    }
    let chosen = match best {
        Some((_, index)) => list.get_mut(index),
        None => list.iter_mut().find(|interface| interface.loopback),
    };
    if let Some(chosen) = chosen {
        chosen.likely = true;
    }
}

/// Whether the name is one that container and virtual machine hosts give to their inner networks.
fn is_virtual(name: &str) -> bool {
    const INNER: &[&str] = &[
        "docker", "br-", "veth", "virbr", "cni", "flannel", "cali", "lxc", "podman", "tun", "tap",
        "utun", "bridge", "vmnet", "dummy", "ifb",
    ];
    INNER.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn up(name: &str, address: &str) -> Interface {
        Interface {
            name: name.to_owned(),
            addresses: address.parse().into_iter().collect(),
            up: true,
            running: true,
            loopback: name == "lo",
            pseudo: name == "any",
            ..Interface::default()
        }
    }

    fn likely(mut list: Vec<Interface>) -> Option<String> {
        mark(&mut list);
        let marked: Vec<_> = list.iter().filter(|one| one.likely).collect();
        assert!(marked.len() <= 1);
        marked.first().map(|one| one.name.clone())
    }

    #[test]
    fn the_card_with_an_address_is_likely() {
        let list = vec![
            up("docker0", "172.17.0.1"),
            up("eth1", ""),
            up("eth0", "192.0.2.1"),
            up("any", ""),
            up("lo", "127.0.0.1"),
        ];
        assert_eq!(likely(list).as_deref(), Some("eth0"));
    }

    #[test]
    fn one_that_is_down_is_not() {
        let mut down = up("eth0", "192.0.2.1");
        down.up = false;
        let list = vec![down, up("eth1", "fe80::1"), up("lo", "127.0.0.1")];
        assert_eq!(likely(list).as_deref(), Some("eth1"));
    }

    #[test]
    fn without_a_card_it_is_the_loopback() {
        let list = vec![up("any", ""), up("lo", "127.0.0.1")];
        assert_eq!(likely(list).as_deref(), Some("lo"));
        assert_eq!(likely(vec![up("any", "")]), None);
    }
}
