//! The same for the findings of STOMP, and those of all protocols with answers.

use wscope::base::Peer::{self, Client, Server};
use wscope::finding::Code;

use super::cases::Case;
use super::scene::{CLOSE, Scene, TEXT};
use crate::wire::Tcp;
use wscope_testkit::upgrade;

/// What a peer says, or milliseconds in which nobody says anything.
enum Step {
    Say(Peer, &'static str),
    Wait(u64),
}

use Step::{Say, Wait};

const CONNECT: Step = Say(Client, "CONNECT\naccept-version:1.2\nhost:h\n\n\0");
const CONNECTED: Step = Say(Server, "CONNECTED\nversion:1.2\n\n\0");
const SUBSCRIBE: Step = Say(Client, "SUBSCRIBE\nid:0\ndestination:/q\nack:client\n\n\0");
const MESSAGE: Step = Say(
    Server,
    "MESSAGE\nsubscription:0\nmessage-id:1\nack:1\ndestination:/q\n\nx\0",
);
const ACK: Step = Say(Client, "ACK\nid:1\n\n\0");
const SEND: Step = Say(Client, "SEND\ndestination:/q\n\nx\0");
const BEAT: Step = Say(Server, "\n");

/// A session in which one step is another one where it is broken.
fn session(cases: &mut Vec<(Code, Case)>, code: Code, steps: fn(bool) -> Vec<Step>) {
    let case = move |broken| {
        let mut scene = Scene::plain();
        for step in steps(broken) {
            match step {
                Say(from, text) => scene.send(from, TEXT, text.as_bytes()),
                Wait(milliseconds) => scene.pause(milliseconds),
            }
        }
        scene.bye()
    };
    cases.push((code, Box::new(case)));
}

fn either(broken: bool, wrong: &'static str, right: &'static str) -> Step {
    Say(Client, if broken { wrong } else { right })
}

/// A session with heart-beats from the server every second, its only beats after so long.
fn beats(broken: bool, late: u64, first: bool) -> Vec<Step> {
    let connect = "CONNECT\naccept-version:1.2\nhost:h\nheart-beat:0,1000\n\n\0";
    let connected = "CONNECTED\nversion:1.2\nheart-beat:1000,0\n\n\0";
    let mut steps = vec![Say(Client, connect), Say(Server, connected)];
    if first {
        steps.extend([Wait(1000), BEAT]);
    }
    steps.push(Wait(if broken { late } else { 1000 }));
    steps.push(BEAT);
    steps
}

/// Opens another connection, with another key. Gives back the one before.
fn another(scene: &mut Scene, hosts: Option<(u8, u8)>) -> Tcp {
    let mut tcp = Tcp::silent(1000, 9000);
    tcp.ports.0 += 1;
    tcp.hosts = hosts;
    tcp.handshake();
    let before = scene.switch(tcp);
    let (request, answer) = upgrade("", "");
    // Another key, and what belongs to it.
    let request = String::from_utf8(request).unwrap().replace("dGhl", "dGhB");
    let accept = (
        "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
        "0BfYol6z2upkljw33CqiRErgOYs=",
    );
    let answer = String::from_utf8(answer)
        .unwrap()
        .replace(accept.0, accept.1);
    scene.tcp.send(Client, request.as_bytes());
    scene.tcp.send(Server, answer.as_bytes());
    before
}

/// A client's session at a relay, and the relay's at the broker, which sends something else than the client does, or
/// refuses what it sends.
fn relayed(same: bool, refused: bool) -> Scene {
    const CONNECT: &str = "CONNECT\naccept-version:1.2\nhost:h\n\n\0";
    const CONNECTED: &str = "CONNECTED\nversion:1.2\n\n\0";
    let mut scene = Scene::plain();
    let say = |scene: &mut Scene, from: Peer, text: &str| scene.send(from, TEXT, text.as_bytes());
    say(&mut scene, Client, CONNECT);
    // The relay is the client's server.
    let mut other = another(&mut scene, Some((2, 3)));
    say(&mut scene, Client, CONNECT);
    say(&mut scene, Server, CONNECTED);
    let mut front = false;
    let mut on = |scene: &mut Scene, wanted: bool| {
        if front != wanted {
            let tcp = std::mem::replace(&mut other, Tcp::silent(0, 0));
            other = scene.switch(tcp);
            front = wanted;
        }
    };
    on(&mut scene, true);
    say(&mut scene, Server, CONNECTED);
    for index in 0..3 {
        let sent = format!("SEND\ndestination:/q\n\nbid {index}\0");
        on(&mut scene, true);
        say(&mut scene, Client, &sent);
        on(&mut scene, false);
        let index = if same { index } else { index + 7 };
        let carried = format!("SEND\ndestination:/q\ncontent-length:5\n\nbid {index}\0");
        say(&mut scene, Client, &carried);
    }
    if refused {
        say(&mut scene, Server, "ERROR\nmessage:no such queue\n\n\0");
    }
    scene.send(Client, CLOSE, &[3, 0xe8]);
    scene.send(Server, CLOSE, &[3, 0xe8]);
    on(&mut scene, true);
    scene.bye()
}

/// A client with two subscriptions comes again with one of them. Where it is not broken, it had said goodbye.
fn comes_again(broken: bool) -> Scene {
    let subscribe = |scene: &mut Scene, id: &str, queue: &str| {
        let frame = format!("SUBSCRIBE\nid:{id}\ndestination:{queue}\n\n\0");
        scene.send(Client, TEXT, frame.as_bytes());
    };
    let connect = |scene: &mut Scene| {
        for (from, text) in [
            (Client, "CONNECT\naccept-version:1.2\nhost:h\n\n\0"),
            (Server, "CONNECTED\nversion:1.2\n\n\0"),
        ] {
            scene.send(from, TEXT, text.as_bytes());
        }
    };
    let mut scene = Scene::plain();
    connect(&mut scene);
    subscribe(&mut scene, "0", "/q/a");
    subscribe(&mut scene, "1", "/q/b");
    scene.pause(500);
    scene = if broken { scene.end() } else { scene.bye() };
    scene.pause(3000);
    another(&mut scene, None);
    connect(&mut scene);
    subscribe(&mut scene, "0", "/q/b");
    scene.pause(5000);
    scene.bye()
}

#[expect(clippy::too_many_lines, reason = "a list of cases")]
pub(crate) fn all(cases: &mut Vec<(Code, Case)>) {
    cases.push((Code::SubscriptionNotRenewed, Box::new(comes_again)));
    let leg = |broken| relayed(broken, false);
    cases.push((Code::StompRelayLeg, Box::new(leg)));
    cases.push((
        Code::StompRelayCause,
        Box::new(|broken| relayed(true, broken)),
    ));
    session(cases, Code::StompError, |broken| {
        let mut steps = vec![CONNECT, CONNECTED, SEND];
        if broken {
            steps.push(Say(Server, "ERROR\nmessage:no such queue\n\n\0"));
        }
        steps
    });
    session(cases, Code::StompFrameInvalid, |broken| {
        let frame = either(
            broken,
            "SEND\ndestination /q\n\n\0",
            "SEND\ndestination:/q\n\n\0",
        );
        vec![CONNECT, CONNECTED, frame]
    });
    session(cases, Code::StompEscapeUndefined, |broken| {
        let frame = either(broken, "SEND\nx:a\\tb\n\n\0", "SEND\nx:a\\\\tb\n\n\0");
        vec![CONNECT, CONNECTED, frame]
    });
    session(cases, Code::StompLengthWrong, |broken| {
        let wrong = "SEND\ncontent-length:3\n\ngrün\0";
        let right = "SEND\ncontent-length:5\n\ngrün\0";
        vec![CONNECT, CONNECTED, either(broken, wrong, right)]
    });
    session(cases, Code::StompNulMissing, |broken| {
        let frame = either(
            broken,
            "SEND\ndestination:/q\n\nx",
            "SEND\ndestination:/q\n\nx\0",
        );
        vec![CONNECT, CONNECTED, frame, SEND]
    });
    session(cases, Code::StompConnectAgain, |broken| {
        let mut steps = vec![CONNECT, CONNECTED];
        if broken {
            steps.extend([CONNECT, CONNECTED]);
        }
        steps
    });
    session(cases, Code::StompSubscriptionUnknown, |broken| {
        let mut steps = vec![CONNECT, CONNECTED];
        if !broken {
            steps.push(SUBSCRIBE);
        }
        steps.extend([MESSAGE, ACK]);
        steps
    });
    session(cases, Code::StompHeartBeatNever, |broken| {
        beats(broken, 2500, false)
    });
    session(cases, Code::StompHeartBeatMissed, |broken| {
        beats(broken, 2500, true)
    });
    session(cases, Code::StompHeartBeatLate, |broken| {
        beats(broken, 1700, true)
    });
    session(cases, Code::StompReceiptMissing, |broken| {
        let wrong = "SEND\ndestination:/q\nreceipt:r\n\nx\0";
        let mut steps = vec![CONNECT, CONNECTED, Say(Client, wrong)];
        if !broken {
            steps.push(Say(Server, "RECEIPT\nreceipt-id:r\n\n\0"));
        }
        steps.push(Wait(1000));
        steps
    });
    session(cases, Code::Unanswered, |broken| {
        let call = Say(Client, r#"{"jsonrpc":"2.0","method":"a","id":1}"#);
        let mut steps = vec![call];
        if !broken {
            steps.push(Say(Server, r#"{"jsonrpc":"2.0","result":1,"id":1}"#));
        }
        steps
    });
    session(cases, Code::AnswerSlow, |broken| {
        let mut steps = vec![CONNECT, CONNECTED];
        for index in 0..6 {
            steps.push(Say(Client, "SEND\ndestination:/q\nreceipt:r\n\nx\0"));
            steps.push(Wait(if broken && index == 3 { 2000 } else { 5 }));
            steps.push(Say(Server, "RECEIPT\nreceipt-id:r\n\n\0"));
        }
        steps
    });
    session(cases, Code::StompUnacknowledged, |broken| {
        let mut steps = vec![CONNECT, CONNECTED, SUBSCRIBE, MESSAGE];
        if !broken {
            steps.push(ACK);
        }
        steps.push(Wait(1000));
        steps
    });
    session(cases, Code::StompTransactionOpen, |broken| {
        let begin = Say(Client, "BEGIN\ntransaction:t\n\n\0");
        let mut steps = vec![CONNECT, CONNECTED, begin];
        if !broken {
            steps.push(Say(Client, "COMMIT\ntransaction:t\n\n\0"));
        }
        steps
    });
}
