//! Alerts by name.
//!
//! Job: say what an alert's two numbers stand for. Input: level and description. Output: words.
//! RFC 8446 §6 and §B.2, RFC 5246 §7.2.

use std::fmt;

/// How one peer tells the other that it ends, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Alert {
    /// 1 is a warning, 2 is fatal.
    pub level: u8,
    /// What it is about.
    pub description: u8,
}

impl Alert {
    /// RFC 8446 §6.1: the sender sends nothing more.
    pub const CLOSE_NOTIFY: u8 = 0;
    /// RFC 8446 §6.1: the handshake is given up for a reason that is no fault.
    const USER_CANCELED: u8 = 90;
    /// RFC 5246 §7.2.2: the request for another handshake is refused; the connection goes on.
    const NO_RENEGOTIATION: u8 = 100;

    /// Whether it says that something went wrong.
    pub fn is_fault(self) -> bool {
        !matches!(
            self.description,
            Self::CLOSE_NOTIFY | Self::USER_CANCELED | Self::NO_RENEGOTIATION
        )
    }

    /// The name in IANA's registry.
    pub fn name(self) -> Option<&'static str> {
        Some(match self.description {
            0 => "close_notify",
            10 => "unexpected_message",
            20 => "bad_record_mac",
            21 => "decryption_failed",
            22 => "record_overflow",
            30 => "decompression_failure",
            40 => "handshake_failure",
            41 => "no_certificate",
            42 => "bad_certificate",
            43 => "unsupported_certificate",
            44 => "certificate_revoked",
            45 => "certificate_expired",
            46 => "certificate_unknown",
            47 => "illegal_parameter",
            48 => "unknown_ca",
            49 => "access_denied",
            50 => "decode_error",
            51 => "decrypt_error",
            52 => "too_many_cids_requested",
            60 => "export_restriction",
            70 => "protocol_version",
            71 => "insufficient_security",
            80 => "internal_error",
            86 => "inappropriate_fallback",
            90 => "user_canceled",
            100 => "no_renegotiation",
            109 => "missing_extension",
            110 => "unsupported_extension",
            111 => "certificate_unobtainable",
            112 => "unrecognized_name",
            113 => "bad_certificate_status_response",
            114 => "bad_certificate_hash_value",
            115 => "unknown_psk_identity",
            116 => "certificate_required",
            120 => "no_application_protocol",
            121 => "ech_required",
            _ => return None,
        })
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "alert {}", self.description),
        }
    }
}
