//! What is said of what the record layer and its handshakes show.
//!
//! Job: put it into words, and hold certificates against the capture's time. Input: [`Note`]s of
//! `tls`. Output: [`Observation`]s. RFC 8446 §4.1.3, §5 and §6, RFC 5280 §4.1.2.5, RFC 9525.

use crate::base::{Peer, Timestamp};
use crate::finding::{Code, Figure, Observation, Sentence};
use crate::page::words::{count, day};
use crate::tls::{Certificate, Note};

/// What is odd about something that `from` sent at that time; mostly nothing is.
pub(super) fn observations(from: Peer, note: &Note, at: Timestamp) -> Vec<Observation> {
    match note {
        Note::Alert(alert) if alert.is_fault() => {
            let text = Sentence::new(
                &format!("the {from} sent the alert {alert} ({{description}})"),
                &[("description", Figure::Id(alert.description.into()))],
            );
            vec![Observation::new(Code::TlsAlert, from, text)]
        }
        Note::TooLong { length, most } => {
            let text = Sentence::new(
                "a record of {length}, and {most} are the most there may be",
                &[
                    ("length", Figure::Bytes((*length).into())),
                    ("most", Figure::Count((*most).into())),
                ],
            );
            vec![Observation::new(Code::TlsRecordTooLong, from, text)]
        }
        Note::Downgraded { agreed, could } => {
            let text = format!(
                "the server chose {agreed} and says in its random value that it speaks {could}, \
                 as the client does"
            );
            vec![Observation::new(Code::TlsDowngraded, from, text)]
        }
        Note::Old(version) => {
            let text = format!("the peers agreed on {version}");
            vec![Observation::new(Code::TlsVersionOld, from, text)]
        }
        Note::Certificate {
            certificate,
            other_name,
        } => {
            let name = other_name.as_deref();
            let name = name.map(|name| other_names(from, certificate, name));
            dates(from, certificate, at)
                .into_iter()
                .chain(name)
                .collect()
        }
        Note::LinesCameLate(records) => {
            let text = Sentence::new(
                &format!(
                    "the key log got the {from}'s secrets after {{records}} of its records; it is \
                     read from here on"
                ),
                &[("records", Figure::Count(*records))],
            );
            vec![Observation::new(Code::TlsPartlyRead, from, text)]
        }
        Note::Alert(_) | Note::Hello | Note::KeyUpdate(_) => Vec::new(),
    }
}

/// The connection ended, and its sender did not say so under TLS.
pub(super) fn close_missing(from: Peer) -> Observation {
    let text = format!("the {from} ends the TCP connection without the alert close_notify");
    Observation::new(Code::TlsCloseMissing, from, text)
}

/// RFC 5280 §4.1.2.5: a certificate holds from its first to its last second.
fn dates(from: Peer, certificate: &Certificate, at: Timestamp) -> Option<Observation> {
    let now = i64::try_from(at.seconds()).unwrap_or(i64::MAX);
    let (first, last) = (certificate.not_before, certificate.not_after);
    let text = if now < first {
        format!(
            "the {from}'s certificate is valid from {} on only",
            day(first)
        )
    } else if now > last {
        format!("the {from}'s certificate was valid until {}", day(last))
    } else {
        return None;
    };
    let today = day(now);
    let text = format!("{text}, and the capture is of {today}");
    Some(Observation::new(Code::TlsCertificateDates, from, text))
}

/// RFC 9525 §6: the client's idea of the server's name is in the certificate.
fn other_names(from: Peer, certificate: &Certificate, name: &str) -> Observation {
    let names = match certificate.names.as_slice() {
        [] => "no name".to_owned(),
        [one] => one.clone(),
        [one, rest @ ..] => format!("{one} and {}", count(rest.len() as u64, "other name")),
    };
    let text = format!("the client asked for {name}, and the certificate is for {names}");
    Observation::new(Code::TlsCertificateName, from, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_holds_from_its_first_to_its_last_second() {
        let certificate = Certificate {
            names: Vec::new(),
            not_before: 1_000,
            not_after: 2_000,
        };
        let told = |second: i64| {
            let at = Timestamp(u64::try_from(second).unwrap() * 1_000_000_000);
            dates(Peer::Server, &certificate, at).is_some()
        };
        assert_eq!(
            [999, 1_000, 2_000, 2_001].map(told),
            [true, false, false, true]
        );
    }
}
