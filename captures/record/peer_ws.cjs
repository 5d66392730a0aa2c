// Node `ws`, either end; as a client also undici's WebSocket (which never says its own address).
'use strict'
const { role, spec, emit, address, Run, untilStdinEnds } = require('./peer.cjs')
const http = require('node:http')
const WebSocket = require('ws')

const closed = (ws) => new Promise((resolve) => ws.on('close', resolve))

// Listens at once, since messages may come in one segment with the 101; returns what runs the script.
function prepare(ws, path) {
  const send = (step, data) => ws.send(data, { compress: step.compress ?? true, binary: step.op === 'binary' })
  const run = new Run(path, {
    send,
    part: (step, data, fin) => ws.send(data, { compress: step.compress ?? true, binary: step.op === 'binary', fin }),
    ping: (data) => ws.ping(data),
    close: (code, reason) => ws.close(code, reason),
  })
  ws.on('message', (data, isBinary) => run.received(data, isBinary))
  const end = closed(ws)
  return (script) => Promise.all([run.steps(script), end])
}

function server() {
  const refuse = spec.refuse ?? {}
  const web = http.createServer((request, response) => {
    const body = Buffer.from(spec.pages?.[request.url] ?? '')
    response.writeHead(body.length ? 200 : 426, { 'Content-Type': 'application/json', 'Content-Length': body.length })
    response.end(body)
  })
  const wss = new WebSocket.Server({ noServer: true, ...spec.options })
  web.on('upgrade', (request, socket, head) => {
    const refusal = refuse[request.url]
    if (refusal) {
      socket.end(`HTTP/1.1 ${refusal.status} ${http.STATUS_CODES[refusal.status]}\r\n` +
        (refusal.headers ?? []).map((h) => h + '\r\n').join('') +
        `Content-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(refusal.body)}\r\nConnection: close\r\n\r\n${refusal.body}`)
      return
    }
    wss.handleUpgrade(request, socket, head, (ws) => {
      emit('open', request.url, {
        client: address(socket.remoteAddress, socket.remotePort),
        server: address(socket.localAddress, socket.localPort),
      })
      prepare(ws, request.url)(spec.scripts[request.url])
    })
  })
  web.listen(spec.port, spec.host, () => emit('ready'))
  untilStdinEnds()
}

async function viaUndici(one) {
  const { WebSocket: Undici } = require('undici')
  const ws = new Undici(one.url + one.path)
  ws.binaryType = 'arraybuffer'
  const opened = new Promise((resolve, reject) => { ws.onopen = resolve; ws.onerror = reject })
  const run = new Run(one.path, {
    send: (step, data) => ws.send(data),
    close: (code, reason) => ws.close(code, reason),
  })
  ws.onmessage = ({ data }) => run.received(Buffer.from(data), typeof data !== 'string')
  const end = new Promise((resolve) => { ws.onclose = resolve })
  await opened
  await run.steps(one.script)
  await end
}

async function client() {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  for (const one of spec.connections) {
    if (one.undici) { await viaUndici(one); continue }
    for (const path of one.gets ?? []) {
      await new Promise((resolve, reject) => {
        http.get(one.url.replace('ws:', 'http:') + path, { agent }, (response) => response.resume().on('end', resolve)).on('error', reject)
      })
    }
    const ws = new WebSocket(one.url + one.path, one.protocols ?? [], { ...one.options, ...(one.gets && { agent }) })
    const talk = prepare(ws, one.path)
    try {
      await new Promise((resolve, reject) => { ws.on('open', resolve); ws.on('error', reject) })
    } catch (error) {
      if (one.refused) continue
      throw error
    }
    const socket = ws._socket
    emit('open', one.path, {
      client: address(socket.localAddress, socket.localPort),
      server: address(socket.remoteAddress, socket.remotePort),
    })
    await talk(one.script)
  }
}

if (role === 'server') server()
else client()
