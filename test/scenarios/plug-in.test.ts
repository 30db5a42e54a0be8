/**
 * From the plug to the share, through the whole gateway in simulated time (issue "No free amp", A5, A7, A9 and its targets): a
 * station that has charged there since it booted is verified and at its share within 45 s on a free circuit, at its fail-safe at
 * once; a new one within 90 s. Also those that cannot be read back, that take watts, that are slow.
 */
import t, { type Test } from 'tap'
import {
  MINUTE,
  type OddComposite,
  SECOND,
  Yard,
  type YardCircuit,
  type YardStation,
} from './fixtures/yard.js'

const FREE: YardCircuit = {
  id: 'main',
  ratedCurrentA: 500,
  marginA: 2,
  worstCaseOtherLoadA: 20,
  metered: true,
}
const NEW_S = 90
const KNOWN_S = 45
/** The station that is slow takes so long for every answer. */
const SLOW_MS = 7_000

interface Row {
  readonly id: string
  readonly station?: Partial<YardStation>
  readonly odd?: OddComposite
  readonly lateMs?: number
}

/** Connected at the same moment, and 5 s later each has its car. */
async function opened(rows: readonly Row[]): Promise<Yard> {
  const stations = rows.map(({ id, station }) => ({ id, circuit: 'main', device: 'generic', ...station }))
  const yard = new Yard({ circuits: [FREE], stations })
  for (const { id, odd, lateMs } of rows) {
    if (odd !== undefined) yard.oddComposites.set(id, odd)
    if (lateMs !== undefined) yard.lateMs.set(id, lateMs)
  }
  await yard.world.until(yard.csms.start())
  await yard.startGateway()
  for (const planned of yard.options.stations) yard.addStation(planned)
  // Five seconds, and longer where a boot takes longer.
  await yard.world.runFor(5 * SECOND + 4 * Math.max(...rows.map(({ lateMs = 0 }) => lateMs)))
  return yard
}

interface Times {
  readonly failSafeS: Map<string, number>
  /** Verified, at its share, and booked at no more. */
  readonly shareS: Map<string, number>
  /** Once it was at its fail-safe. */
  readonly leastA: Map<string, number>
}

/** Watts are reckoned at the lowest voltage: a little less comes out. */
const shareA = ({ station }: Row): number => (station?.takesWattsOnly === true ? 30 : 32)

async function plugIn(yard: Yard, rows: readonly Row[], forS: number): Promise<Times> {
  for (const { id } of rows) yard.plugIn(id)
  const times: Times = { failSafeS: new Map(), shareS: new Map(), leastA: new Map() }
  for (let s = 1; s <= forS; s++) {
    await yard.world.runFor(SECOND)
    for (const row of rows) {
      const { id } = row
      const pilotA = yard.pilotA(id)
      if (pilotA >= 6 && !times.failSafeS.has(id)) times.failSafeS.set(id, s)
      if (times.failSafeS.has(id)) times.leastA.set(id, Math.min(times.leastA.get(id) ?? 99, pilotA))
      const isThere = pilotA >= shareA(row) && yard.connectorView(id).bookedA <= 32
      if (isThere && !times.shareS.has(id)) times.shareS.set(id, s)
    }
  }
  return times
}

async function unplug(yard: Yard, rows: readonly Row[]): Promise<void> {
  for (const { id } of rows) yard.station(id).connectors[0]?.unplug()
  await yard.world.runFor(MINUTE)
}

/** What it takes at most, s: the target, and for a slow station so many of its own answers on top. */
function mostS(targetS: number, { lateMs = 0 }: Row): number {
  return targetS + (ANSWERS * lateMs) / SECOND
}

/** Authorize, Start, Status, set-up or fail-safe, and raises. */
const ANSWERS = 12

function judge(t: Test, rows: readonly Row[], times: Times, as: 'new' | 'known'): void {
  for (const row of rows) {
    const { id, lateMs = 0 } = row
    const shareS = times.shareS.get(id) ?? 999
    const most = mostS(as === 'new' ? NEW_S : KNOWN_S, row)
    t.ok(shareS <= most, `${as}, ${id}: verified and at its share after ${shareS} s, at most ${most}`)
    const failSafeS = times.failSafeS.get(id) ?? 999
    if (as === 'known' && lateMs === 0) t.ok(failSafeS <= 2, `${id}: at its fail-safe after ${failSafeS} s`)
    t.ok((times.leastA.get(id) ?? 0) >= 6, `${as}, ${id}: never below ${times.leastA.get(id)} A from then on`)
  }
}

const SIX: readonly Row[] = [
  { id: 'error', odd: 'error' },
  { id: 'empty', odd: 'empty' },
  { id: 'none', odd: 'none' },
  { id: 'no-limit', odd: 'no-limit' },
  { id: 'watts', station: { takesWattsOnly: true } },
  { id: 'slow', lateMs: SLOW_MS },
]
const READABLE: readonly Row[] = [
  { id: 'generic' },
  { id: 'wemob', station: { device: 'weg-wemob' } },
  { id: 'wkt', station: { device: 'ecs-wkt-ec13' } },
]

t.test(
  'the six-station case (composite by error, empty, none, -1; watts only; 7 s per answer) beside both seed models',
  async t => {
    const rows = [...READABLE, ...SIX]
    const yard = await opened(rows)
    judge(t, rows, await plugIn(yard, rows, 250), 'new')
    await unplug(yard, rows)
    judge(t, rows, await plugIn(yard, rows, 100), 'known')
    const sinceMs = yard.nowMs
    await yard.world.runFor(12 * MINUTE)
    for (const { id } of rows) {
      const writes = yard.writesSince(sinceMs).filter(({ stationId }) => stationId === id).length
      t.ok(writes <= 8, `${id}: ${writes} writes in 12 min`)
      t.ok(yard.pilotA(id) >= 30, `${id}: stays at ${yard.pilotA(id)} A`)
    }
    t.equal(yard.overMs('main'), 0)
    await yard.close()
  },
)
