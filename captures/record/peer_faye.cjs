// faye-websocket with permessage-deflate, either end.
'use strict'
const { role, spec, emit, address, Run, untilStdinEnds } = require('./peer.cjs')
const http = require('node:http')
const faye = require('faye-websocket')
const deflate = require('permessage-deflate')

const extensions = (options) => [options ? deflate.configure(options) : deflate]

function prepare(ws, path) {
  const run = new Run(path, {
    send: (step, data) => ws.send(data),
    ping: (data) => ws.ping(data.toString()),
    close: (code, reason) => ws.close(code, reason),
  })
  ws.on('message', ({ data }) => run.received(data, typeof data !== 'string'))
  const end = new Promise((resolve) => ws.on('close', resolve))
  return (script) => Promise.all([run.steps(script), end])
}

function server() {
  const web = http.createServer()
  web.on('upgrade', (request, socket, head) => {
    emit('open', request.url, {
      client: address(socket.remoteAddress, socket.remotePort),
      server: address(socket.localAddress, socket.localPort),
    })
    const ws = new faye(request, socket, head, [], { extensions: extensions(spec.options) })
    prepare(ws, request.url)(spec.scripts[request.url])
  })
  web.listen(spec.port, spec.host, () => emit('ready'))
  untilStdinEnds()
}

async function client() {
  for (const one of spec.connections) {
    const ws = new faye.Client(one.url + one.path, [], { extensions: extensions(one.options) })
    const talk = prepare(ws, one.path)
    await new Promise((resolve) => ws.on('open', resolve))
    await talk(one.script)
  }
}

if (role === 'server') server()
else client()
