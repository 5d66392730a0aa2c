use wscope_testkit::{Frame, upgrade};

use super::*;
use crate::base::{PacketRef, PerEnd, Roles, Timestamp};
use crate::event::Event;
use crate::event::EventSink;
use crate::net::{Encapsulation, Endpoint};
use crate::session::{Context, Detail};
use crate::tcp::Flow;

/// How many events there were.
struct Count(usize);

impl EventSink for Count {
    fn event(&mut self, _: Event<'_>) {
        self.0 += 1;
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one talk over two streams")]
fn only_the_stream_that_is_asked_for_is_told() {
    let (request, answer) = upgrade("", "");
    let refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".to_vec();
    let stream = |stream| Conversing {
        connection: 7,
        stream,
    };
    let endpoint = |text: &str| {
        let socket: std::net::SocketAddr = text.parse().unwrap();
        Endpoint {
            address: socket.ip(),
            port: socket.port(),
        }
    };
    for (id, answer, events) in [
        (stream(3), &answer, 2),
        (stream(0), &answer, 0),
        (stream(3), &refusal, 2),
        (stream(0), &refusal, 0),
    ] {
        let mut context = Context::new(Limits::default(), Detail::Payloads).only(stream(3).into());
        let at = Stamp {
            packet: PacketRef::new(0, 1),
            time: Timestamp::default(),
        };
        let mut flow = Flow {
            number: 7,
            ends: PerEnd {
                first: endpoint("10.0.0.1:40000"),
                second: endpoint("10.0.0.2:80"),
            },
            roles: Roles {
                client: crate::base::End::First,
                known: true,
            },
            first: at,
            encapsulation: Encapsulation::default(),
            opened_with: None,
        };
        let mut sink = Count(0);
        let desk = &mut Desk {
            tools: &mut context.tools,
            sink: &mut sink,
            flow: &mut flow,
            uncaptured: PerEnd::default(),
            ended: None,
        };
        let mut conversation = Conversation::new(id, Limits::default());
        let hello = Frame::bare(0x81, b"hello").bytes();
        let said = [
            (Peer::Client, request.as_slice()),
            (Peer::Server, answer.as_slice()),
            (Peer::Server, hello.as_slice()),
        ];
        for (from, bytes) in said {
            conversation.delivery(from, Delivery::write(bytes), at.into(), desk);
        }
        assert_eq!(
            (sink.0, conversation.is_told()),
            (events, events > 0),
            "{id}"
        );
    }
}
