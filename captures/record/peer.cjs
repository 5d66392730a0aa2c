// What the JavaScript peers share: the spec, the printed events, and the steps of a script.
'use strict'
const fs = require('node:fs')

const role = process.argv[2]
const spec = JSON.parse(fs.readFileSync(process.argv[3]))

const emit = (ev, path = '', more = {}) =>
  fs.writeSync(1, JSON.stringify({ ev, path, t: Date.now() / 1000, ...more }) + '\n')

const address = (host, port) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

// A connection's script over `hooks`: send(step, data), part(step, data, fin), ping(data), close(code, reason).
class Run {
  constructor(path, hooks) {
    Object.assign(this, { path, hooks, count: 0 })
  }

  received(data, isBinary) {
    emit('received', this.path, { op: isBinary ? 'binary' : 'text', data: Buffer.from(data).toString('base64') })
    this.count += 1
  }

  ping(data) {
    emit('sent', this.path, { op: 'ping', data })
    this.hooks.ping(Buffer.from(data, 'base64'))
  }

  async steps(script) {
    for (const step of script) {
      const raw = Buffer.from(step.data ?? '', 'base64')
      if (step.do === 'send') {
        const sent = () => emit('sent', this.path, { op: step.op, data: step.data })
        if (step.parts) {
          for (const [i, part] of step.parts.entries()) {
            if (i && step.ping_between !== undefined) this.ping(step.ping_between)
            if (i) await sleep(step.pause ?? 5)
            this.hooks.part(step, Buffer.from(part, 'base64'), i === step.parts.length - 1)
          }
          sent() // messages are logged in the order they end: after the pings between their fragments
        } else {
          sent()
          this.hooks.send(step, step.op === 'text' ? raw.toString() : raw)
        }
      } else if (step.do === 'ping') {
        this.ping(step.data)
      } else if (step.do === 'wait') {
        for (let i = 0; this.count < step.count; i++) {
          if (i > 4000) throw new Error(`${this.path}: waited for message ${step.count}, have ${this.count}`)
          await sleep(2)
        }
      } else if (step.do === 'sleep') {
        await sleep(step.ms)
      } else if (step.do === 'close') {
        const code = Buffer.from([step.code >> 8, step.code & 255])
        const data = Buffer.concat([code, Buffer.from(step.reason)]).toString('base64')
        emit('sent', this.path, { op: 'close', data, code: step.code, reason: step.reason })
        this.hooks.close(step.code, step.reason)
      }
    }
  }
}

function untilStdinEnds() {
  process.stdin.resume().on('end', () => process.exit(0))
}

module.exports = { role, spec, emit, address, sleep, Run, untilStdinEnds }
