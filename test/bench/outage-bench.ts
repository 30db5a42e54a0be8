/** What is to be felt of others' faults: a CSMS that comes back after minutes, and a mirror that hangs. */
import { setTimeout as after } from 'node:timers/promises'
import { median, report } from './figures.js'
import type { JournalBench } from './journal-bench.js'
import { numberOf } from './rpc.js'
import { withBusbar } from './with-busbar.js'

const STATIONS = 50
const LONG_OUTAGE_MS = 300_000
const SHORT_OUTAGE_MS = 20_000
const LINKED_LIMIT_MS = 90_000

/** After an outage: from the CSMS's port being open to the last station's link. */
export async function benchReturn({ load, flags, isShort, dataFolder }: JournalBench): Promise<void> {
  const own = { csms: 'return' }
  const csmsUrl = `ws://127.0.0.1:${await load.number('csms', 'port', own)}/csms`
  await withBusbar(flags, async busbar => {
    const site = { stations: STATIONS, csmsUrl, dataDir: dataFolder('return'), meterPort: 0 }
    const url = `ws://127.0.0.1:${await busbar.number('start', 'port', site)}/ocpp`
    await load.ask('connect', { group: 'return', url, count: STATIONS })
    await load.ask('csmsDown', own)
    const outageMs = isShort ? SHORT_OUTAGE_MS : LONG_OUTAGE_MS
    await after(outageMs)
    await load.ask('csmsUp', own)
    const startMs = performance.now()
    let linked = 0
    while (linked < STATIONS && performance.now() - startMs < LINKED_LIMIT_MS) {
      await after(20)
      linked = await load.number('linked', 'stations', own)
    }
    report({
      name: 'journal.return',
      value: linked < STATIONS ? undefined : (performance.now() - startMs) / 1000,
      unit: 's',
      goal: { at: 'most', value: 30 },
      note: `${linked} of ${STATIONS} stations linked after ${outageMs / 1000} s without a CSMS`,
    })
    await load.ask('disconnect', { group: 'return' })
  })
}

/** One Busbar with a mirror that reads nothing and one without, in turn. */
export async function benchMirror({
  load,
  csmsUrl,
  flags,
  isShort,
  dataFolder,
}: JournalBench): Promise<void> {
  const mirrorUrl = `ws://127.0.0.1:${await load.number('deafCsms', 'port')}/fleet`
  const site = { stations: STATIONS, csmsUrl, meterPort: 0 }
  const ratios: number[] = []
  const addedP99Ms: number[] = []
  await withBusbar(flags, async plain => {
    await withBusbar(flags, async mirrored => {
      const plainPort = await plain.number('start', 'port', { ...site, dataDir: dataFolder('plain') })
      const dataDir = dataFolder('mirrored')
      const mirroredPort = await mirrored.number('start', 'port', { ...site, dataDir, mirrorUrl })
      const connect = async (group: string, port: number): Promise<void> => {
        await load.ask('connect', { group, url: `ws://127.0.0.1:${port}/ocpp`, count: STATIONS })
      }
      await connect('plain', plainPort)
      await connect('mirrored', mirroredPort)
      const round = (group: string) =>
        load.ask('closed', { group, stations: STATIONS, ms: isShort ? 800 : 2_000 })
      for (const group of ['plain', 'mirrored', 'plain', 'mirrored']) await round(group)
      for (let pair = 0; pair < (isShort ? 4 : 10); pair++) {
        const order = pair % 2 === 0 ? ['plain', 'mirrored'] : ['mirrored', 'plain']
        const seen = new Map<string, { readonly perS: number; readonly p99Ms: number }>()
        for (const group of order) {
          const numbers = await round(group)
          const perS = numberOf(numbers, 'calls') / numberOf(numbers, 'spanMs')
          seen.set(group, { perS, p99Ms: numberOf(numbers, 'p99Ms') })
        }
        const [without, beside] = [seen.get('plain'), seen.get('mirrored')]
        if (without === undefined || beside === undefined) continue
        ratios.push(beside.perS / without.perS)
        addedP99Ms.push(beside.p99Ms - without.p99Ms)
      }
      for (const group of ['plain', 'mirrored']) await load.ask('disconnect', { group })
    })
  })
  report({
    name: 'mirror.roundTrips',
    value: median(ratios),
    unit: 'of those without',
    goal: { at: 'least', value: 0.95 },
    note: `${STATIONS} stations, a mirror that takes sockets and reads nothing; ${ratios.length} pairs of rounds; p99 ${median(addedP99Ms).toFixed(1)} ms more`,
  })
}
