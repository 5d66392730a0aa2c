//! TLS 1.2 built byte by byte, without encryption: its records carry an HMAC only, so that a test
//! can make them, and whoever has the secret still has to prove each one.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use wscope::base::Peer::{Client, Server};
use wscope::base::{Peer, PerPeer};
use wscope::finding::Code;
use wscope::page::words::digits;
use wscope::tls::{KeyLog, Source};
use wscope_testkit::upgrade;

use super::cases::{Cases, add};
use super::scene::{CLOSE, PMD, Scene, TEXT};
use crate::wire::frame;

/// `TLS_RSA_WITH_NULL_SHA256`.
const SUITE: [u8; 2] = [0, 0x3b];
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const DATA: u8 = 23;
/// Valid in 2024, for `localhost` among others.
const CERTIFICATE: &[u8] = include_bytes!("../../tls/certificate.der");
/// From the scene's beginning, in November 2023, to the first months of 2024, in milliseconds.
const TO_2024: u64 = 90 * 86_400_000;

/// What a handshake says.
#[derive(Clone)]
struct Hellos {
    name: &'static str,
    /// What the client offers beside TLS 1.2.
    offers: Option<u16>,
    version: u16,
    randoms: PerPeer<[u8; 32]>,
    master: [u8; 48],
}

impl Default for Hellos {
    fn default() -> Self {
        Self {
            name: "localhost",
            offers: None,
            version: 0x0303,
            randoms: PerPeer {
                client: [0xaa; 32],
                server: [0xbb; 32],
            },
            master: [0x4d; 48],
        }
    }
}

fn prefixed<const N: usize>(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap().to_be_bytes();
    [&length[4 - N..], bytes].concat()
}

fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind][..], &prefixed::<3>(body)].concat()
}

impl Hellos {
    fn client(&self) -> Vec<u8> {
        let name = [&[0][..], &prefixed::<2>(self.name.as_bytes())].concat();
        let mut extensions = [&[0, 0][..], &prefixed::<2>(&prefixed::<2>(&name))].concat();
        if let Some(version) = self.offers {
            let list = [&version.to_be_bytes()[..], &[3, 3]].concat();
            extensions.extend([&[0, 43][..], &prefixed::<2>(&prefixed::<1>(&list))].concat());
        }
        let body = [
            &[3, 3][..],
            &self.randoms.client,
            &[0],
            &prefixed::<2>(&SUITE),
            &[1, 0],
            &prefixed::<2>(&extensions),
        ];
        message(1, &body.concat())
    }

    fn server(&self) -> Vec<u8> {
        let version = self.version.to_be_bytes();
        let body = [&version[..], &self.randoms.server, &[0], &SUITE, &[0, 0, 0]];
        message(2, &body.concat())
    }

    /// RFC 5246 §5 and §6.3: what authenticates each direction.
    fn keys(&self) -> PerPeer<Vec<u8>> {
        let randoms = [&self.randoms.server[..], &self.randoms.client].concat();
        let seed = [b"key expansion", &randoms[..]].concat();
        let mut chain = seed.clone();
        let mut block = Vec::new();
        while block.len() < 64 {
            chain = mac(&self.master, &[&chain]);
            block.extend(mac(&self.master, &[&chain, &seed]));
        }
        PerPeer {
            client: block[..32].to_vec(),
            server: block[32..64].to_vec(),
        }
    }

    fn line(&self) -> String {
        let (random, master) = (digits(&self.randoms.client), digits(&self.master));
        format!("CLIENT_RANDOM {random} {master}\n")
    }
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// A connection under TLS.
struct Secured {
    scene: Scene,
    keys: Option<PerPeer<Vec<u8>>>,
    numbers: PerPeer<u64>,
}

impl Secured {
    /// Before its handshake, in 2024.
    fn open() -> Self {
        let mut scene = Scene::open();
        scene.pause(TO_2024);
        Self {
            scene,
            keys: None,
            numbers: PerPeer::default(),
        }
    }

