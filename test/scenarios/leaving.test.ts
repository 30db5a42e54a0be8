/**
 * What a car that leaves does to the others (control rules 14, 20): between the end of its session and the next reading of the
 * meter its draw looks like other load. Through the whole gateway on simulated ports.
 */
import t from 'tap'
import type { PerPhase } from '../../src/core/site/phases.js'
import { type Car, createCar } from '../../src/sim/car.js'
import { MINUTE, SECOND, Yard, type YardOptions } from './fixtures/yard.js'
import type { WrongMeter } from './fixtures/yard-meter.js'

/** Poll, 1.5 s, station and car, as the promise has it. */
const ALIVE_MS = 13_700
const BASE_A: PerPhase = [10, 10, 10]

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `CP-${index + 1}`)

function depot(count: number, change: Partial<YardOptions['stations'][number]> = {}): YardOptions {
  return {
    circuits: [
      { id: 'main', ratedCurrentA: 12 + 20 * count, marginA: 2, worstCaseOtherLoadA: 30, metered: true },
    ],
    stations: ids(count).map(id => ({ id, circuit: 'main', device: 'ecs-wkt-ec13', ...change })),
  }
}

/** All charge, 20 A each, and the meter is proven. */
async function charging(options: YardOptions, afterMs: number, wrong?: WrongMeter): Promise<Yard> {
  const yard = new Yard(options)
  yard.baseA.set('main', BASE_A)
  if (wrong !== undefined) yard.meterOf('main').wrong = wrong
  await yard.open()
  for (const { id } of options.stations) yard.plugIn(id, { maxA: 32 })
  await yard.world.runFor(8 * MINUTE + afterMs)
  return yard
}

const unplug = (yard: Yard, id: string): void => yard.station(id).connectors[0]?.unplug()

/** Until the car there is given so much more; at most two minutes. */
async function untilMore(yard: Yard, id: string, moreA: number): Promise<number> {
  const [sinceMs, beforeA] = [yard.nowMs, yard.pilotA(id)]
  while (yard.pilotA(id) < beforeA + moreA && yard.nowMs - sinceMs < 2 * MINUTE) await yard.world.runFor(250)
  return yard.nowMs - sinceMs
}

t.test(
  'the room of a car that leaves is given within 5 s, at whatever moment of a second it leaves',
  async t => {
    for (const offsetMs of [0, 100, 300, 490, 510, 700, 900, 990]) {
      const yard = await charging(depot(2), offsetMs)
      unplug(yard, 'CP-2')
      const tookMs = await untilMore(yard, 'CP-1', 5)
      t.ok(tookMs <= 5 * SECOND, `${offsetMs} ms after a poll: ${tookMs} ms`)
      t.equal(yard.overMs('main'), 0)
      await yard.close()
    }
  },
)

t.test('so is it on a circuit below, with a meter of its own or without', async t => {
  for (const metered of [true, false]) {
    const { circuits, stations } = depot(2)
    const below = {
      id: 'row',
      parent: 'main',
      ratedCurrentA: 52,
      marginA: 2,
      worstCaseOtherLoadA: 5,
      metered,
    }
    const yard = await charging(
      { circuits: [...circuits, below], stations: stations.map(one => ({ ...one, circuit: 'row' })) },
      300,
    )
    unplug(yard, 'CP-2')
    const tookMs = await untilMore(yard, 'CP-1', 5)
    t.ok(tookMs <= 5 * SECOND, `metered ${metered}: ${tookMs} ms`)
    t.equal(yard.overMs('main'), 0)
    await yard.close()
  }
})

t.test('the meter falls late: room is given when it has', async t => {
  for (const offsetMs of [1_300, 2_300, 3_300, 4_300]) {
    const yard = await charging(depot(2), offsetMs, { kind: 'slow', everyMs: 5_000 })
    unplug(yard, 'CP-2')
    const tookMs = await untilMore(yard, 'CP-1', 5)
    t.ok(tookMs <= 8 * SECOND, `a value each 5 s: ${tookMs} ms`)
    t.equal(yard.overMs('main'), 0)
    await yard.close()
  }
})

t.test('who draws on after the end of its session keeps its room', async t => {
  for (const offsetMs of [0, 300, 700]) {
    const yard = await charging(depot(2), offsetMs)
    const [drewA] = yard.flowA('CP-2')
    unplug(yard, 'CP-2')
    yard.baseA.set('main', [10 + drewA, 10 + drewA, 10 + drewA])
    t.equal(await untilMore(yard, 'CP-1', 1), 2 * MINUTE, 'nothing is given')
    t.equal(yard.overMs('main'), 0)
    await yard.close()
  }
})

t.test('other load that rises as a car leaves is remembered as ever', async t => {
  const yard = await charging(depot(2), 300)
  unplug(yard, 'CP-2')
  yard.baseA.set('main', [32, 32, 32])
  await yard.world.runFor(5 * SECOND)
  yard.baseA.set('main', BASE_A)
  const tookMs = await untilMore(yard, 'CP-1', 5)
  t.ok(tookMs >= 30 * SECOND, `room that other load leaves has to last: ${tookMs} ms`)
  t.equal(yard.overMs('main'), 0)
  await yard.close()
})

t.test('a car that pauses unseen is not taken for one that has left and draws on', async t => {
  for (const pauseMs of [200, 900, 3 * SECOND]) {
    const yard = await charging(depot(3), 300)
    const cars = yard.station('CP-3').connectors[0]
    const car: Car = createCar({ phases: 3, maxA: 32, wantsWh: 1e9, reactionMs: 5_000 })
    unplug(yard, 'CP-3')
    await yard.world.runFor(SECOND)
    cars?.plugIn(car)
    cars?.presentTag('TAG-CP-3')
    await yard.world.runFor(5 * MINUTE)
    const [drewA] = yard.flowA('CP-2')
    t.ok(drewA >= 18, `${drewA} A`)
    yard.resetWatches()
    unplug(yard, 'CP-2')
    yard.baseA.set('main', [10 + drewA, 10 + drewA, 10 + drewA])
    await yard.world.runFor(pauseMs)
    // It comes to its end for some seconds, and its station tells of it 10 s later at the earliest.
    car.takenWh = 1e9
    cars?.switchPhases(3)
    await yard.world.runFor(6 * SECOND)
    car.takenWh = 0
    cars?.switchPhases(3)
    await yard.world.runFor(2 * MINUTE)
    t.ok(yard.overMs('main') <= ALIVE_MS, `paused after ${pauseMs} ms: ${yard.overMs('main')} ms over`)
    await yard.close()
  }
})
