/**
 * What meters show of a car's phases where its station tells energy alone (control rules 14, 16): what sessions agree on is said,
 * what the running session shows leaves phases to others until anything speaks against it. Through the whole gateway.
 */
import t from 'tap'
import type { PerPhase } from '../../src/core/site/phases.js'
import { MINUTE, SECOND, Yard, type YardOptions } from './fixtures/yard.js'

/** Poll, 1.5 s, station and car, as the promise has it. */
const ALIVE_MS = 13_700
/** Reports energy alone, as delivered. */
const SILENT = 'weg-wemob'

const orderedTo = (yard: Yard, station: string, limitA: number): Promise<unknown> =>
  yard.post('limits', { id: `to-${station}`, target: { station, connector: 1 }, limitA, durationS: 3_000 })

/** Up and down by itself, as often as that. */
async function steps(yard: Yard, station: string, limitsA: readonly number[]): Promise<void> {
  for (const limitA of limitsA) {
    await orderedTo(yard, station, limitA)
    await yard.world.runFor(2.5 * MINUTE)
  }
}

const bookedOn = (yard: Yard, phase: 0 | 1 | 2): number => yard.view().circuits[0]?.bookedA?.[phase] ?? -1
const notes = async (yard: Yard, id: string): Promise<readonly string[]> =>
  (await yard.get(`stations/${id}/detail`)).body.notes.map(({ text }: { text: string }) => text)

const SITE: YardOptions = {
  circuits: [{ id: 'main', ratedCurrentA: 50, marginA: 2, worstCaseOtherLoadA: 20, metered: true }],
  stations: [
    { id: 'CP-1', circuit: 'main', device: SILENT },
    { id: 'CP-2', circuit: 'main', rotation: 'STR' },
    { id: 'CP-3', circuit: 'main' },
  ],
}

/**
 * A car on one phase at CP-1, which tells energy alone, seen up and down at 20 A; beside it one on one phase at CP-2, on L2. The
 * meter was proven on all phases before.
 */
async function seenOnL1(options: YardOptions = SITE): Promise<Yard> {
  const yard = new Yard(options)
  yard.baseA.set('main', [5, 5, 5])
  await yard.open()
  yard.plugIn('CP-3')
  await yard.world.runFor(2 * MINUTE)
  await steps(yard, 'CP-3', [12, 24])
  yard.station('CP-3').connectors[0]?.unplug()
  await yard.world.runFor(MINUTE)
  t.same(yard.gateway?.control().meters.get('main-meter')?.judge.proof.proven, [true, true, true])
  await orderedTo(yard, 'CP-1', 20)
  await orderedTo(yard, 'CP-2', 20)
  yard.plugIn('CP-1', { phases: 1 })
  yard.plugIn('CP-2', { phases: 1 })
  await yard.world.runFor(3 * MINUTE)
  t.ok(bookedOn(yard, 2) >= 20, `before it was seen it is booked on all phases: ${bookedOn(yard, 2)} A`)
  await steps(yard, 'CP-1', [14, 20])
  yard.resetWatches()
  return yard
}

t.test('phases on which the meter saw a car neither rise nor fall by its own steps go to others', async t => {
  const yard = await seenOnL1()
  t.equal(bookedOn(yard, 2), 0, 'nothing is booked on L3')
  t.same(yard.connectorView('CP-1').phases, [true, false, false])
  t.match((await notes(yard, 'CP-1')).join(), /the meter saw this car on L1 alone/)
  await orderedTo(yard, 'CP-2', 32)
  await yard.world.runFor(2 * MINUTE)
  t.equal(yard.pilotA('CP-2'), 32, 'L2 is all for the car that is on it: 23 A were left beside 20 A')
  t.equal(yard.pilotA('CP-1'), 20)
  t.equal(yard.overMs('main'), 0)

  yard.station('CP-1').connectors[0]?.unplug()
  await yard.world.runFor(MINUTE)
  yard.plugIn('CP-1', { phases: 1 })
  await yard.world.runFor(3 * MINUTE)
  t.same(yard.connectorView('CP-1').phases, [true, true, true], 'the next car may be another')
  t.equal(bookedOn(yard, 2), yard.pilotA('CP-1'))
  t.ok(yard.pilotA('CP-1') + yard.pilotA('CP-2') <= 43, 'and has its share of every phase')
  t.equal(yard.overMs('main'), 0)
  await yard.close()
})

