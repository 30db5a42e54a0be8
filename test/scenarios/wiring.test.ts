/** The wiring test of a station through the whole gateway: led by Busbar, by people, and with everything that can go wrong beside it. */
import t, { type Test } from 'tap'
import type { StationWiringView } from '../../src/web/setup-desk.js'
import { SECOND, Yard, type YardStation } from './fixtures/yard.js'
import type { WrongMeter } from './fixtures/yard-meter.js'

const STOP_S = 45
/** So long people look at it before they stop the car once more. */
const PATIENCE_S = 150

const RIGHT: WrongMeter = { kind: 'right' }
const ENDS: ReadonlySet<string | undefined> = new Set(['over', 'lost', 'ignored', 'no-room', 'no-amps'])

interface Plan {
  readonly wrong?: WrongMeter
  readonly phases?: 1 | 3
  readonly reactionS?: number
  readonly stations?: readonly YardStation[]
  readonly rotation?: 'RST' | 'STR' | 'TSR'
  /** Entered for it, whatever it is. */
  readonly entered?: 'RST' | 'Unknown'
  readonly feederA?: number
  /** Its CSMS says what it may draw. */
  readonly isDriven?: boolean
}

/** A feeder with its meter, a house beside it, and a car that has come to its share. */
async function open(plan: Plan = {}): Promise<Yard> {
  const { wrong = RIGHT, phases = 3, reactionS = 5, rotation = 'RST', entered = 'RST' } = plan
  const { stations = [{ id: 'CP-A', circuit: 'feeder', rotation }], feederA = 40, isDriven = false } = plan
  const yard = new Yard({
    setUp: true,
    circuits: [
      { id: 'main', ratedCurrentA: 63, worstCaseOtherLoadA: 20, metered: true },
      { id: 'feeder', parent: 'main', ratedCurrentA: feederA, worstCaseOtherLoadA: 0, metered: true },
    ],
    stations,
  })
  yard.onConfig = config => {
    for (const station of config.stations) {
      if (isDriven) Object.assign(station, { loadControl: 'csms' })
      for (const connector of station.connectors) Object.assign(connector, { phaseRotation: entered })
    }
  }
  yard.baseA.set('main', [11.2, 9.4, 10.1])
  yard.meterOf('feeder').wrong = wrong
  await yard.open()
  const { configuration } = yard.station('CP-A')
  if (isDriven) configuration.change('MeterValuesSampledData', 'Current.Import')
  if (isDriven) configuration.change('MeterValueSampleInterval', '10')
  for (const { id } of stations) yard.plugIn(id, { maxA: 16, phases, reactionMs: reactionS * SECOND })
  await yard.world.runFor(60 * SECOND)
  return yard
}

const pathOf = (id: string): string => `stations/${id}/wiring`
const run = (yard: Yard, running: boolean, id = 'CP-A') => yard.post(pathOf(id), { running })
const look = async (yard: Yard, id = 'CP-A'): Promise<StationWiringView> => (await yard.get(pathOf(id))).body

/** Until something is so, or the time is over. */
async function until(
  yard: Yard,
  isSo: (found: StationWiringView) => boolean,
  mostS = 300,
): Promise<StationWiringView & { readonly s: number }> {
  for (let s = 0; ; s++) {
    const found = await look(yard)
    if (isSo(found) || s >= mostS) return { ...found, s }
    await yard.world.runFor(SECOND)
  }
}

const isOver = ({ stage }: StationWiringView): boolean => ENDS.has(stage)

/** Begun, and looked at until Busbar has nothing more to do. */
async function led(yard: Yard) {
  await run(yard, true)
  return until(yard, isOver)
}

const isHeld = (yard: Yard): boolean => yard.view().limits.some(({ source }) => source === 'test')

