/**
 * What TLS costs: the same 500 stations over Busbar with TLS on both legs, over a bare relay with TLS, and over Busbar without, in one
 * run. Then all of them come back at once, each with a full ECDSA handshake on either side of the cabinet.
 */
import { report } from './figures.js'
import { compare, mebibytes, type Sides, warmUp } from './relay-bench.js'
import { BenchProcess, numberOf } from './rpc.js'
import { writeTlsFiles } from './tls-files.js'

const STATIONS = 500

export interface TlsOptions {
  readonly load: BenchProcess
  /** Of a CSMS without TLS. */
  readonly csmsUrl: string
  readonly flags: readonly string[]
  readonly isShort: boolean
  dataFolder(name: string): string
}

export async function benchTls(options: TlsOptions): Promise<void> {
  const { dataFolder, flags, isShort, load } = options
  const tlsDir = dataFolder('tls')
  await writeTlsFiles(tlsDir)
  const csmsPort = await load.number('csms', 'port', { csms: 'tls', tlsDir })
  const csmsUrl = `wss://localhost:${csmsPort}/csms`
  const plainB = await plainMemory(options)
  const [busbar, bare] = [
    new BenchProcess('gateway-process', ['--expose-gc', ...flags]),
    new BenchProcess('relay-process'),
  ]
  try {
    const site = { stations: STATIONS, csmsUrl, tlsDir, dataDir: dataFolder('tls-site'), meterPort: 0 }
    const url = `wss://localhost:${await busbar.number('start', 'port', site)}/ocpp`
    await load.ask('connect', { group: 'tls', url, tlsDir, count: STATIONS })
    await load.ask('settle', { quietMs: 1000 })
    const tlsB = await busbar.number('memory', 'rssB')
    report({
      name: 'tls.memory',
      value: mebibytes(tlsB - plainB),
      unit: 'MiB more',
      goal: { at: 'most', value: 60 },
      note: `${STATIONS} stations: ${Math.round(mebibytes(tlsB))} MiB, without TLS ${Math.round(mebibytes(plainB))} MiB`,
    })
    const barePort = await bare.number('start', 'port', { csmsUrl, tlsDir })
    const sides: Sides = {
      load,
      busbar: { group: 'tls', process: busbar, url },
      bare: { group: 'bare-tls', process: bare, url: `wss://localhost:${barePort}` },
      isShort,
    }
    await load.ask('connect', { group: 'bare-tls', url: sides.bare.url, tlsDir, count: STATIONS })
    await warmUp(sides)
    for (const stations of [50, STATIONS])
      await compare(sides, stations, { name: 'tls', leastRoundTrips: 0.6 })
    await load.ask('disconnect', { group: 'bare-tls' })
    await allBack(load, busbar, { url, tlsDir })
    await load.ask('disconnect', { group: 'tls' })
  } finally {
    await busbar.stop()
    await bare.stop()
  }
}

/** Resident with the same stations and no TLS. */
async function plainMemory({ csmsUrl, dataFolder, flags, load }: TlsOptions): Promise<number> {
  const busbar = new BenchProcess('gateway-process', ['--expose-gc', ...flags])
  try {
    const site = { stations: STATIONS, csmsUrl, dataDir: dataFolder('plain-site'), meterPort: 0 }
    const url = `ws://127.0.0.1:${await busbar.number('start', 'port', site)}/ocpp`
    await load.ask('connect', { group: 'plain', url, count: STATIONS })
    await load.ask('settle', { quietMs: 1000 })
    return await busbar.number('memory', 'rssB')
  } finally {
    await load.ask('disconnect', { group: 'plain' })
    await busbar.stop()
  }
}

async function allBack(
  load: BenchProcess,
  busbar: BenchProcess,
  { tlsDir, url }: { readonly tlsDir: string; readonly url: string },
): Promise<void> {
  await load.ask('disconnect', { group: 'tls' })
  await busbar.ask('watch')
  const beganMs = performance.now()
  const back = await load.ask('connect', { group: 'tls', url, tlsDir, count: STATIONS, atOnce: STATIONS })
  const tookMs = performance.now() - beganMs
  const loopP99Ms = numberOf(await busbar.ask('writes'), 'loopP99Ms')
  report({
    name: 'tls.reconnect',
    value: tookMs / 1000,
    unit: 's',
    goal: { at: 'most', value: 20 },
    note: `${STATIONS} at once, full handshakes, ECDSA, until the last has its boot and its status answered; ${numberOf(back, 'again')} attempts came to nothing`,
  })
  report({
    name: 'tls.reconnect.loopP99',
    value: loopP99Ms,
    unit: 'ms',
    goal: { at: 'most', value: 100 },
    note: 'how long the loop that control runs in was held meanwhile',
  })
}
