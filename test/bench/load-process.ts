/**
 * The third process: all stations, the CSMS they want to reach and the meter of the site. Stations come in groups by
 * name, one per relay. Latencies are measured here, from `send` to the answer.
 */
import { setTimeout as after } from 'node:timers/promises'
import type { ClientOptions } from 'ws'
import { STATION_PASSWORD, stationId } from './bench-site.js'
import { EchoCsms, received, startDeafCsms } from './echo-csms.js'
import { percentile } from './figures.js'
import { MeterSteps } from './meter-steps.js'
import { MqttSteps } from './mqtt-steps.js'
import { QuickStation } from './quick-station.js'
import { type Args, type Numbers, numberOf, serve, textOf } from './rpc.js'
import { clientTls, serverTls } from './tls-files.js'

/** Connections opened at once. */
const BATCH = 20
/** From one car of a group to the next. */
const REACTIONS_APART_MS = 40
const groups = new Map<string, QuickStation[]>()
const csmses = new Map<string, EchoCsms>()
let lastCallMs = 0
/** Attempts to connect that came to nothing. */
let again = 0
let steps: MeterSteps | undefined
let mqtt: MqttSteps | undefined

serve({
  csms: async args => {
    const csms = await EchoCsms.start(serverTls(textOf(args, 'tlsDir')))
    csmses.set(textOf(args, 'csms'), csms)
    return { port: csms.port }
  },
  csmsDown: async args => {
    await csmsOf(args).down()
    return {}
  },
  csmsUp: async args => {
    await csmsOf(args).up()
    return {}
  },
  linked: args => ({ stations: csmsOf(args).linked }),
  deafCsms: async () => ({ port: await startDeafCsms() }),
  connect,
  disconnect: args => {
    steps?.stop()
    for (const station of groupOf(args).splice(0)) station.close()
    return {}
  },
  settle,
  closed: args => closed(args),
  paced,
  received: () => ({ messages: received() }),
  meter: async args => {
    steps = await MeterSteps.start(groupOf(args))
    return { port: steps.port }
  },
  transactions: async args => {
    for (const [index, station] of groupOf(args).entries()) {
      station.reactionMs += index * REACTIONS_APART_MS
      await station.startTransaction()
    }
    return {}
  },
  down: () => meterSteps().down(),
  up: () => meterSteps().up(),
  mqtt: async args => {
    mqtt = await MqttSteps.start(groupOf(args))
    return { port: mqtt.port }
  },
  mqttRest: args => mqttSteps().rest(numberOf(args, 'ms')),
  mqttChange: args => mqttSteps().change(numberOf(args, 'at'), textOf(args, 'status')),
  mqttRisen: args => mqttSteps().risen(numberOf(args, 'leastA')),
  mqttOrder: args => mqttSteps().order({ lessA: numberOf(args, 'lessA'), leastA: numberOf(args, 'leastA') }),
  mqttStop: async () => {
    await mqttSteps().stop()
    return {}
  },
})

function meterSteps(): MeterSteps {
  if (steps === undefined) throw new Error('no meter was started')
  return steps
}

function mqttSteps(): MqttSteps {
  if (mqtt === undefined) throw new Error('no broker was started')
  return mqtt
}

function csmsOf(args: Args): EchoCsms {
  const csms = csmses.get(textOf(args, 'csms'))
  if (csms === undefined) throw new Error('no such CSMS was started')
  return csms
}

function groupOf(args: Args): QuickStation[] {
  const name = textOf(args, 'group')
  const group = groups.get(name) ?? []
  groups.set(name, group)
  return group
}

/** As a station does where the machine is too busy for its handshake in time. */
async function insisting(url: string, options: ClientOptions): Promise<QuickStation> {
  for (;;) {
    try {
      return await QuickStation.connect(url, options)
    } catch {
      again += 1 // told beside the figure
      await after(1_000)
    }
  }
}

const basic = (id: string): string => `Basic ${Buffer.from(`${id}:${STATION_PASSWORD}`).toString('base64')}`

