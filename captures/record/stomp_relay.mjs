// A STOMP relay between clients and a broker, with stompjs at every end: `node stomp_relay.mjs ws://BROKER/ws`.
//
// It does what Spring's broker relay does, over WebSocket on both legs: each client's session gets a session of
// its own at the broker, with the relay's login and heart-beats; SEND to /app/… is answered here and not passed on.
// Four clients: one says goodbye, one subscribes to what the broker refuses, one stops its heart-beats, and of one
// the relay stops its own heart-beats to the broker.
import { createRequire } from 'module';
import { pathToFileURL } from 'url';
import { appendFileSync } from 'fs';
const require = createRequire(process.env.NODE_PATH + '/');
const WebSocket = require('ws');
const { Client, FrameImpl } = await import(pathToFileURL(process.env.NODE_PATH + '/@stomp/stompjs/esm6/index.js'));
const { Parser } = await import(pathToFileURL(process.env.NODE_PATH + '/@stomp/stompjs/esm6/parser.js'));
const BROKER = process.argv[2];
const PORT = 15680;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const log = (row) => process.env.LOG && appendFileSync(process.env.LOG, JSON.stringify(row) + '\n');

const socket = (url) => () => {
  const ws = new WebSocket(url, ['v12.stomp'], { perMessageDeflate: false });
  ws.binaryType = 'arraybuffer';
  return ws;
};
const stopBeats = (client) => client._stompHandler._pinger.stop();

function serve(ws) {
  let broker;
  let heard = Date.now();
  const tell = (command, headers, body = '') =>
    ws.readyState === 1 && ws.send(FrameImpl.marshall({ command, headers, body, escapeHeaderValues: true }));
  const beat = setInterval(() => ws.readyState === 1 && ws.send('\n'), 1000);
  const watch = setInterval(() => Date.now() - heard > 3000 && end('Session closed: no heart-beat', 1002), 200);
  const end = (reason, code) => {
    clearInterval(beat);
    clearInterval(watch);
    broker?.deactivate();
    if (reason) tell('ERROR', { message: reason });
    ws.close(code ?? 1000, reason ?? '');
  };
  const connect = (headers) => {
    broker = new Client({
      webSocketFactory: socket(BROKER),
      connectHeaders: { login: 'guest', passcode: 'guest', host: '/' },
      heartbeatIncoming: 1000,
      heartbeatOutgoing: 1000,
      reconnectDelay: 0,
      onConnect: () => tell('CONNECTED', { version: '1.2', 'heart-beat': '1000,1000', session: 'relay' }),
      onStompError: () => end('Connection to broker closed.'),
      onWebSocketClose: () => end(ws.readyState === 1 ? 'Connection to broker closed.' : null),
    });
    broker.activate();
    if (headers.starve) setTimeout(() => stopBeats(broker), 500);
  };
  const frame = ({ command, headers, body }) => {
    if (command === 'CONNECT') connect(headers);
    else if (command === 'SUBSCRIBE')
      broker.subscribe(headers.destination, (m) => tell('MESSAGE', { ...m.headers }, m.body), headers);
    else if (command === 'SEND' && headers.destination.startsWith('/app/')) log({ answered: body });
    else if (command === 'SEND') broker.publish({ destination: headers.destination, body });
    else if (command === 'DISCONNECT') {
      tell('RECEIPT', { 'receipt-id': headers.receipt });
      end();
    }
  };
  const parser = new Parser((raw) => frame(FrameImpl.fromRawFrame(raw, true)), () => {});
  ws.on('message', (data) => {
    heard = Date.now();
    parser.parseChunk(data.toString());
  });
  ws.on('close', () => end());
}

const server = new WebSocket.Server({ port: PORT, host: '127.0.0.1', handleProtocols: () => 'v12.stomp' });
server.on('connection', serve);

const client = (name, headers = {}) =>
  new Promise((ready) => {
    const one = new Client({
      webSocketFactory: socket(`ws://127.0.0.1:${PORT}/portfolio`),
      connectHeaders: headers,
      heartbeatIncoming: 1000,
      heartbeatOutgoing: 1000,
      reconnectDelay: 0,
      onConnect: () => ready(one),
      onStompError: (f) => log({ name, ev: 'ERROR', message: f.headers.message }),
      onWebSocketClose: (e) => log({ name, ev: 'close', code: e.code, reason: e.reason }),
    });
    one.activate();
  });
const subscribe = (one, name, to) =>
  one.subscribe(to, (m) => log({ name, ev: 'MESSAGE', dest: m.headers.destination, body: m.body }), { id: name });

const open = {};
for (const name of ['fine', 'refused', 'silent', 'starved']) {
  open[name] = await client(name, name === 'starved' ? { starve: '1' } : {});
  subscribe(open[name], name, '/topic/prices');
  await sleep(100);
}
for (let i = 0; i < 4; i++) {
  for (const name of Object.keys(open)) open[name].publish({ destination: '/topic/prices', body: `${name} bids ${i}` });
  open.starved.publish({ destination: '/app/hello', body: `nobody hears ${i}` });
  await sleep(200);
}
subscribe(open.refused, 'none', '/nowhere/x');
stopBeats(open.silent);
await sleep(6000);
await open.fine.deactivate();
await sleep(300);
process.exit(0);
