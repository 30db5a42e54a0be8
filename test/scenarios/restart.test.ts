/**
 * Busbar itself restarts while cars charge, through the whole gateway (control rules 12, 14, 20): nobody is stopped for what only
 * the samples to come can tell, and nothing flows for longer than the promise allows when the world has changed meanwhile.
 */
import t from 'tap'
import { MINUTE, SECOND, Yard, type YardStation } from './fixtures/yard.js'

/** Poll, 1.5 s, station and car, as the promise has it. */
const ALIVE_MS = 13_700
const ids = ['CP-1', 'CP-2', 'CP-3', 'CP-4', 'CP-5']

/** Five cars on 98 A beside 20 A, for a quarter of an hour. */
async function charging(
  station: Partial<YardStation>,
  phases: readonly number[],
  reactionMs = 5 * SECOND,
): Promise<Yard> {
  const yard = new Yard({
    circuits: [{ id: 'main', ratedCurrentA: 100, marginA: 2, worstCaseOtherLoadA: 30, metered: true }],
    stations: ids.map(id => ({ id, circuit: 'main', ...station })),
  })
  yard.baseA.set('main', [20, 20, 20])
  await yard.open()
  for (const [index, id] of ids.entries())
    yard.plugIn(id, { maxA: 32, reactionMs, phases: phases[index] === 1 ? 1 : phases[index] === 2 ? 2 : 3 })
  await yard.world.runFor(15 * MINUTE)
  return yard
}

const mostA = (yard: Yard): number => Math.max(...yard.actualA('main'))

t.test('a restart of Busbar stops no car, whatever its station reports, and takes little', async t => {
  const rows: readonly [device: string, phases: readonly number[]][] = [
    // Energy only: what a car draws, and where, shows long after the meter does.
    ['weg-wemob', [3, 3, 3, 3, 3]],
    ['weg-wemob', [1, 3, 2, 1, 1]],
    ['ecs-wkt-ec13', [3, 3, 3, 3, 3]],
    ['generic', [3, 1, 3, 1, 2]],
  ]
  for (const [device, phases] of rows) {
    const yard = await charging({ device }, phases)
    const name = `${device} ${phases}`
    const beforeA = mostA(yard)
    yard.kill()
    await yard.startGateway()
    let [leastA, sumA] = [99, 0]
    for (let s = 0; s < 180; s++) {
      await yard.world.runFor(SECOND)
      leastA = Math.min(leastA, ...ids.map(id => yard.pilotA(id)))
      if (s < 35) sumA += mostA(yard) / 35
    }
    t.ok(leastA >= 6, `${name}: never below its fail-safe, ${leastA} A`)
    t.ok(sumA >= 0.8 * beforeA, `${name}: ${sumA.toFixed(1)} A of ${beforeA.toFixed(1)} A in the first 35 s`)
    t.ok(mostA(yard) >= 0.85 * beforeA, `${name}: ${mostA(yard)} A of ${beforeA} A after 3 min`)
    t.equal(yard.overMs('main'), 0, `${name}: never over`)
    await yard.close()
  }
})

t.test('what has changed while Busbar was away is met within the promise once it is back', async t => {
  interface Row {
    readonly name: string
    /** While it is away. */
    readonly away: (yard: Yard) => void
    /** So long after its start. */
    readonly later?: { readonly s: number; readonly act: (yard: Yard) => void }
    /** Stations have to come back first. */
    readonly mostMs: number
  }
  const carsTake = (yard: Yard, maxA: number): void => {
    for (const id of ids) {
      const spec = yard.station(id).connectors[0]?.car()?.spec
      if (spec !== undefined) Object.assign(spec, { maxA })
    }
  }
  const rows: readonly Row[] = [
    {
      name: 'other load jumps while it is away',
      away: yard => yard.baseA.set('main', [60, 60, 60]),
      mostMs: ALIVE_MS + 5 * SECOND,
    },
    {
      name: 'a station loses its profiles while it is away',
      away: yard => yard.forgetProfiles('CP-1'),
      mostMs: ALIVE_MS + 5 * SECOND,
    },
    {
      name: 'other load jumps just after the start',
      away: () => undefined,
      later: { s: 8, act: yard => yard.baseA.set('main', [50, 50, 50]) },
      mostMs: ALIVE_MS,
    },
    {
      name: 'other load jumps while stations are being read back',
      away: () => undefined,
      later: { s: 10, act: yard => yard.baseA.set('main', [50, 50, 50]) },
      mostMs: ALIVE_MS,
    },
    {
      name: 'cars that had stopped, and were hidden by other load, all begin again',
      away: yard => {
        carsTake(yard, 0)
        yard.baseA.set('main', [90, 90, 90])
      },
      later: { s: 20, act: yard => carsTake(yard, 32) },
      mostMs: ALIVE_MS,
    },
    {
      name: 'the same, a little, and only once everybody is read back',
      away: yard => {
        carsTake(yard, 10)
        yard.baseA.set('main', [48, 48, 48])
      },
      later: { s: 40, act: yard => carsTake(yard, 32) },
      mostMs: ALIVE_MS,
    },
  ]
  for (const { name, away, later, mostMs } of rows) {
    const yard = await charging({ device: 'weg-wemob' }, [3, 3, 1, 3, 2])
    yard.kill()
    away(yard)
    await yard.world.runFor(5 * SECOND)
    await yard.startGateway()
    yard.resetWatches()
    for (let s = 0; s < 180; s++) {
      if (s === later?.s) later.act(yard)
      await yard.world.runFor(SECOND)
    }
    t.ok(yard.overMs('main') <= mostMs, `${name}: ${yard.overMs('main')} ms over, at most ${mostMs}`)
    await yard.close()
  }
})