/** Its car is stopped for 45 s by a person, up to three times, until something is said. */
async function stopped(yard: Yard, isSaid: (found: StationWiringView) => boolean) {
  for (let stops = 1; stops <= 3; stops++) {
    const pause = { id: 'by-hand', station: 'CP-A', enabled: false, durationS: STOP_S, reason: 'wiring' }
    await yard.post('pauses', pause)
    const found = await until(yard, isSaid, PATIENCE_S)
    if (isSaid(found)) return { ...found, stops }
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

t.test('Busbar lowers the car once and gives it back, and names in a minute what is wrong', async t => {
  const order = { kind: 'order', phaseRotations: ['STR', 'SRT'] }
  const rows: readonly [name: string, Plan, faults: readonly object[]][] = [
    ['right', {}, []],
    ['right, by a car that takes 11 s', { reactionS: 11 }, []],
    ['reversed', { wrong: { kind: 'reversed', phase: 1 } }, [{ kind: 'reversed', phases: ['L2'] }]],
    [
      'reversed, by a car that takes 11 s',
      { wrong: { kind: 'reversed', phase: 1 }, reactionS: 11 },
      [{ kind: 'reversed', phases: ['L2'] }],
    ],
    ['swapped inputs', { wrong: { kind: 'swapped' }, phases: 1 }, [order]],
    ['another rotation', { rotation: 'STR', phases: 1 }, [order]],
    [
      'a wrong factor',
      { wrong: { kind: 'factor', factor: 0.5 } },
      [{ kind: 'factor', share: 0.5, ctRatio: 2 }],
    ],
    ['another circuit', { wrong: { kind: 'elsewhere', currentA: () => [3, 3, 3] } }, [{ kind: 'not-seen' }]],
    ['a slow meter', { wrong: { kind: 'slow', everyMs: 5_000 } }, []],
  ]
  for (const [name, plan, faults] of rows) {
    const yard = await open(plan)
    const before = yard.pilotA('CP-A')
    let mostA = 0
    yard.onLook = () => {
      if (isHeld(yard)) mostA = Math.max(mostA, yard.pilotA('CP-A'))
    }
    const found = await led(yard)
    t.match(found, { finding: 'judged', stage: 'over', faults }, name)
    t.equal(found.faults.length, faults.length, `${name}: nothing else`)
    t.ok(found.s <= 60, `${name}: ${found.s} s`)
    t.ok(mostA <= Math.max(before, 30), `${name}: never more than it had, ${mostA} A of ${before} A`)
    t.notOk(isHeld(yard), `${name}: nothing is held any more`)
    await yard.close()
  }
})

t.test('a transformer that was turned round is found right by the next test, in a minute too', async t => {
  const rows: readonly [name: string, afterS: number, WrongMeter, silentS: number, mostS: number][] = [
    ['at once', 0, RIGHT, 0, 60],
    ['after 10 s', 10, RIGHT, 0, 60],
    ['at once, of a meter that has new values every 5 s', 0, { kind: 'slow', everyMs: 5_000 }, 0, 120],
    ['after 10 s, of a meter that misses 6 s of 15', 10, RIGHT, 6, 120],
    ['after 10 s, of a meter that misses 10 s of 15', 10, RIGHT, 10, 240],
  ]
  for (const [name, afterS, wrong, silentS, mostS] of rows) {
    const yard = await open({ wrong: { kind: 'reversed', phase: 1 }, reactionS: 1 })
    t.match((await led(yard)).faults, [{ kind: 'reversed', phases: ['L2'] }], `${name}: reversed before`)
    yard.meterOf('feeder').wrong = wrong
    await yard.world.runFor(afterS * SECOND)
    if (silentS > 0) missPolls(yard, silentS)
    const after = await led(yard)
    t.match(after, { finding: 'judged', faults: [] }, `${name}: right`)
    t.ok(after.s <= mostS, `${name}: ${after.s} s`)
    await yard.close()
  }
})

t.test('where the offer is not Busbar’s the car is stopped by hand, and that is watched as well', async t => {
  const yard = await open({ reactionS: 1, isDriven: true, wrong: { kind: 'reversed', phase: 1 } })
  await run(yard, true)
  await yard.world.runFor(20 * SECOND)
  t.match(await look(yard), { finding: 'waiting', stage: 'not-controlled' })
  yard.station('CP-A').connectors[0]?.unplug()
  await yard.world.runFor(60 * SECOND)
  t.match(await look(yard), { stage: 'no-car' })
  yard.plugIn('CP-A', { maxA: 16, reactionMs: SECOND })
  const found = await until(yard, isJudged)
  t.match(found, { finding: 'judged', faults: [{ kind: 'reversed', phases: ['L2'] }] })
  t.notOk(isHeld(yard))
  await yard.close()
})

t.test('a station that ignores the step is told as such, with the numbers', async t => {
  const yard = await open()
  yard.ignoring.add('CP-A')
  const found = await led(yard)
  t.match(found, { finding: 'judged', stage: 'ignored' })
  t.match(found.faults, [{ kind: 'not-followed', toldA: 6, drawnA: 16 }])
  t.equal(found.faults.length, 1, 'and no word of the wiring')
  t.notOk(isHeld(yard))
  await yard.close()
})

t.test('steps that the meter was not read for are told as such, not as other load', async t => {
  const yard = await open({ reactionS: 1 })
  await run(yard, true)
  await until(yard, ({ stage }) => stage === 'lowered')
  yard.setMeterFault('feeder', { kind: 'silent' })
  await yard.world.runFor(20 * SECOND)
  t.equal((await look(yard)).stage, 'meter-silent')
  missPolls(yard, 14)
  const found = await until(yard, ({ unread }) => unread > 0)
  t.match(found, { finding: 'waiting', disturbed: 0 })
  t.ok(found.unread > 0, `${found.unread} unread`)
  await yard.close()
})

t.test('news of a station that comes late makes a test unclear, never wrong', async t => {
  for (const lateS of [8, 15]) {
    for (const way of ['led', 'by hand'] as const) {
      const yard = await open({ reactionS: 2 })
      yard.newsLateMs.set('CP-A', lateS * SECOND)
      await yard.world.runFor(60 * SECOND)
      await run(yard, true)
      const found = way === 'led' ? await until(yard, isOver) : await stopped(yard, isJudged)
      const name = `${lateS} s late, ${way}`
      t.notOk(
        found.finding === 'judged' && found.faults.length > 0,
        `${name}: ${JSON.stringify(found.faults)}`,
      )
      if (found.finding !== 'judged') t.match(found, { finding: 'unclear' }, name)
      if (found.finding !== 'judged') t.ok(found.late >= 2, `${name}: ${found.late} told late`)
      await yard.close()
    }
  }
})

t.test(
  'where the rotation is not known a car on one phase shows the phase of its first conductor',
  async t => {
    for (const [rotation, phase] of [
      ['RST', 'L1'],
      ['STR', 'L2'],
      ['TSR', 'L3'],
    ] as const) {
      const yard = await open({ rotation, entered: 'Unknown', phases: 1, reactionS: 1 })
      t.match(await led(yard), { finding: 'judged', faults: [{ kind: 'first-phase', phase }] }, rotation)
      await yard.close()
    }
    const yard = await open({ rotation: 'STR', entered: 'Unknown', reactionS: 1 })
    t.match(await led(yard), { finding: 'judged', faults: [], orderUnknown: true }, 'three phases')
    await yard.close()
  },
)

t.test('whatever happens in the middle of a step, nothing flows that may not', async t => {
  const other: WrongMeter = { kind: 'reversed', phase: 1 }
  const inStep = async (plan: Plan = {}): Promise<Yard> => {
    const yard = await open(plan)
    await run(yard, true)
    await until(yard, ({ stage }) => stage === 'lowered')
    yard.resetWatches()
    return yard
  }
  /** Nothing held, and the car back at its share. */
  const isNormal = async (t: Test, yard: Yard, waitS = 400) => {
    for (let s = 0; s < waitS && yard.flowA('CP-A')[0] < 15.9; s++) await yard.world.runFor(SECOND)
    t.notOk(isHeld(yard), 'nothing is held')
    t.ok(yard.flowA('CP-A')[0] >= 15.9, `back at ${yard.flowA('CP-A')[0]} A`)
  }
  await t.test('other load rises', async t => {
    for (const plan of [{}, { wrong: other }]) {
      const yard = await inStep(plan)
      yard.baseA.set('main', [52, 30, 10.1])
      const found = await until(yard, isOver)
      t.ok(yard.overMs('main') <= 13.7 * SECOND, `${yard.overMs('main')} ms over`)
      const isRight = found.faults.every(({ kind }) => kind === 'reversed') || found.finding !== 'judged'
      t.ok(isRight, `nothing wrong is said: ${JSON.stringify(found.faults)}`)
      await yard.close()
    }
  })
  await t.test('the link is cut', async t => {
    const yard = await inStep()
    yard.station('CP-A').setReachable(false)
    await yard.world.runFor(120 * SECOND)
    t.match(await look(yard), { finding: 'waiting', stage: 'not-controlled' })
    t.notOk(isHeld(yard))
    yard.station('CP-A').setReachable(true)
    const found = await until(yard, isOver, 400)
    t.match(found, { finding: 'judged', faults: [] }, 'and goes on when it is back')
    t.equal(yard.overMs('feeder') + yard.overMs('main'), 0)
    await yard.close()
  })
  await t.test('the meter dies', async t => {
    const yard = await inStep()
    yard.setMeterFault('feeder', { kind: 'silent' })
    yard.setMeterFault('main', { kind: 'silent' })
    await yard.world.runFor(20 * SECOND)
    t.equal((await look(yard)).stage, 'meter-silent')
    t.notOk(isHeld(yard), 'let go without anybody')
    yard.setMeterFault('feeder', { kind: 'none' })
    yard.setMeterFault('main', { kind: 'none' })
    await until(yard, isOver)
    await isNormal(t, yard)
    t.equal(yard.overMs('feeder') + yard.overMs('main'), 0)
    await yard.close()
  })
  await t.test('Busbar is killed', async t => {
    const yard = await inStep()
    yard.kill()
    await yard.world.runFor(20 * SECOND)
    await yard.startGateway()
    await yard.world.runFor(5 * SECOND)
    t.match(await look(yard), { finding: 'not-running' })
    await isNormal(t, yard, 900)
    t.equal(yard.overMs('feeder') + yard.overMs('main'), 0)
    await yard.close()
  })
  await t.test('the car leaves', async t => {
    const yard = await inStep()
    yard.station('CP-A').connectors[0]?.unplug()
    await yard.world.runFor(30 * SECOND)
    t.match(await look(yard), { stage: 'no-car' })
    t.notOk(isHeld(yard))
    await yard.close()
  })
})

t.test('two stations tested at once take turns, and no third car takes what a step leaves', async t => {
  const stations = ['CP-A', 'CP-B', 'CP-C'].map(id => ({ id, circuit: 'feeder' }))
  const yard = await open({ stations, feederA: 50, reactionS: 11 })
  await yard.world.runFor(120 * SECOND)
  const had = yard.pilotA('CP-C')
  await run(yard, true, 'CP-A')
  await run(yard, true, 'CP-B')
  let most = 0
  let lowered = 0
  yard.onLook = () => {
    most = Math.max(most, yard.pilotA('CP-C'))
    lowered = Math.max(lowered, ['CP-A', 'CP-B'].filter(id => yard.pilotA(id) < 8).length)
  }
  await yard.world.runFor(2 * SECOND)
  t.match(await look(yard, 'CP-B'), { stage: 'waits', waitsFor: 'CP-A' })
  for (const id of ['CP-A', 'CP-B']) {
    for (let s = 0; s < 200 && !isOver(await look(yard, id)); s++) await yard.world.runFor(SECOND)
    t.match(await look(yard, id), { finding: 'judged', faults: [] }, id)
  }
  t.ok(lowered <= 1, 'one at a time')
  t.ok(most <= had, `CP-C had ${had} A and ${most} A`)
  t.equal(yard.overMs('feeder') + yard.overMs('main'), 0)
  await yard.close()
})
