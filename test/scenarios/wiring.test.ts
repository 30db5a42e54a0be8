/** The wiring test of a station through the whole gateway, where the wiring is mended meanwhile and the meter is not quick. */
import t from 'tap'
import type { StationWiringView } from '../../src/web/setup-desk.js'
import { SECOND, Yard } from './fixtures/yard.js'
import type { WrongMeter } from './fixtures/yard-meter.js'

const STOP_S = 45
/** So long people look at it before they stop the car once more. */
const PATIENCE_S = 150
const LOOK_EVERY_S = 3

const RIGHT: WrongMeter = { kind: 'right' }

/** `rotation`: as it is really wired; nobody has entered it. */
async function openUnknown(rotation: 'RST' | 'STR' | 'TSR', phases: 1 | 3): Promise<Yard> {
  const yard = new Yard({
    setUp: true,
    circuits: [{ id: 'main', ratedCurrentA: 63, worstCaseOtherLoadA: 20, metered: true }],
    stations: [{ id: 'CP-A', circuit: 'main', rotation }],
  })
  yard.onConfig = ({ stations }) =>
    Object.assign(stations[0]?.connectors[0] ?? {}, { phaseRotation: 'Unknown' })
  yard.baseA.set('main', [11.2, 9.4, 10.1])
  await yard.open()
  yard.plugIn('CP-A', { maxA: 16, phases, reactionMs: SECOND })
  await yard.world.runFor(60 * SECOND)
  await run(yard, true)
  return yard
}

async function open(): Promise<Yard> {
  const yard = new Yard({
    setUp: true,
    circuits: [
      { id: 'main', ratedCurrentA: 63, worstCaseOtherLoadA: 20, metered: true },
      { id: 'feeder', parent: 'main', ratedCurrentA: 40, worstCaseOtherLoadA: 0, metered: true },
    ],
    stations: [{ id: 'CP-A', circuit: 'feeder' }],
  })
  yard.baseA.set('main', [11.2, 9.4, 10.1])
  yard.meterOf('feeder').wrong = { kind: 'reversed', phase: 1 }
  await yard.open()
  yard.plugIn('CP-A', { maxA: 16, reactionMs: SECOND })
  await yard.world.runFor(5 * SECOND)
  return yard
}

const WIRING = 'stations/CP-A/wiring'
const run = (yard: Yard, running: boolean) => yard.post(WIRING, { running })
const look = async (yard: Yard): Promise<StationWiringView> => (await yard.get(WIRING)).body

/** As on the page: its car is stopped for 45 s, up to three times, until something is said. */
async function stopped(yard: Yard, isSaid: (found: StationWiringView) => boolean) {
  for (let stops = 1; stops <= 3; stops++) {
    const pause = { id: 'wiring-test', station: 'CP-A', enabled: false, durationS: STOP_S, reason: 'wiring' }
    await yard.post('pauses', pause)
    for (let s = 0; s < PATIENCE_S; s += LOOK_EVERY_S) {
      await yard.world.runFor(LOOK_EVERY_S * SECOND)
      const found = await look(yard)
      if (isSaid(found)) return { ...found, stops }
    }
  }
  return { ...(await look(yard)), stops: 3 }
}

const isJudged = ({ finding }: StationWiringView) => finding === 'judged'

/** So long out of 15 s the meter answers nothing, as a busy line or machine makes it. */
function missPolls(yard: Yard, silentS: number): void {
  const fromMs = yard.nowMs
  yard.onLook = () => {
    const isSilent = ((yard.nowMs - fromMs) / SECOND) % 15 < silentS
    yard.setMeterFault('feeder', { kind: isSilent ? 'silent' : 'none' })
  }
}

t.test('a transformer that was turned round is found right, whenever the test is repeated', async t => {
  const rows: readonly [name: string, afterS: number, WrongMeter, silentS: number, mostStops: number][] = [
    ['at once', 0, RIGHT, 0, 2],
    ['after 10 s', 10, RIGHT, 0, 2],
    ['after a minute', 60, RIGHT, 0, 1],
    ['at once, of a meter that has new values every 5 s', 0, { kind: 'slow', everyMs: 5_000 }, 0, 3],
    ['after 10 s, of a meter that misses 6 s of 15', 10, RIGHT, 6, 2],
    ['after 10 s, of a meter that misses 10 s of 15', 10, RIGHT, 10, 3],
  ]
  for (const [name, afterS, wrong, silentS, mostStops] of rows) {
    const yard = await open()
    await run(yard, true)
    const before = await stopped(yard, isJudged)
    t.match(before.faults, [{ kind: 'reversed', phases: ['L2'] }], `${name}: reversed before`)
    await run(yard, false)
    yard.meterOf('feeder').wrong = wrong
    await yard.world.runFor(afterS * SECOND)
    await run(yard, true)
    if (silentS > 0) missPolls(yard, silentS)
    const after = await stopped(yard, found => isJudged(found) && found.faults.length === 0)
    t.match(after, { finding: 'judged', faults: [] }, `${name}: right after ${after.stops} stops`)
    t.ok(after.stops <= mostStops, `${name}: ${after.stops} stops`)
    await yard.close()
  }
})

t.test(
  'one that is turned while the test runs is found right by the next two steps, which are shown',
  async t => {
    const yard = await open()
    await run(yard, true)
    await stopped(yard, isJudged)
    yard.meterOf('feeder').wrong = RIGHT
    await yard.world.runFor(60 * SECOND)
    const found = await stopped(yard, view => isJudged(view) && view.faults.length === 0)
    t.match(found, { finding: 'judged', faults: [] })
    for (const { stationA, meterA } of found.steps) t.equal(Math.sign(stationA[1]), Math.sign(meterA[1]))
    await yard.close()
  },
)

t.test('steps that the meter was not read for are told as such, not as other load', async t => {
  const yard = await open()
  await run(yard, true)
  yard.setMeterFault('feeder', { kind: 'silent' })
  await yard.world.runFor(30 * SECOND)
  yard.setMeterFault('feeder', { kind: 'none' })
  missPolls(yard, 14)
  const found = await stopped(yard, ({ unread }) => unread > 0)
  t.match(found, { finding: 'waiting', disturbed: 0 })
  t.ok(found.unread > 0, `${found.unread} unread`)
  await yard.close()
})

t.test(
  'where the rotation is not known a car on one phase shows the phase of its first conductor',
  async t => {
    for (const [rotation, phase] of [
      ['RST', 'L1'],
      ['STR', 'L2'],
      ['TSR', 'L3'],
    ] as const) {
      const yard = await openUnknown(rotation, 1)
      const found = await stopped(yard, isJudged)
      t.match(found, { finding: 'judged', faults: [{ kind: 'first-phase', phase }] }, rotation)
      await yard.close()
    }
    const yard = await openUnknown('STR', 3)
    t.match(
      await stopped(yard, isJudged),
      { finding: 'judged', faults: [], orderUnknown: true },
      'three phases',
    )
    await yard.close()
  },
)
