//! What libpcap says, as it says it.

/// What libpcap says.
pub(in crate::capture) fn text(error: &pcap::Error) -> String {
    match error {
        pcap::Error::PcapError(message) => message.clone(),
        other => other.to_string(),
    }
}