t.test(
  'other load that jumps as Busbar starts is met within the promise once stations are back, by cars that need 11 s',
  async t => {
    const kinds: readonly { readonly name: string; readonly station: Partial<YardStation> }[] = [
      { name: 'amps', station: { device: 'generic' } },
      { name: 'watts only', station: { device: 'generic', takesWattsOnly: true } },
      { name: 'energy only', station: { device: 'weg-wemob' } },
    ]
    for (const { name, station } of kinds) {
      for (const afterMs of [500, 3_000, 6_000]) {
        const yard = await charging(station, [3, 1, 3, 1, 2], 11 * SECOND)
        yard.kill()
        await yard.world.runFor(5 * SECOND)
        await yard.startGateway()
        await yard.world.runFor(afterMs)
        yard.resetWatches()
        yard.baseA.set('main', [50, 50, 50])
        // Nobody can be told before it is back.
        let awayMs = 0
        for (; yard.view().stations.every(({ connected }) => !connected); awayMs += 100)
          await yard.world.runFor(100)
        await yard.world.runFor(3 * MINUTE)
        const [row, mostMs] = [`${name}, ${afterMs / SECOND} s after the start`, awayMs + ALIVE_MS]
        t.ok(yard.overMs('main') > 0, `${row}: it was over`)
        t.ok(yard.overMs('main') <= mostMs, `${row}: ${yard.overMs('main')} ms over, at most ${mostMs}`)
        await yard.close()
      }
    }
  },
)

t.test(
  'rule 13: after a restart a lower that is due waits for no set-up of the station that is back',
  async t => {
    for (const device of ['weg-wemob', 'generic']) {
      const yard = await charging({ device }, [3, 3, 3, 3, 3])
      const offeredA = new Map(ids.map(id => [id, yard.pilotA(id)]))
      yard.kill()
      yard.baseA.set('main', [60, 60, 60])
      await yard.world.runFor(5 * SECOND)
      await yard.startGateway()
      const backMs = new Map<string, number>()
      const startMs = yard.nowMs
      while (yard.nowMs < startMs + 15 * SECOND) {
        await yard.world.runFor(100)
        for (const { id, connected } of yard.view().stations)
          if (connected && !backMs.has(id)) backMs.set(id, yard.nowMs)
      }
      const waits = ids.flatMap(id => {
        const lower = yard.received.find(
          ({ stationId, action, atMs, payload }) =>
            stationId === id &&
            action === 'SetChargingProfile' &&
            atMs >= startMs &&
            payload.csChargingProfiles.chargingProfilePurpose === 'TxProfile' &&
            payload.csChargingProfiles.chargingSchedule.chargingSchedulePeriod[0].limit <
              (offeredA.get(id) ?? 0),
        )
        return lower === undefined ? [] : [lower.atMs - (backMs.get(id) ?? lower.atMs)]
      })
      t.ok(waits.length > 0, `${device}: somebody is lowered`)
      // A poll, and the wire.
      t.ok(Math.min(...waits) <= 1_500, `${device}: the first after ${waits.join(', ')} ms`)
      await yard.close()
    }
  },
)