t.test('a restart frees nothing, nor does a phase go to others below a circuit without a meter', async t => {
  const yard = await seenOnL1()
  t.equal(bookedOn(yard, 2), 0)
  yard.kill()
  await yard.world.runFor(5 * SECOND)
  await yard.startGateway()
  await yard.world.runFor(3 * MINUTE)
  t.ok(bookedOn(yard, 2) >= 20, `after a restart it is booked on L3 again: ${bookedOn(yard, 2)} A`)
  await yard.close()

  const [main] = SITE.circuits
  const below = await seenOnL1({
    circuits: [
      ...(main === undefined ? [] : [main]),
      { id: 'panel', parent: 'main', ratedCurrentA: 40, worstCaseOtherLoadA: 0 },
    ],
    stations: SITE.stations.map(station => ({ ...station, circuit: 'panel' })),
  })
  t.same(below.connectorView('CP-1').phases, [true, true, true])
  t.ok(bookedOn(below, 2) >= 39, `nor what the station of another says: ${bookedOn(below, 2)} A`)
  await below.close()
})

/** What comes right after phases were freed and given to CP-2, and CP-2 has 32 A of 43 A there. */
const ATTACKS: readonly {
  readonly title: string
  readonly does: (yard: Yard) => unknown
}[] = [
  {
    title: 'the car takes three phases',
    does: yard => yard.station('CP-1').connectors[0]?.switchPhases(3),
  },
  {
    title: 'it takes three phases just when another car stops on L2',
    does: yard => {
      yard.station('CP-1').connectors[0]?.switchPhases(3)
      yard.station('CP-2').connectors[0]?.unplug()
    },
  },
  {
    title: 'a kettle of its size comes on L2',
    does: yard => yard.baseA.set('main', [5, 25, 5]),
  },
  {
    title: 'the meter falls silent',
    does: yard => yard.setMeterFault('main', { kind: 'silent' }),
  },
  {
    title: 'the station is gone',
    does: yard => yard.world.until(yard.station('CP-1').stop()),
  },
]

t.test('phases that were freed are booked again as soon as anything speaks against it', async t => {
  for (const { title, does } of ATTACKS) {
    const yard = await seenOnL1()
    await orderedTo(yard, 'CP-2', 32)
    await yard.world.runFor(2 * MINUTE)
    t.equal(yard.pilotA('CP-2'), 32, title)
    await does(yard)
    let bookedS = 0
    while (bookedS < 60 && bookedOn(yard, 2) === 0) {
      await yard.world.runFor(SECOND)
      bookedS++
    }
    t.ok(bookedS <= 8, `${title}: booked on L3 again after ${bookedS} s`)
    await yard.world.runFor(2 * MINUTE)
    t.ok(yard.overMs('main') <= ALIVE_MS, `${title}: ${yard.overMs('main')} ms above the rating`)
    const sumA = yard.pilotA('CP-1') + yard.pilotA('CP-2')
    t.ok(sumA <= 43, `${title}: ${sumA} A offered on L2 beside 5 A`)
    await yard.close()
  }
})

