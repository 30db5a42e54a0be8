/**
 * Polls all site meters: meters on the same host and port or the same serial path share one line and one queue.
 * Gives one MeterReading per meter and poll, with currents or with a fault. Must not judge freshness: that is
 * `core/measuring/meter-quality.ts`.
 */
import type { MeterConfig } from '../core/config/site.js'
import type { MeterReading, MeterTraffic } from '../core/events.js'
import type { BusConnection, BusReply, Stoppable } from '../ports.js'
import { type BusCounters, BusQueue, type MeterPorts } from './bus-queue.js'
import type { MeterDevice } from './device-schema.js'
import type { GuestRead } from './guest-reads.js'
import { lineKey } from './line-key.js'
import { MeterUnit } from './meter-unit.js'
import { PassThrough } from './pass-through.js'
import { VirtualMeters } from './virtual-meters.js'

export interface MeterPollerOptions {
  readonly ports: MeterPorts
  readonly meters: readonly MeterConfig[]
  /** By device id. A meter whose device is missing gives one reading with a fault and is not polled. */
  readonly devices: ReadonlyMap<string, MeterDevice>
  on(reading: MeterReading): void
  /** Why a meter is not believed although it answers: what is made of it is then unknown too. */
  disbelieved?(meterId: string): string | undefined
}

export interface Meters extends Stoppable {
  /** Since the start, over all lines. */
  readonly counters: Readonly<BusCounters>
  /** Undefined for a meter that is not read. */
  trafficOf(meterId: string): MeterTraffic | undefined
  /** Answers nobody here had asked for, since the start; undefined for a meter that is not read. */
  strangersOf(meterId: string): number | undefined
  /** Asks a meter that does not answer at once, with the others of its line; false for one that is not read. */
  tryNow(meterId: string): boolean
  /** What somebody else wants to read of a meter that is read here. Never rejects. */
  passThrough(meterId: string, read: GuestRead): Promise<BusReply>
}

/** Modbus exception: there is no way to what is asked for. */
const NO_PATH = 10

/** Starts polling at once; the first readings come after the first answers or time-outs. */
export function startMeters(options: MeterPollerOptions): Meters {
  const { ports, meters, devices } = options
  const virtual = new VirtualMeters(meters, meterId => options.disbelieved?.(meterId))
  const on = (reading: MeterReading): void => {
    options.on(reading)
    for (const made of virtual.follow(reading)) options.on(made)
  }
  const counters: BusCounters = {
    requests: 0,
    answers: 0,
    exceptions: 0,
    timeouts: 0,
    failures: 0,
    connects: 0,
    strayBytes: 0,
  }
  const lines = new Map<string, { connection: BusConnection; units: MeterUnit[] }>()
  const units = new Map<string, MeterUnit>()
  for (const meter of meters) {
    const { connection } = meter
    if (connection.kind === 'virtual') continue
    const device = devices.get(meter.device)
    if (device === undefined) {
      on({ meterId: meter.id, monoMs: ports.clock.monoMs(), fault: `no device file for ${meter.device}` })
      continue
    }
    const key = lineKey(connection)
    const line: { connection: BusConnection; units: MeterUnit[] } = lines.get(key) ?? {
      connection,
      units: [],
    }
    const unit = new MeterUnit(meter, device)
    units.set(meter.id, unit)
    line.units.push(unit)
    lines.set(key, line)
  }
  const lineOf = new Map<string, BusQueue>()
  const through = new Map<string, PassThrough>()
  const queues = [...lines.values()].map(line => {
    const queue = new BusQueue(ports, line.connection, line.units, counters)
    for (const unit of line.units) {
      const ask = (read: GuestRead): Promise<BusReply> => queue.guest(unit, read)
      lineOf.set(unit.config.id, queue)
      through.set(unit.config.id, new PassThrough(ask, () => ports.clock.monoMs()))
    }
    return queue
  })
  for (const queue of queues) queue.start(on)
  return {
    counters,
    trafficOf: meterId => units.get(meterId)?.traffic.total(),
    strangersOf: meterId => units.get(meterId)?.traffic.strangers,
    tryNow: meterId => {
      const line = lineOf.get(meterId)
      line?.tryNow()
      return line !== undefined
    },
    passThrough: async (meterId, read) =>
      (await through.get(meterId)?.read(read)) ?? { kind: 'exception', code: NO_PATH },
    stop: async () => {
      await Promise.all(queues.map(queue => queue.stop()))
    },
  }
}
