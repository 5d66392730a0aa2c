// Socket.IO, either end: polling first, then the upgrade. What `ws` below it is given and gives is what is logged.
'use strict'
const { role, spec, emit, address, untilStdinEnds } = require('./peer.cjs')
const http = require('node:http')
const path = require('node:path')
// The very copy of `ws` that this end uses.
const engine = path.dirname(require.resolve(role === 'server' ? 'engine.io' : 'engine.io-client'))
const WebSocket = require(require.resolve('ws', { paths: [engine] }))

const PATH = '/socket.io'
const seen = new WeakSet()

function note(ws, ev, data, binary) {
  if (!seen.has(ws)) {
    seen.add(ws)
    const { localAddress, localPort, remoteAddress, remotePort } = ws._socket
    const [here, there] = [address(localAddress, localPort), address(remoteAddress, remotePort)]
    emit('open', PATH, role === 'server' ? { client: there, server: here } : { client: here, server: there })
  }
  emit(ev, PATH, { op: binary ? 'binary' : 'text', data: Buffer.from(data).toString('base64') })
}

const { send, emit: dispatch } = WebSocket.prototype
WebSocket.prototype.send = function (data, ...rest) {
  note(this, 'sent', data, typeof data !== 'string')
  return send.call(this, data, ...rest)
}
WebSocket.prototype.emit = function (event, ...rest) {
  if (event === 'message') note(this, 'received', rest[0], rest[1])
  return dispatch.call(this, event, ...rest)
}

const parse = (step) => (step.op === 'text' ? JSON.parse(Buffer.from(step.data, 'base64')) : Buffer.from(step.data, 'base64'))

function server() {
  const { Server } = require('socket.io')
  const web = http.createServer()
  new Server(web, { perMessageDeflate: { threshold: 0 }, httpCompression: false }).on('connection', (socket) => {
    socket.conn.once('upgrade', () => {
      for (const step of spec.scripts[PATH]) socket.emit('ticker', parse(step))
    })
    socket.on('chat', (data, answer) => answer({ ok: true, length: data.length ?? Object.keys(data).length }))
  })
  web.listen(spec.port, spec.host, () => emit('ready'))
  untilStdinEnds()
}

async function client() {
  const { io } = require('socket.io-client')
  const [one] = spec.connections
  const socket = io(one.url.replace('ws:', 'http:'), { reconnection: false, perMessageDeflate: { threshold: 0 } })
  await new Promise((resolve) => socket.on('connect', () => socket.io.engine.on('upgrade', resolve)))
  for (const step of one.script) await socket.emitWithAck('chat', parse(step))
  socket.disconnect()
  setTimeout(() => process.exit(0), 200)
}

if (role === 'server') server()
else client()
