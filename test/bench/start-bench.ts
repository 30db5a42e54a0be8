/** From `node dist/main.js run` to the first accepted TCP connection on the OCPP port, with 500 stations configured. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as after } from 'node:timers/promises'
import { siteDocument } from './bench-site.js'
import { median, report } from './figures.js'

const MAX_START_MS = 20_000
const TRIES = 3

export async function benchStart(folder: string): Promise<void> {
  const tookMs: number[] = []
  for (let round = 0; round < TRIES; round++)
    tookMs.push(await startOnce(mkdtempSync(join(folder, 'start-'))))
  report({
    name: 'start.listening',
    value: median(tookMs) / 1000,
    unit: 's',
    goal: { at: 'most', value: 1.5 },
    note: `median of ${TRIES} with an empty data folder, 500 stations configured`,
  })
}

async function startOnce(folder: string): Promise<number> {
  const ocppPort = await freePort()
  const config = join(folder, 'busbar.json')
  const csmsUrl = 'ws://127.0.0.1:9/csms'
  writeFileSync(config, JSON.stringify(siteDocument({ stations: 500, csmsUrl, ocppPort, meterPort: 0 })))
  const startMs = performance.now()
  const args = ['dist/main.js', 'run', '--config', config, '--data', join(folder, 'data')]
  const busbar = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const gone = once(busbar, 'exit')
  while (!(await accepts(ocppPort))) {
    if (busbar.exitCode !== null) throw new Error(`Busbar ended with ${busbar.exitCode}`)
    if (performance.now() - startMs > MAX_START_MS) throw new Error('Busbar does not listen')
    await after(5)
  }
  const tookMs = performance.now() - startMs
  busbar.kill('SIGTERM')
  await gone
  return tookMs
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  server.close()
  await once(server, 'close')
  return port
}
