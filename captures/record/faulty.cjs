// A ws server whose compression is patched to be wrong, and a client that only reads: FAULT OUT.pcap
'use strict'
const { spawn } = require('node:child_process')
const net = require('node:net')
const zlib = require('node:zlib')
const path = require('node:path')
const Deflate = require(path.join(path.dirname(require.resolve('ws')), 'lib/permessage-deflate.js'))
const WebSocket = require('ws')

const [fault, target] = process.argv.slice(2)
const PORT = 8090
const compress = Deflate.prototype._compress

if (fault === 'zlib') Deflate.prototype._compress = (data, fin, done) => done(null, zlib.deflateSync(data))
if (fault === 'per-frame') {
  // Every fragment is taken for a whole message and loses its marker.
  Deflate.prototype._compress = function (data, fin, done) { return compress.call(this, data, true, done) }
}
if (fault === 'keeps-context') {
  Deflate.prototype._compress = function (data, fin, done) {
    const agreed = this.params
    this.params = { ...agreed, server_no_context_takeover: false }
    return compress.call(this, data, fin, (...result) => { this.params = agreed; done(...result) })
  }
}
const options = { perMessageDeflate: { threshold: 0, serverNoContextTakeover: fault === 'keeps-context' } }
const server = new WebSocket.Server({ port: PORT, host: '127.0.0.1', ...options })

const words = ['order', 'price', 'venue', 'latency', 'spread', 'auction', 'quote', 'depth', 'élan', 'über']
let state = 7
const next = (n) => (state = (state * 48271) % 2147483647) % n
const message = (id) => JSON.stringify({ type: words[next(10)], id, tags: [0, 1, 2].map(() => words[next(10)]), value: next(100000) })
const short = () => String.fromCharCode(...Array.from({ length: 14 }, () => 33 + next(90)))

// Compresses whatever it sends, and sends short results only: the compressor has seen the others too.
const choose = (ws, data) => new Promise((resolve) => {
  const extension = ws._sender._extensions['permessage-deflate']
  extension.compress(data, true, (_, packed) => {
    const grew = packed.length >= Buffer.byteLength(data)
    const first = (grew ? 0x81 : 0xc1)
    const payload = grew ? Buffer.from(data) : packed
    const head = payload.length < 126 ? [first, payload.length] : [first, 126, payload.length >> 8, payload.length & 255]
    ws._socket.write(Buffer.concat([Buffer.from(head), payload]), resolve)
  })
})

server.on('connection', async (ws) => {
  ws.on('error', () => {})
  for (let id = 1; id <= 30; id++) {
    const data = message(id)
    if (fault === 'thrown-away') {
      if (id % 5 === 3) await choose(ws, short())
      await choose(ws, data)
    } else if (fault === 'per-frame') {
      const half = data.length >> 1
      ws.send(data.slice(0, half), { fin: false, compress: true })
      ws.send(data.slice(half), { fin: true, compress: true })
    } else ws.send(data)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  ws.close(1000, 'bye')
})

const dump = spawn('tcpdump', ['-i', 'lo', '-U', '-n', '-s', '262144', '-Z', 'root', '--immediate-mode', '-w', target, 'tcp', 'port', String(PORT)])
dump.stderr.once('data', () => setTimeout(() => {
  const socket = net.connect(PORT, '127.0.0.1')
  socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1:8090\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n')
  // The server's close frame is the last thing it sends: answered, masked.
  socket.on('data', (bytes) => {
    if (bytes.includes(Buffer.from('bye'))) socket.write(Buffer.from([0x88, 0x82, 9, 8, 7, 6, 3 ^ 9, 0xe8 ^ 8]))
  })
  socket.on('close', () => setTimeout(() => { dump.kill('SIGINT'); server.close() }, 300))
}, 500))
