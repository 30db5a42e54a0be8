/**
 * The performance figures of PICS A.4 (seed 002 §8.2.1, as reported in seeds 003 and 004), over real sockets with all
 * stations active: what Busbar answers by itself, what it adds to what it forwards, and what a CSMS waits for a station
 * behind it. Busbar runs in a process of its own; stations and CSMS share this one.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClock } from '../../src/adapters/clock.js'
import { createNetwork } from '../../src/adapters/network.js'
import type { Clock, Log, Network, Timer } from '../../src/ports.js'
import { Csms } from '../../src/sim/csms.js'
import { Wire, type WireAnswer, type WireOutcome } from '../../src/sim/framing.js'
import { stationId } from '../bench/bench-site.js'
import { BenchProcess } from '../bench/rpc.js'

export interface Figure {
  readonly name: string
  /** The value of the PICS, or our own goal. */
  readonly allowedMs: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly samples: number
  readonly note: string
}

export interface FigureOptions {
  /** Active at once, each with about one CALL a second. */
  readonly stations: number
  /** Of each of the three phases, after `settleSeconds` in which stations are set up and code is compiled. */
  readonly seconds: number
  readonly settleSeconds: number
}

const ANSWER_TIMEOUT_MS = 30_000
const MAX_FRAME_BYTES = 1_048_576
/** PICS values of both certificates (seeds 003, 004). */
const RESPONSE_MS = 30_000
const AUTHORIZE_MS = 10_000
const REMOTE_START_MS = 10_000
const TRIGGERED_MS = 60_000
/** Ours: answered here, and added to what is forwarded. */
const HERE_MS = 50
const ADDED_MS = 5
/** One command of the CSMS to one station after the other. */
const COMMAND_EVERY_MS = 100

const silent: Log = { write: () => {} }

type Samples = Map<string, number[]>

/** Rejects when a process cannot be started or a station cannot connect. */
export async function measureFigures({
  stations,
  seconds,
  settleSeconds,
}: FigureOptions): Promise<readonly Figure[]> {
  const ports = { clock: createClock(), network: createNetwork(silent), log: silent }
  const csms = new Csms({ ports, host: '127.0.0.1', port: 0, heartbeatS: 3600 })
  await csms.start()
  try {
    const load = { ports, stations, durationMs: seconds * 1000, settleMs: settleSeconds * 1000 }
    const here = await throughBusbar('', ocpp => run({ ...load, url: ocpp }))
    const direct = await run({ ...load, url: csms.url })
    const commands: Samples = new Map()
    const forwarded = await throughBusbar(csms.url, ocpp =>
      run({ ...load, url: ocpp, meanwhile: () => command(csms, commands, load) }),
    )
    return figuresOf({ here, direct, forwarded, commands }, stations)
  } finally {
    await csms.stop()
  }

  async function throughBusbar(csmsUrl: string, use: (url: string) => Promise<Samples>): Promise<Samples> {
    const dataDir = mkdtempSync(join(tmpdir(), 'busbar-figures-'))
    const busbar = new BenchProcess('gateway-process')
    try {
      const port = await busbar.number('start', 'port', { stations, csmsUrl, dataDir, meterPort: 0 })
      return await use(`ws://127.0.0.1:${port}/ocpp`)
    } finally {
      await busbar.stop()
      rmSync(dataDir, { recursive: true, force: true })
    }
  }
}

interface Load {
  readonly ports: { readonly clock: Clock; readonly network: Network }
  readonly stations: number
  readonly durationMs: number
  readonly settleMs: number
}

/** All stations connect, boot and send for a while; round trips by action, ms. */
async function run(
  load: Load & { readonly url: string; readonly meanwhile?: () => Promise<void> },
): Promise<Samples> {
  const { clock } = load.ports
  const samples: Samples = new Map()
  const all = await Promise.all(
    Array.from({ length: load.stations }, (_, index) => ActiveStation.connect(load.ports, load.url, index)),
  )
  const timers: Timer[] = []
  all.forEach((station, index) => {
    timers.push(
      clock.after((index * 1000) / all.length, () => {
        timers.push(clock.every(1000, () => station.next(samples)))
      }),
    )
  })
  await pause(clock, load.settleMs)
  samples.clear()
  await Promise.all([pause(clock, load.durationMs), load.meanwhile?.()])
  for (const timer of timers) timer.cancel()
  await pause(clock, 500)
  for (const station of all) station.close()
  return samples
}

/** RemoteStart and TriggerMessage to one station after the other, as the CSMS sees their times. */
async function command(csms: Csms, samples: Samples, load: Load): Promise<void> {
  const { clock } = load.ports
  const rounds = Math.max(1, Math.floor(load.durationMs / COMMAND_EVERY_MS / 2))
  for (let round = 0; round < rounds; round++) {
    const id = stationId(round % load.stations)
    const startMs = clock.monoMs()
    const started = await csms.call(id, 'RemoteStartTransaction', { idTag: 'FIGURES', connectorId: 1 })
    if (started.kind === 'result') note(samples, 'RemoteStartTransaction', clock.monoMs() - startMs)
    const from = csms.seen.length
    const triggered = await csms.call(id, 'TriggerMessage', {
      requestedMessage: 'DiagnosticsStatusNotification',
    })
    const askedMs = clock.monoMs()
    if (triggered.kind === 'result') {
      const isIt = (call: { stationId: string; action: string }): boolean =>
        call.stationId === id && call.action === 'DiagnosticsStatusNotification'
      if (!csms.seen.slice(from).some(isIt)) await csms.until(isIt)
      note(samples, 'TriggerMessage', clock.monoMs() - askedMs)
    }
    csms.seen.splice(0)
    await pause(clock, COMMAND_EVERY_MS)
  }
}