    /// With a handshake, and its secret in the key log.
    fn new(hellos: &Hellos) -> Self {
        let mut secured = Self::open();
        secured.shake(hellos);
        secured.know(hellos);
        secured
    }

    /// The same with a WebSocket inside.
    fn websocket(hellos: &Hellos, extension: &str) -> Self {
        let mut secured = Self::new(hellos);
        let (request, answer) = upgrade(extension, extension);
        secured.record(Client, DATA, &request);
        secured.record(Server, DATA, &answer);
        secured.say(Client, b"hello");
        secured.say(Server, b"hello yourself");
        secured
    }

    /// The key log has this handshake's secret.
    fn know(&mut self, hellos: &Hellos) {
        let mut log = KeyLog::default();
        log.read(hellos.line().as_bytes(), Source::File);
        self.scene.keys = log.into();
    }

    fn record(&mut self, from: Peer, kind: u8, content: &[u8]) {
        let mut body = content.to_vec();
        if let Some(keys) = &self.keys {
            let number = self.numbers[from].to_be_bytes();
            self.numbers[from] += 1;
            let head = [&[kind, 3, 3][..], &prefixed::<2>(content)].concat();
            body.extend(mac(&keys[from], &[&number, &head]));
        }
        let record = [&[kind, 3, 3][..], &prefixed::<2>(&body)].concat();
        self.scene.tcp.send_cut(from, &record, 1400);
    }

    /// A whole handshake; under protection where there is one before.
    fn shake(&mut self, hellos: &Hellos) {
        self.record(Client, HANDSHAKE, &hellos.client());
        self.record(Server, HANDSHAKE, &hellos.server());
        let list = prefixed::<3>(&prefixed::<3>(CERTIFICATE));
        self.record(Server, HANDSHAKE, &message(11, &list));
        self.record(Server, HANDSHAKE, &message(14, &[]));
        self.record(Client, HANDSHAKE, &message(16, &[0, 1, 7]));
        let after = hellos.keys();
        for from in [Client, Server] {
            self.record(from, 20, &[1]);
            let before = self.keys.replace(after.clone());
            self.numbers[from] = 0;
            self.record(from, HANDSHAKE, &message(20, &[7; 12]));
            if from == Client {
                self.keys = before;
            }
        }
    }

    fn say(&mut self, from: Peer, text: &[u8]) {
        self.record(from, DATA, &frame(from, TEXT, text));
    }

    /// The ends of WebSocket, TLS and TCP.
    fn bye(mut self) -> Scene {
        for from in Peer::BOTH {
            self.record(from, DATA, &frame(from, CLOSE, &[3, 0xe8]));
        }
        for from in Peer::BOTH {
            self.record(from, ALERT, &[1, 0]);
        }
        self.scene.end()
    }
}

/// A handshake that failed carried nothing: that it was not read says nothing.
#[test]
fn a_failed_handshake_is_no_unread_connection() {
    let mut secured = Secured::open();
    secured.record(Client, HANDSHAKE, &Hellos::default().client());
    secured.record(Server, HANDSHAKE, &Hellos::default().server());
    secured.record(Client, ALERT, &[2, 48]);
    secured.know(&Hellos::default());
    let report = secured.scene.end().check();
    let codes: Vec<_> = report.groups().iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, [Code::TlsAlert]);
}

pub(super) fn all(cases: &mut Cases) {
    reading(cases);
    handshakes(cases);
    certificates(cases);
    records(cases);
}

fn reading(cases: &mut Cases) {
    add(cases, Code::TlsUnread, |broken| {
        let mut secured = Secured::websocket(&Hellos::default(), "");
        if broken {
            secured.scene.keys = KeyLog::default().into();
        }
        secured.bye()
    });
    add(cases, Code::TlsPartlyRead, |broken| {
        let mut secured = Secured::websocket(&Hellos::default(), "");
        if broken {
            // A second handshake, whose secret nobody logged.
            secured.shake(&Hellos {
                randoms: PerPeer {
                    client: [0xcc; 32],
                    server: [0xdd; 32],
                },
                master: [0x4e; 48],
                ..Hellos::default()
            });
        }
        secured.say(Server, b"news");
        secured.say(Client, b"thanks");
        secured.bye()
    });
    add(cases, Code::TlsCompressedSecrets, |broken| {
        let extension = if broken { PMD } else { "" };
        Secured::websocket(&Hellos::default(), extension).bye()
    });
}

