//! The body of a close frame. RFC 6455 §5.5.1, §7.4.

/// A close frame's payload, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseBody<'a> {
    /// The status code; `None` where the body is empty or of one byte.
    pub code: Option<u16>,
    /// The reason as bytes; UTF-8 where the sender kept the rule.
    pub reason: &'a [u8],
    /// The body is a single byte, which can be no code.
    pub half_a_code: bool,
}

impl<'a> CloseBody<'a> {
    /// Takes an unmasked payload apart.
    pub fn parse(payload: &'a [u8]) -> Self {
        match payload {
            // RFC 6455 §5.5.1: if there is a body, its first two bytes are the code.
            [high, low, reason @ ..] => {
                let code = Some(u16::from_be_bytes([*high, *low]));
                Self {
                    code,
                    reason,
                    half_a_code: false,
                }
            }
            rest => Self {
                code: None,
                reason: &[],
                half_a_code: !rest.is_empty(),
            },
        }
    }
}

/// Whether a peer may put `code` into a close frame.
pub fn close_code_allowed(code: u16) -> bool {
    match code {
        // RFC 6455 §7.4.1: 1005, 1006 and 1015 are for an application's ears only; 1004 is
        // reserved. 1012–1014 were registered with IANA later.
        // RFC 6455 §7.4.2: 3000–3999 are registered, 4000–4999 private.
        1000..=1003 | 1007..=1014 | 3000..=4999 => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies() {
        let body = CloseBody::parse(&[0x03, 0xe8, b'b', b'y', b'e']);
        assert_eq!((body.code, body.reason), (Some(1000), b"bye".as_slice()));
        assert_eq!(CloseBody::parse(&[]).code, None);
        assert!(!CloseBody::parse(&[]).half_a_code);
        assert!(CloseBody::parse(&[3]).half_a_code);
    }

    #[test]
    fn codes() {
        for bad in [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535] {
            assert!(!close_code_allowed(bad), "{bad}");
        }
        for good in [1000, 1001, 1003, 1007, 1011, 1012, 1014, 3000, 4999] {
            assert!(close_code_allowed(good), "{good}");
        }
    }
}
