//! What went wrong on our side.
//!
//! Job: name the failure, where it happened, its cause and what to do about it.
//! Input and output: none; layers make these values and the command line prints them.
//! What the *peers* did wrong is a [finding](crate::finding), never an error.

use std::io;

/// A failure that stops something: an input that cannot be read, a filter that does not compile.
///
/// The text of each is whole: it holds its cause, so there is no `source` to print after it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An input that the system does not let us open.
    #[error("{name}: cannot be opened: {cause}{}", open_hint(cause))]
    Open {
        /// The input, as the user named it.
        name: String,
        /// What the system said.
        cause: io::Error,
    },

    /// A folder where a file is due.
    #[error("{name}: is a directory; name the capture files in it")]
    Directory {
        /// The input, as the user named it.
        name: String,
    },

    /// No byte at all.
    #[error("{name}: is empty; was the capture stopped before its first packet was written?")]
    Empty {
        /// The input, as the user named it.
        name: String,
    },

    /// Bytes that are neither pcap nor pcapng.
    #[error(
        "{name}: is no capture: it looks like {looks_like}; \
         wscope reads pcap and pcapng, plain or in gzip or zstd"
    )]
    NotACapture {
        /// The input, as the user named it.
        name: String,
        /// What the first bytes resemble.
        looks_like: String,
    },

    /// A file that ends inside its own header, before the first packet.
    #[error(
        "{name}: ends inside its {format} file header, which has {need} bytes ({have} are there); \
         the file was cut off, copy or record it again"
    )]
    CutHeader {
        /// The input, as the user named it.
        name: String,
        /// `pcap` or `pcapng`.
        format: &'static str,
        /// Bytes that are there.
        have: u64,
        /// Bytes a header has.
        need: u64,
    },

    /// A file whose header says pcap or pcapng and in which nothing can be read.
    #[error("{name}: cannot be read as {format}: {cause}; record or convert it again")]
    Damaged {
        /// The input, as the user named it.
        name: String,
        /// `pcap` or `pcapng`.
        format: &'static str,
        /// What is wrong with it.
        cause: String,
    },

    /// A compressed file that yields no byte.
    #[error("{name}: cannot be decompressed: {cause}; test it with `{tool} -t`")]
    Compressed {
        /// The input, as the user named it.
        name: String,
        /// The program that makes such files.
        tool: &'static str,
        /// What is wrong with it.
        cause: String,
    },

    /// The system failed while the input was read; the packets before it have been given.
    #[error(
        "{name}: reading failed after {packets} packets, at byte {offset} of the input: {cause}; \
         what came before was used"
    )]
    Read {
        /// The input, as the user named it.
        name: String,
        /// Whole packets that were read before.
        packets: u64,
        /// Bytes that had been read from the input, before decompression.
        offset: u64,
        /// What the system said.
        cause: io::Error,
    },

    /// A filter expression that libpcap refuses.
    #[error("the filter \"{expression}\" is not valid: {message}; see `man pcap-filter`")]
    Filter {
        /// The expression as given.
        expression: String,
        /// What libpcap said.
        message: String,
    },

    /// The system does not list its interfaces.
    #[error("the interfaces cannot be listed: {message}")]
    Interfaces {
        /// What libpcap said.
        message: String,
    },

    /// An interface that is not there.
    #[error("there is no interface \"{name}\"; there are: {}", known.join(", "))]
    NoInterface {
        /// The interface, as the user named it.
        name: String,
        /// Those there are.
        known: Vec<String>,
    },

    /// An interface that the system does not let us listen on.
    #[error("{name}: capturing is not permitted: {message}{}", permission_hint())]
    NotPermitted {
        /// The interface, as the user named it.
        name: String,
        /// What libpcap said.
        message: String,
    },

    /// An interface that cannot be listened on.
    #[error("{name}: packets cannot be captured: {message}")]
    Capture {
        /// The interface, as the user named it.
        name: String,
        /// What libpcap said.
        message: String,
    },

    /// A file that packets cannot be written to.
    #[error("{name}: cannot be written: {cause}")]
    Write {
        /// The file.
        name: String,
        /// What the system said.
        cause: io::Error,
    },

    /// A file that is there already.
    #[error("{name}: exists; give another name, or --overwrite")]
    Exists {
        /// The file.
        name: String,
    },

    /// Packets that had to make room for others.
    #[error("{name}: this is no longer kept; the oldest packet that is has the number {first}")]
    NotKept {
        /// What they were captured on.
        name: String,
        /// The oldest packet that is kept.
        first: u64,
    },

    /// Live capture was asked for, and this build has no libpcap.
    #[error(
        "this wscope was built without live capture; build with `--features live`, \
         or pipe: tcpdump -U -w - | wscope messages -"
    )]
    NoLive,

    /// A filter was asked for, and this build has no libpcap.
    #[error(
        "the filter \"{expression}\" needs libpcap, and this wscope was built without it; \
         build with `--features live`"
    )]
    NoLibpcap {
        /// The expression as given.
        expression: String,
    },
}

/// What lets one capture, by system.
fn permission_hint() -> String {
    if cfg!(target_os = "linux") {
        let program = std::env::current_exe();
        let program =
            program.map_or_else(|_| "wscope".to_owned(), |path| path.display().to_string());
        format!(
            "\n  run it with sudo (it gives the rights up once the interface is open),\
             \n  or allow it once: sudo setcap cap_net_raw+ep {program}\
             \n  or, as a member of group wireshark: dumpcap -q -P -w - | wscope messages -\
             \n  in a container: start it with --cap-add=NET_RAW"
        )
    } else if cfg!(target_os = "macos") {
        "\n  run it with sudo (it gives the rights up once the interface is open),\
         \n  or install Wireshark's ChmodBPF, which lets the group access_bpf capture"
            .to_owned()
    } else if cfg!(windows) {
        "\n  run it as administrator, or install Npcap without \"administrators only\"".to_owned()
    } else {
        "\n  run it with sudo or doas (it gives the rights up once the interface is open),\
         \n  or make /dev/bpf* readable for your group"
            .to_owned()
    }
}

fn open_hint(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::NotFound => "; check the path",
        io::ErrorKind::PermissionDenied => "; it may belong to root, as captures by tcpdump do",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn open_says_what_to_do() {
        let error = Error::Open {
            name: "a.pcap".to_owned(),
            cause: io::ErrorKind::NotFound.into(),
        };
        assert_eq!(
            error.to_string(),
            "a.pcap: cannot be opened: entity not found; check the path"
        );
    }
}