t.test('what speaks against it while it is looked for frees nothing in that session', async t => {
  const yard = new Yard(SITE)
  yard.baseA.set('main', [5, 5, 5])
  await yard.open()
  yard.plugIn('CP-3')
  await yard.world.runFor(2 * MINUTE)
  await steps(yard, 'CP-3', [12, 24])
  yard.station('CP-3').connectors[0]?.unplug()
  await orderedTo(yard, 'CP-1', 20)
  await yard.world.runFor(MINUTE)
  yard.plugIn('CP-1', { phases: 1 })
  await yard.world.runFor(3 * MINUTE)
  await steps(yard, 'CP-1', [14])
  yard.station('CP-1').connectors[0]?.switchPhases(3)
  await yard.world.runFor(MINUTE)
  await steps(yard, 'CP-1', [20])
  yard.station('CP-1').connectors[0]?.switchPhases(1)
  await yard.world.runFor(MINUTE)
  await steps(yard, 'CP-1', [14, 20, 14, 20])
  t.same(
    yard.connectorView('CP-1').phases,
    [true, true, true],
    'a car that changes its phases keeps all of them',
  )
  t.equal(yard.overMs('main'), 0)
  await yard.close()

  const alike = new Yard(SITE)
  const base: PerPhase = [5, 5, 5]
  alike.baseA.set('main', base)
  await alike.open()
  alike.plugIn('CP-3')
  await alike.world.runFor(2 * MINUTE)
  await steps(alike, 'CP-3', [12, 24])
  alike.station('CP-3').connectors[0]?.unplug()
  await orderedTo(alike, 'CP-1', 20)
  await alike.world.runFor(MINUTE)
  alike.plugIn('CP-1')
  await alike.world.runFor(3 * MINUTE)
  // Three phases, and what a load on L2 and L3 does the other way hides two of them once.
  await orderedTo(alike, 'CP-1', 14)
  await alike.world.runFor(3 * SECOND)
  alike.baseA.set('main', [5, 11, 11])
  await alike.world.runFor(2.5 * MINUTE)
  await steps(alike, 'CP-1', [20, 14, 20])
  t.same(alike.connectorView('CP-1').phases, [true, true, true], 'a load that hides two of three phases once')
  await alike.close()
})

t.test('the order of L2 and L3 is learned by cars on two phases, kept, and only said', async t => {
  const yard = new Yard({
    circuits: [{ id: 'main', ratedCurrentA: 60, marginA: 2, worstCaseOtherLoadA: 20, metered: true }],
    stations: [{ id: 'CP-1', circuit: 'main', device: SILENT, rotation: 'STR' }],
  })
  const asRotation = (phaseRotation: 'Unknown' | 'SRT') => {
    yard.onConfig = ({ stations }) => {
      for (const { connectors } of stations) for (const one of connectors) one.phaseRotation = phaseRotation
    }
  }
  asRotation('Unknown')
  yard.baseA.set('main', [5, 5, 5])
  await yard.open()
  const said = () => yard.view().alarms.find(({ code }) => code === 'wiring-seen')?.text
  const told: (string | undefined)[] = []
  for (const phases of [2, 2, 2, 1, 1, 1] as const) {
    yard.plugIn('CP-1', { phases })
    await yard.world.runFor(3 * MINUTE)
    await steps(yard, 'CP-1', [20, 28])
    if (phases === 1) told.push(said())
    yard.station('CP-1').connectors[0]?.unplug()
    await yard.world.runFor(MINUTE)
  }
  t.match(told[1], /cars on two phases the meter saw its third conductor on L1\. Its rotation/)
  t.match(said(), /in 3 sessions the meter saw its first conductor on L2\. .*: it is STR/)
  t.match(
    (await notes(yard, 'CP-1')).join(),
    /first conductor on L2.*nothing on L1: its third conductor hangs there/,
  )
  yard.plugIn('CP-1', { phases: 2 })
  await yard.world.runFor(3 * MINUTE)
  await steps(yard, 'CP-1', [20])
  const [l1A = 99, l2A = 0, l3A = 0] = yard.connectorView('CP-1').measuredA ?? []
  t.ok(l1A < 1 && l2A > 15 && l3A > 15, `the best estimate lies on L2 and L3: ${l1A} ${l2A} ${l3A} A`)
  yard.kill()
  asRotation('SRT')
  await yard.startGateway()
  await yard.world.runFor(2 * MINUTE)
  t.match(said(), /its third conductor on L1, by the configuration it hangs on L3: look at its phases/)
  await yard.close()
})
