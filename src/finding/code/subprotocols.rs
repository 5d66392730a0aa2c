//! The codes of subprotocols.
//!
//! Job: a part of the table, behind those before it. Input and output: none; see
//! [`Code`](super::Code).

macro_rules! subprotocols {
    ($next:ident $($later:ident)* | $($before:tt)*) => {
        $next! { $($later)* | $($before)*

    /// A message of Engine.IO or Socket.IO cannot be read.
    SocketioMalformed = "socketio-malformed", Error, "Socket.IO protocol, \"Packet encoding\"",
        "Look for a client and a server of versions that do not fit, or for a plain WebSocket client: a packet begins with its type as a digit.";
    /// Binary attachments of a Socket.IO packet are missing, or one came without a packet.
    SocketioAttachments = "socketio-attachments", Error, "Socket.IO protocol, \"Packet encoding\"",
        "Look for two threads that send on one connection: the packet and its attachments follow each other; receivers close the connection otherwise.";
    /// An acknowledgement of Socket.IO came for no event, or a second time.
    SocketioAckUnasked = "socketio-ack-unasked", Warning, "Socket.IO protocol, \"Acknowledgement\"",
        "Look for a handler that calls its acknowledgement twice; the second one is thrown away.";
    /// A client sent an event to a namespace that the server has not let it into.
    SocketioNotConnected = "socketio-not-connected", Error, "Socket.IO protocol, \"Connection to a namespace\"",
        "Have the client wait for the server's CONNECT of the namespace; servers close the connection on this.";
    /// The server refused a namespace of Socket.IO.
    SocketioRefused = "socketio-refused", Warning, "Socket.IO protocol, \"Connection to a namespace\"",
        "Read the message: a middleware of the server refused the client (often its token), or the namespace does not exist.";
    /// A ping or a pong of Engine.IO came later than was agreed, or not at all.
    SocketioPingLate = "socketio-ping-late", Warning, "Engine.IO protocol, \"Heartbeat\"",
        "Look at what keeps that side's program busy, or for a lost network; the other side closes with `ping timeout`.";

    /// A message is none of SockJS.
    SockjsMalformed = "sockjs-malformed", Error, "SockJS protocol, \"Framing\"",
        "Have a client without SockJS use the raw endpoint, whose path is the prefix and `/websocket`.";
    /// A side of SockJS said why it ends the session.
    SockjsClosed = "sockjs-closed", Warning, "SockJS protocol, \"Framing\"",
        "Read the code and the reason; 2010 says that the session has another connection, 3000 that the server wants no more.";

    /// A packet of MQTT cannot be read.
    MqttMalformed = "mqtt-malformed", Error, "MQTT 5 §4.13",
        "Look at the sender's library; the receiver closes the connection on such a packet.";
    /// MQTT was sent in a text message.
    MqttTextMessage = "mqtt-text-message", Error, "MQTT 5 §6.0",
        "Have the sender use binary messages; the receiver closes the connection on a text.";
    /// A connection of MQTT does not begin with CONNECT and CONNACK, or has a second CONNECT.
    MqttConnectOrder = "mqtt-connect-order", Error, "MQTT 5 §3.1",
        "Have the client open a new connection to connect again; the server closes this one.";
    /// A client of MQTT was silent for longer than its keep-alive allows.
    MqttKeepAlive = "mqtt-keep-alive", Warning, "MQTT 5 §3.1.2.10",
        "Have the client send PINGREQ in time, or ask for a longer keep-alive; after one and a half times of it the server closes. WebSocket pings do not count.";
    /// A packet of MQTT was refused.
    MqttRefused = "mqtt-refused", Warning, "MQTT 5 §2.4",
        "Read the reason code: most are about credentials, rights on a topic, or limits of the server.";
    /// A side of MQTT said why it ends the connection.
    MqttDisconnected = "mqtt-disconnected", Warning, "MQTT 5 §3.14",
        "Read the reason code; with `session taken over` two clients use one client identifier.";
    /// A topic alias of MQTT stands for nothing, or is beyond what the receiver takes.
    MqttTopicAlias = "mqtt-topic-alias", Error, "MQTT 5 §3.3.2.3.4",
        "Have the sender say the topic with the alias first, keep to the receiver's Topic Alias Maximum, and begin anew on each connection.";
    /// A packet identifier of MQTT was used again while it was in use.
    MqttIdReused = "mqtt-id-reused", Error, "MQTT 5 §2.2.1",
        "Have the sender wait for the last acknowledgement before it uses a packet identifier again.";
    /// An acknowledgement of MQTT is for no packet that waits for it.
    MqttAckUnasked = "mqtt-ack-unasked", Warning, "MQTT 5 §4.3",
        "Look for a receiver that acknowledges twice, or that knows no quality of service 2: RabbitMQ's plugin treats it as 1.";
    /// A sender of MQTT has more messages under way than its receiver allows.
    MqttReceiveMaximum = "mqtt-receive-maximum", Error, "MQTT 5 §4.9",
        "Have the sender wait for acknowledgements once Receive Maximum messages are open.";

    /// A message of GraphQL is not valid.
    GraphqlMalformed = "graphql-malformed", Error, "graphql-transport-ws, \"Invalid message\"",
        "Have the sender send JSON objects with one of the protocol's types, in text messages; servers close with 4400.";
    /// The messages are of the other GraphQL protocol than the one that was agreed.
    GraphqlDialect = "graphql-dialect", Error, "graphql-transport-ws, \"Message types\"",
        "Mind the names: the package graphql-ws speaks graphql-transport-ws, and subscriptions-transport-ws speaks graphql-ws; use the same on both sides.";
    /// A client of GraphQL sent an operation before the connection was acknowledged.
    GraphqlNotInitialised = "graphql-not-initialised", Error, "graphql-transport-ws, \"Subscribe\"",
        "Have the client send connection_init and wait for connection_ack; servers close with 4401.";
    /// A client of GraphQL gave an operation the id of one that goes on.
    GraphqlIdReused = "graphql-id-reused", Error, "graphql-transport-ws, \"Subscribe\"",
        "Have the client use a fresh id for each operation; servers close with 4409.";
    /// The server refused a GraphQL connection, or a side closed it for a reason of GraphQL.
    GraphqlRefused = "graphql-refused", Warning, "graphql-transport-ws, \"Message types\"",
        "Read the code and the reason; 4401 and 4403 are about credentials in connection_init, 4408 about a client that waits too long.";

    /// A message of JSON-RPC is no call and no answer.
    JsonrpcMalformed = "jsonrpc-malformed", Error, "JSON-RPC 2.0 §4, §5",
        "Mend the sender: a call has a method, an answer has an id and either a result or an error.";
    /// An answer of JSON-RPC has the id of no call, or came twice.
    JsonrpcAnswerUnasked = "jsonrpc-answer-unasked", Warning, "JSON-RPC 2.0 §5",
        "Look for a receiver that answers notifications or answers twice, or that changes the id's type: 1 and \"1\" differ.";
    /// A call of JSON-RPC has the id of one that is not answered yet.
    JsonrpcIdReused = "jsonrpc-id-reused", Warning, "JSON-RPC 2.0 §4",
        "Have the caller count its ids; nobody can tell which of the calls an answer is for.";

    /// A message of WAMP cannot be read.
    WampMalformed = "wamp-malformed", Error, "WAMP, \"Message Definitions\"",
        "Look at the sender's library and the agreed serialiser; the receiver ends the session with a protocol violation.";
    /// A session of WAMP was refused or ended because of an error.
    WampAborted = "wamp-aborted", Warning, "WAMP, \"Session Close\"",
        "Read the reason: most are about the realm, the credentials, or a router that goes down.";
    /// An answer of WAMP is for no request that is open.
    WampAnswerUnasked = "wamp-answer-unasked", Warning, "WAMP, \"IDs\"",
        "Look for a callee that yields twice, or an answer that came after its call was cancelled.";

    /// A message of OCPP cannot be read.
    OcppMalformed = "ocpp-malformed", Error, "OCPP-J 1.6 §4.2",
        "Mend the sender: a message is an array of a type, an id and what belongs to the type.";
    /// A side of OCPP sent a call before its last one was answered.
    OcppCallOverlap = "ocpp-call-overlap", Error, "OCPP-J 1.6 §4.1.1",
        "Have the sender wait for the answer, or for its time limit, before the next call; small stations drop what comes earlier.";
    /// An answer of OCPP is for no call that is open.
    OcppAnswerUnasked = "ocpp-answer-unasked", Warning, "OCPP-J 1.6 §4.2.2",
        "Look for an answer that came late or twice, or an error in reply to what was no call.";

    /// A message of SIP cannot be read.
    SipMalformed = "sip-malformed", Error, "RFC 3261 §7, RFC 7118 §5",
        "Mend the sender: a WebSocket message is one request or response with Via, Call-ID, CSeq, From and To, and nothing else.";
    /// A response of SIP is for no request that is open.
    SipAnswerUnasked = "sip-answer-unasked", Warning, "RFC 3261 §17.1.3",
        "Look for a response that came again or late, or for a changed branch in the topmost Via.";
        }
    };
}
pub(super) use subprotocols;
