// Headless Chromium as the client: a page runs the scripts and posts its events back over another port.
'use strict'
const { spec, emit } = require('./peer.cjs')
const { spawn } = require('node:child_process')
const fs = require('node:fs')
const http = require('node:http')
const os = require('node:os')
const path = require('node:path')

const PORT = 8090

async function inPage(spec) {
  const events = []
  const base64 = (bytes) => btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(''))
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0))
  const note = (ev, path, more) => events.push({ ev, path, t: Date.now() / 1000, ...more })
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
  for (const one of spec.connections) {
    const ws = new WebSocket(one.url + one.path)
    ws.binaryType = 'arraybuffer'
    let count = 0
    ws.onmessage = ({ data }) => {
      const text = typeof data === 'string'
      const raw = text ? new TextEncoder().encode(data) : new Uint8Array(data)
      note('received', one.path, { op: text ? 'text' : 'binary', data: base64(raw) })
      count += 1
    }
    const end = new Promise((resolve) => { ws.onclose = resolve })
    await new Promise((resolve) => { ws.onopen = resolve })
    for (const step of one.script) {
      if (step.do === 'send') {
        note('sent', one.path, { op: step.op, data: step.data })
        ws.send(step.op === 'text' ? new TextDecoder().decode(bytes(step.data)) : bytes(step.data))
      } else if (step.do === 'wait') {
        for (let i = 0; count < step.count && i < 2000; i++) await sleep(5)
      } else if (step.do === 'sleep') {
        await sleep(step.ms)
      } else if (step.do === 'close') {
        const data = base64([step.code >> 8, step.code & 255, ...new TextEncoder().encode(step.reason)])
        note('sent', one.path, { op: 'close', data, code: step.code, reason: step.reason })
        ws.close(step.code, step.reason)
      }
    }
    await end
  }
  await fetch('/events', { method: 'POST', body: JSON.stringify(events) })
}

const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'wsrec-chromium-'))
const page = `<!doctype html><meta charset="utf-8"><script>(${inPage})(${JSON.stringify(spec)})</script>`
let browser
const web = http.createServer(async (request, response) => {
  response.end(request.url === '/' ? page : '')
  if (request.method !== 'POST') return
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  for (const { ev, path, ...more } of JSON.parse(Buffer.concat(chunks))) emit(ev, path, more)
  process.kill(-browser.pid)
})
web.listen(PORT, '127.0.0.1', () => {
  browser = spawn('chromium', [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync', `--user-data-dir=${profile}`, `http://127.0.0.1:${PORT}/`,
  ], { detached: true, stdio: 'ignore' })
  browser.on('exit', () => {
    setTimeout(() => { fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 }); process.exit(0) }, 300)
  })
  setTimeout(() => process.kill(-browser.pid), 25000)
})
