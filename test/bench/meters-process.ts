/** The reader of meters in a process of its own, so that its CPU is counted without the meters' own. */
import { createBus } from '../../src/adapters/bus.js'
import { createClock } from '../../src/adapters/clock.js'
import type { MeterConfig } from '../../src/core/config/site.js'
import { type Meters, startMeters } from '../../src/modbus/meter-poller.js'
import type { Bus, BusRead, BusReply } from '../../src/ports.js'
import { benchCatalogue, METER_DEVICE } from './bench-site.js'
import { numberOf, serve, textOf } from './rpc.js'
import { usage } from './usage.js'

const LOOK_MS = 20
const catalogue = benchCatalogue(process.cwd())
const device = catalogue.meters.get(METER_DEVICE)
if (device === undefined) throw new Error(`no device file ${METER_DEVICE}`)
const devices = new Map([[METER_DEVICE, device]])
const quiet = { write: () => undefined }

const readMs = new Map<string, number>()
const ages: number[] = []
let faults = 0
let meters: Meters | undefined
let looking: NodeJS.Timeout | undefined

function begin(configs: readonly MeterConfig[], bus: Bus): void {
  readMs.clear()
  faults = 0
  const ports = { clock: createClock(), random: { next: Math.random }, bus, log: quiet }
  meters = startMeters({
    ports,
    meters: configs,
    devices,
    on: ({ meterId, monoMs, fault }) => {
      if (fault === undefined) readMs.set(meterId, monoMs)
      else faults++
    },
  })
  // As old as a value is for whoever looks at a moment of his own.
  looking = setInterval(() => {
    const nowMs = ports.clock.monoMs()
    for (const atMs of readMs.values()) ages.push(nowMs - atMs)
  }, LOOK_MS)
}

async function end(): Promise<void> {
  clearInterval(looking)
  await meters?.stop()
  meters = undefined
}

/** A meter without a wire, as fast as it is asked. */
function wireless(): Bus {
  const answer = async ({ count }: BusRead): Promise<BusReply> => {
    // Other work has its turn, as with a socket.
    await new Promise<void>(done => setImmediate(done))
    return { kind: 'words', words: Array.from({ length: count }, () => 0x4366) }
  }
  return {
    connect: async () => ({
      kind: 'open',
      line: { read: answer, strayBytes: () => 0, strayAnswers: () => 0, close: () => undefined },
    }),
  }
}

serve({
  ...usage,
  /** `kind` tcp: `ports` with commas, one meter each; rtu-over-tcp: `units` meters behind one port. */
  start: args => {
    const kind = textOf(args, 'kind') === 'tcp' ? ('tcp' as const) : ('rtu-over-tcp' as const)
    const ports = textOf(args, 'ports').split(',').map(Number)
    const units = numberOf(args, 'units')
    const configs = Array.from({ length: Math.max(ports.length, units) }, (_, at): MeterConfig => {
      const connection = { kind, host: '127.0.0.1', port: ports[at % ports.length] ?? 0 }
      const unitId = kind === 'tcp' ? 1 : at + 1
      return { id: `m${at}`, device: METER_DEVICE, unitId, pollMs: 1000, connection }
    })
    begin(configs, createBus())
    return {}
  },
  /** Forgets what was seen while everything began. */
  settle: () => {
    ages.length = 0
    faults = 0
    return {}
  },
  ages: () => {
    const sorted = [...ages].sort((a, b) => a - b)
    return {
      meters: readMs.size,
      looks: sorted.length,
      faults,
      p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
      mostMs: sorted.at(-1) ?? Number.NaN,
    }
  },
  end: async () => {
    await end()
    return {}
  },
  /** So many requests, as fast as they go; gives how many there were. */
  flood: async args => {
    const wanted = numberOf(args, 'requests')
    const connection = { kind: 'tcp', host: 'none', port: 1 } as const
    begin([{ id: 'm', device: METER_DEVICE, unitId: 1, pollMs: 0, connection }], wireless())
    while ((meters?.counters.requests ?? wanted) < wanted) await new Promise(done => setTimeout(done, 20))
    const requests = meters?.counters.requests ?? 0
    await end()
    ages.length = 0
    return { requests }
  },
})
