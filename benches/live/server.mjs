// Pushes small compressed messages to its clients at a steady rate, then closes.
// bun server.mjs HOST PORT CLIENTS RATE SECONDS
const [host, port, clients, rate, seconds] = process.argv.slice(2).map((v, i) => (i ? Number(v) : v))
const open = new Set()
const names = ['BTC-EUR', 'ETH-EUR', 'SOL-EUR', 'XRP-EUR', 'ADA-EUR', 'DOT-EUR']
let waiting = 0

function message(n) {
  const price = (20000 + ((n * 7919) % 100003) / 100).toFixed(2)
  return `{"type":"ticker","sequence":${n},"product_id":"${names[n % 6]}","price":"${price}","volume_24h":"${(n * 31) % 9973}.${n % 97}"}`
}

const server = Bun.serve({
  hostname: host,
  port,
  fetch: (request, server) => (server.upgrade(request) ? undefined : new Response('no', { status: 400 })),
  websocket: {
    perMessageDeflate: { compress: '32KB', decompress: 'shared' },
    open(ws) {
      open.add(ws)
      if (open.size === clients) push()
    },
    message() {},
    drain() {},
    close(ws) {
      open.delete(ws)
      if (!open.size) process.exit(0)
    },
  },
})

function push() {
  const all = [...open]
  const total = rate * seconds
  const begun = performance.now()
  let sent = 0
  const turn = setInterval(() => {
    const due = Math.min(total, Math.floor(((performance.now() - begun) / 1000) * rate))
    // What a client cannot take waits: nothing is left out.
    for (; sent < due; sent++) {
      if (all[sent % clients].send(message(sent), true) < 0) waiting++
    }
    if (sent === total) {
      clearInterval(turn)
      const took = (performance.now() - begun) / 1000
      console.error(`server: ${sent} messages in ${took.toFixed(1)} s, ${Math.round(sent / took)} a second; ${waiting} had to wait`)
      for (const ws of all) ws.close(1000)
    }
  }, 2)
}
console.error('server: ready')