class ActiveStation {
  readonly #clock: Clock
  readonly #wire: Wire
  /** Stations begin at different places of the round, so that each second has every CALL in it. */
  #turn: number

  private constructor(clock: Clock, turn: number) {
    this.#clock = clock
    this.#turn = turn
    this.#wire = new Wire(
      { clock, answerTimeoutMs: ANSWER_TIMEOUT_MS, idPrefix: '' },
      {
        call: (action, _payload, reply) => this.#answer(action, reply),
        closed: () => {},
      },
    )
  }

  static connect(ports: Load['ports'], url: string, index: number): Promise<ActiveStation> {
    const station = new ActiveStation(ports.clock, index)
    const id = stationId(index)
    return new Promise((resolve, reject) => {
      ports.network.dial(
        {
          url: `${url}/${id}`,
          protocols: ['ocpp1.6'],
          headers: {},
          timeoutMs: 10_000,
          maxFrameBytes: MAX_FRAME_BYTES,
        },
        station.#wire.handlers,
        outcome => {
          if (outcome.kind !== 'open') {
            reject(new Error(`${id}: ${JSON.stringify(outcome)}`))
            return
          }
          station.#wire.attach(outcome.socket)
          const boot = { chargePointVendor: 'figures', chargePointModel: 'active' }
          station.#wire.call('BootNotification', boot, () => resolve(station))
        },
      )
    })
  }

  /** The next CALL of its round, measured. */
  next(samples: Samples): void {
    const timestamp = new Date(this.#clock.wallMs()).toISOString()
    const round: readonly (readonly [string, object])[] = [
      ['Heartbeat', {}],
      ['Authorize', { idTag: 'FIGURES' }],
      [
        'StatusNotification',
        {
          connectorId: 1,
          errorCode: 'NoError',
          status: this.#turn % 8 < 4 ? 'Preparing' : 'Available',
          timestamp,
        },
      ],
      [
        'MeterValues',
        { connectorId: 1, meterValue: [{ timestamp, sampledValue: [{ value: '1', context: 'Trigger' }] }] },
      ],
    ]
    const [action, payload] = round[this.#turn++ % round.length] ?? ['Heartbeat', {}]
    const startMs = this.#clock.monoMs()
    this.#wire.call(action, payload, (outcome: WireOutcome) => {
      if (outcome.kind === 'result') note(samples, action, this.#clock.monoMs() - startMs)
    })
  }

  close(): void {
    this.#wire.terminate()
  }

  #answer(action: string, reply: (answer: WireAnswer) => void): void {
    const status = (name: string): WireAnswer => ({ kind: 'result', payload: { status: name } })
    switch (action) {
      case 'GetConfiguration':
        reply({ kind: 'result', payload: { configurationKey: [] } })
        break
      case 'GetCompositeSchedule':
        reply(status('Rejected'))
        break
      case 'TriggerMessage':
        reply(status('Accepted'))
        this.#wire.call('DiagnosticsStatusNotification', { status: 'Idle' }, () => {})
        break
      default:
        reply(status('Accepted'))
    }
  }
}

function figuresOf(
  measured: {
    readonly here: Samples
    readonly direct: Samples
    readonly forwarded: Samples
    readonly commands: Samples
  },
  stations: number,
): readonly Figure[] {
  const all = (samples: Samples): readonly number[] => [...samples.values()].flat()
  const of = (samples: Samples, action: string): readonly number[] => samples.get(action) ?? []
  const figure = (name: string, allowedMs: number, times: readonly number[], note: string): Figure => ({
    name,
    allowedMs,
    p50Ms: percentile(times, 0.5),
    p99Ms: percentile(times, 0.99),
    samples: times.length,
    note: `${stations} stations; ${note}`,
  })
  const direct = all(measured.direct)
  const forwarded = all(measured.forwarded)
  const added = (share: number): number =>
    Math.max(0, percentile(forwarded, share) - percentile(direct, share))
  const times = (values: readonly number[]): string =>
    `p50 ${percentile(values, 0.5).toFixed(2)} ms, p99 ${percentile(values, 0.99).toFixed(2)} ms`
  return [
    figure('OCPP response', RESPONSE_MS, all(measured.here), 'answered by Busbar alone'),
    figure('OCPP response, own goal', HERE_MS, all(measured.here), 'answered by Busbar alone'),
    figure(
      'Response time Authorize',
      AUTHORIZE_MS,
      of(measured.here, 'Authorize'),
      'answered by Busbar alone',
    ),
    figure(
      'Response time RemoteStartTransaction',
      REMOTE_START_MS,
      of(measured.commands, 'RemoteStartTransaction'),
      'CSMS to station and back, through Busbar',
    ),
    figure(
      'OCPP triggered function',
      TRIGGERED_MS,
      of(measured.commands, 'TriggerMessage'),
      'TriggerMessage.conf to the message at the CSMS, through Busbar',
    ),
    {
      name: 'Added to what is forwarded, own goal',
      allowedMs: ADDED_MS,
      p50Ms: added(0.5),
      p99Ms: added(0.99),
      samples: forwarded.length,
      note: `${stations} stations; through Busbar ${times(forwarded)}; the same without it ${times(direct)}`,
    },
  ]
}

function note(samples: Samples, action: string, tookMs: number): void {
  const times = samples.get(action)
  if (times === undefined) samples.set(action, [tookMs])
  else times.push(tookMs)
}

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}

function pause(clock: Clock, durationMs: number): Promise<void> {
  return new Promise(resolve => clock.after(durationMs, resolve))
}