fn handshakes(cases: &mut Cases) {
    add(cases, Code::TlsAlert, |broken| {
        if !broken {
            return Secured::websocket(&Hellos::default(), "").bye();
        }
        let mut secured = Secured::open();
        secured.record(Client, HANDSHAKE, &Hellos::default().client());
        secured.record(Server, ALERT, &[2, 40]);
        secured.scene.end()
    });
    add(cases, Code::TlsDowngraded, |broken| {
        let mut hellos = Hellos {
            offers: Some(0x0304),
            ..Hellos::default()
        };
        if broken {
            hellos.randoms.server[24..].copy_from_slice(b"DOWNGRD\x01");
        }
        Secured::websocket(&hellos, "").bye()
    });
    // What a server of TLS 1.3 says to a client that knows TLS 1.2 only is as it must be.
    add(cases, Code::TlsDowngraded, |broken| {
        let mut hellos = Hellos {
            offers: broken.then_some(0x0304),
            ..Hellos::default()
        };
        hellos.randoms.server[24..].copy_from_slice(b"DOWNGRD\x01");
        Secured::websocket(&hellos, "").bye()
    });
    add(cases, Code::TlsVersionOld, |broken| {
        let hellos = Hellos {
            version: if broken { 0x0301 } else { 0x0303 },
            ..Hellos::default()
        };
        let mut secured = Secured::websocket(&hellos, "");
        if broken {
            // Its keys are made in another way than those of this handshake.
            secured.scene.keys = KeyLog::default().into();
        }
        secured.bye()
    });
}

fn certificates(cases: &mut Cases) {
    add(cases, Code::TlsCertificateDates, |broken| {
        let mut secured = Secured::open();
        if broken {
            secured.scene.pause(10 * TO_2024);
        }
        let hellos = Hellos::default();
        secured.shake(&hellos);
        secured.know(&hellos);
        let (request, answer) = upgrade("", "");
        secured.record(Client, DATA, &request);
        secured.record(Server, DATA, &answer);
        secured.bye()
    });
    add(cases, Code::TlsCertificateName, |broken| {
        let name = if broken {
            "a.b.example.org"
        } else {
            "A.EXAMPLE.org"
        };
        let hellos = Hellos {
            name,
            ..Hellos::default()
        };
        Secured::websocket(&hellos, "").bye()
    });
}

fn records(cases: &mut Cases) {
    add(cases, Code::TlsRecordTooLong, |broken| {
        let mut secured = Secured::websocket(&Hellos::default(), "");
        let text = vec![b'x'; if broken { 16_500 } else { 16_000 }];
        secured.say(Server, &text);
        secured.bye()
    });
    add(cases, Code::TlsCloseMissing, |broken| {
        let secured = Secured::websocket(&Hellos::default(), "");
        if !broken {
            return secured.bye();
        }
        let mut secured = secured;
        for from in Peer::BOTH {
            secured.record(from, DATA, &frame(from, CLOSE, &[3, 0xe8]));
        }
        secured.scene.end()
    });
    // What TCP carries twice and differently is told of what TLS carries, too.
    add(cases, Code::TcpConflict, |broken| {
        let mut secured = Secured::websocket(&Hellos::default(), "");
        let seq = secured.scene.tcp.seq.server;
        secured.say(Server, b"one and the same");
        let last = secured.scene.tcp.packets.last().unwrap();
        let mut again = last.data[54..].to_vec();
        if broken {
            again[10] ^= 1;
        }
        secured.scene.tcp.raw(Server, seq, 0x10, &again);
        secured.bye()
    });
}
