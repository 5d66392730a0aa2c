//! The classic capture file.
//!
//! Job: find the packets. Input: windows of the file from its first byte on.
//! Output: packet records, warnings.
//! Source: "PCAP Capture File Format", draft-ietf-opsawg-pcap §4 (file header) and §5 (packet
//! record); the magic number a1b2cd34 is that of A. Kuznetsov's patches to libpcap, whose records
//! have eight more bytes (interface, protocol, direction).

mod resync;
mod rules;

use self::rules::{RECORD_HEADER, Rules, USUAL_PACKET};
use super::bytes::{index, offset};
use super::link::LinkType;
use super::record::{End, Lost, Out, Window};
use super::recover::{self, Likeness, Stop};
use super::warning::WarningKind;
use crate::base::Limits;
use crate::error::Error;

pub(super) use self::rules::Variant;

/// Bytes of the file header.
const FILE_HEADER: usize = 24;

/// Reads a pcap file.
#[derive(Debug, Clone)]
pub(super) struct Reader {
    variant: Variant,
    limits: Limits,
    /// What the file header said, once it was there.
    rules: Option<Rules>,
    /// Seconds of the last packet, by which a record found again is judged.
    last: Option<u32>,
}

impl recover::Reader for Reader {
    fn has_begun(&self) -> bool {
        self.rules.is_some()
    }

    fn smallest(&self) -> usize {
        self.variant.header
    }

    fn take(&mut self, window: &Window<'_>, at: usize, out: &mut Out<'_>) -> Result<Stop, Error> {
        let (rules, at) = match self.rules {
            Some(rules) => (rules, at),
            None => match self.file_header(window, out)? {
                Some(rules) => (*self.rules.insert(rules), FILE_HEADER),
                None => {
                    return Ok(Stop::Need {
                        at: 0,
                        need: FILE_HEADER,
                    });
                }
            },
        };
        Ok(self.records(&rules, window, at, out))
    }

    fn likeness(&self, window: &Window<'_>, at: usize) -> Likeness {
        self.rules.as_ref().map_or(Likeness::No, |rules| {
            resync::likeness(rules, window, at, self.last)
        })
    }
}

impl Reader {
    pub(super) fn new(variant: Variant, limits: Limits) -> Self {
        Self {
            variant,
            limits,
            rules: None,
            last: None,
        }
    }

    /// §4. `None` where it is not whole yet.
    fn file_header(&self, window: &Window<'_>, out: &mut Out<'_>) -> Result<Option<Rules>, Error> {
        let endian = self.variant.endian;
        let Some([_, _, _, _, snaplen, link]) = endian.words(window.bytes) else {
            return match window.end {
                End::Open => Ok(None),
                End::Reached | End::Failed => Err(Error::CutHeader {
                    name: out.notes.name().to_string(),
                    format: "pcap",
                    have: offset(window.bytes.len()),
                    need: offset(FILE_HEADER),
                }),
            };
        };
        if let Some([major, minor]) = endian.halves(window.rest(4))
            && (major, minor) != (2, 4)
        {
            out.warn(WarningKind::Version {
                format: "pcap",
                major,
                minor,
            });
        }
        let bound = u32::try_from(self.limits.packet_bytes).unwrap_or(u32::MAX);
        Ok(Some(Rules {
            variant: self.variant,
            max: snaplen.max(USUAL_PACKET).min(bound),
            link: LinkType::from_file(link),
            nanos: 1_000_000_000 / self.variant.unit,
        }))
    }

    /// §5: records from `at` on, until one is not whole or not one.
    fn records(
        &mut self,
        rules: &Rules,
        window: &Window<'_>,
        mut at: usize,
        out: &mut Out<'_>,
    ) -> Stop {
        let header = rules.variant.header;
        loop {
            let rest = window.rest(at);
            let Some(record) = rules.record(rest) else {
                return Self::unfinished_header(rules, window, at, out);
            };
            // A length of zero is part of the check for a record of zeros.
            if (record.captured > rules.max || record.captured == 0)
                && let Some(cause) = rules.fault(&record)
            {
                return Stop::Fault { at, cause };
            }
            let start = at.saturating_add(header);
            let next = start.saturating_add(index(record.captured));
            let suspicious = rules.suspicious(&record, self.last);
            if next > window.bytes.len() {
                return Self::unfinished(window, at, next, suspicious, out);
            }
            if suspicious && let Some(stop) = Self::doubt(rules, window, at, next) {
                return stop;
            }
            self.last = Some(record.seconds);
            out.packet(window, rules.found(&record, start));
            at = next;
        }
    }

    /// The bytes end inside the header of the record at `at`, or right before it.
    #[cold]
    fn unfinished_header(rules: &Rules, window: &Window<'_>, at: usize, out: &mut Out<'_>) -> Stop {
        let rest = window.rest(at);
        let need = rules.variant.header;
        if window.end == End::Open {
            return Stop::Need { at, need };
        }
        if window.end == End::Reached && !rest.is_empty() {
            let mut lost = Lost::new(window.offset(at), String::new());
            lost.pass(rest);
            let all_zero = rest.iter().all(|&byte| byte == 0);
            out.warn(if all_zero {
                lost.ended(window.offset(window.bytes.len()))
            } else {
                WarningKind::CutOff {
                    missing: offset(need.saturating_sub(rest.len())),
                }
            });
        }
        Stop::Need {
            at: window.bytes.len(),
            need: 0,
        }
    }

    /// The bytes end inside the record at `at`, which claims to reach to `next`.
    #[cold]
    fn unfinished(
        window: &Window<'_>,
        at: usize,
        next: usize,
        suspicious: bool,
        out: &mut Out<'_>,
    ) -> Stop {
        match window.end {
            End::Open => {
                return Stop::Need {
                    at,
                    need: next.saturating_sub(at),
                };
            }
            End::Reached if suspicious => {
                return Stop::Fault {
                    at,
                    cause: "the packet record makes little sense and reaches past the end".into(),
                };
            }
            End::Reached => out.warn(WarningKind::CutOff {
                missing: offset(next.saturating_sub(window.bytes.len())),
            }),
            End::Failed => {}
        }
        Stop::Need {
            at: window.bytes.len(),
            need: 0,
        }
    }

    /// Whether a suspicious record is damaged: the one after it tells. `None`: it may pass.
    #[cold]
    fn doubt(rules: &Rules, window: &Window<'_>, at: usize, next: usize) -> Option<Stop> {
        let after = window.rest(next);
        match rules.record(after) {
            Some(record) if rules.fault(&record).is_none() => None,
            None if window.end != End::Open => None,
            None => Some(Stop::Need {
                at,
                need: next.saturating_add(RECORD_HEADER).saturating_sub(at),
            }),
            Some(_) => Some(Stop::Fault {
                at,
                cause: "the packet record makes little sense, and none follows it".into(),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