/** Brings the group to `count` stations. */
async function connect(args: Args): Promise<Numbers> {
  const group = groupOf(args)
  const url = textOf(args, 'url')
  again = 0
  const tls = clientTls(textOf(args, 'tlsDir'))
  const count = numberOf(args, 'count')
  while (group.length < count) {
    const size = Math.min(numberOf(args, 'atOnce') || BATCH, count - group.length)
    const ids = Array.from({ length: size }, (_, index) => stationId(group.length + index))
    for (const station of await Promise.all(
      ids.map(id =>
        tls === undefined
          ? QuickStation.connect(`${url}/${id}`)
          : insisting(`${url}/${id}`, { ...tls, headers: { authorization: basic(id) } }),
      ),
    )) {
      station.onCall = () => {
        lastCallMs = performance.now()
      }
      group.push(station)
    }
  }
  return { stations: group.length, again }
}

/** Waits until no CALL has come to any station for a while; bounded. */
async function settle(args: Args): Promise<Numbers> {
  const quietMs = numberOf(args, 'quietMs')
  const startMs = performance.now()
  lastCallMs = startMs
  while (performance.now() - lastCallMs < quietMs && performance.now() - startMs < 30_000) await after(20)
  return { waitedMs: performance.now() - startMs }
}

/**
 * The first `stations` of the group always have one CALL out each, for `ms` or until `calls` were answered.
 * Latencies are kept only where time is the bound.
 */
async function closed(args: Args): Promise<Numbers> {
  const stations = groupOf(args).slice(0, numberOf(args, 'stations'))
  const most = numberOf(args, 'calls')
  const startMs = performance.now()
  const endMs = startMs + numberOf(args, 'ms')
  const tookMs: number[] = []
  const keeps = most === 0
  let answered = 0
  let sent = 0
  let lastMs = startMs
  const loop = (station: QuickStation, done: () => void): void => {
    const sentMs = performance.now()
    if (sentMs >= endMs || (most > 0 && sent >= most)) {
      done()
      return
    }
    sent += 1
    station.pass(() => {
      lastMs = performance.now()
      answered += 1
      if (keeps) tookMs.push(lastMs - sentMs)
      loop(station, done)
    })
  }
  await Promise.all(stations.map(station => new Promise<void>(done => loop(station, done))))
  return { calls: answered, spanMs: lastMs - startMs, ...latencies(tookMs) }
}

/** `perS` CALLs a second, round the stations of the group. `refused`: answered with CALLERROR. */
async function paced(args: Args): Promise<Numbers> {
  const stations = groupOf(args).slice(0, numberOf(args, 'stations'))
  const everyMs = 1000 / numberOf(args, 'perS')
  const count = Math.floor(numberOf(args, 'ms') / everyMs)
  const tookMs: number[] = []
  const waiting: Promise<void>[] = []
  let refused = 0
  const startMs = performance.now()
  for (let at = 0; at < count; at++) {
    const dueMs = startMs + at * everyMs
    const earlyMs = dueMs - performance.now()
    if (earlyMs > 0) await after(earlyMs)
    const station = stations[at % stations.length]
    if (station === undefined) break
    const sentMs = performance.now()
    waiting.push(
      said(station, textOf(args, 'what')).then(text => {
        tookMs.push(performance.now() - sentMs)
        if (text?.startsWith('[4,')) refused += 1
      }),
    )
  }
  await Promise.all(waiting)
  return { calls: tookMs.length, refused, ...latencies(tookMs) }
}

/** One CALL; settles with its answer, where that is looked at. */
function said(station: QuickStation, what: string): Promise<string | undefined> {
  if (what === 'authorize') return station.ask('Authorize', { idTag: 'BENCH' })
  if (what !== 'start') return new Promise(done => station.pass(() => done(undefined)))
  const timestamp = new Date().toISOString()
  return station.ask('StartTransaction', { connectorId: 1, idTag: 'BENCH', meterStart: 0, timestamp })
}

function latencies(tookMs: readonly number[]): Numbers {
  const sorted = Float64Array.from(tookMs).sort()
  const [p50Ms, p99Ms] = [percentile(sorted, 0.5), percentile(sorted, 0.99)]
  return p50Ms === undefined || p99Ms === undefined ? {} : { p50Ms, p99Ms }
}
