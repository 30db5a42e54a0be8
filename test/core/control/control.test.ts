/** Bookings, measurements, other load and the proof: the pure parts of load control, as tables. */
import t from 'tap'
import {
  accepted,
  type Chain,
  type ClockEvidence,
  isUnconfirmed,
  LEASE_TAIL_MS,
  MAX_WRITES,
  NO_CLOCK,
  refused,
  STEP_UP_LEAD_MS,
  sent,
  settled,
  type Write,
  worstOf,
  worstOfChain,
} from '../../../src/core/allocation/booking.js'
import {
  BASE_HOLD_MS,
  type Hold,
  heldA,
  hold,
  otherLoads,
  sumsBelow,
} from '../../../src/core/allocation/headroom.js'
import { siteConfigSchema } from '../../../src/core/config/site.js'
import { type SiteProfile, siteProfileSchema } from '../../../src/core/config/site-profile.js'
import { type StationModel, stationModelSchema } from '../../../src/core/config/station-model.js'
import { newConnector } from '../../../src/core/control/connector.js'
import { bookedA, type StationEvidence } from '../../../src/core/control/evidence.js'
import { withoutOwnRaises } from '../../../src/core/control/own-raises.js'
import { bookingRecordOf } from '../../../src/core/control/record.js'
import { clockOf, clockSeen, countWrite, writesOf } from '../../../src/core/control/station.js'
import { readSample } from '../../../src/core/measuring/measured.js'
import type { PerPhase } from '../../../src/core/site/phases.js'
import { curveRooms, proveSite } from '../../../src/core/site/promise.js'
import { buildSiteTree } from '../../../src/core/site/tree.js'

const SECOND = 1_000
const LEASE = 300 * SECOND

/** The station's clock is ours, and was seen to be. */
const CLOCK: ClockEvidence = { offsetMs: 0, isProven: true, isOld: false }
const worst = (chain: Chain, nowMs: number, clock = CLOCK) => worstOfChain(chain, nowMs, clock)

function write(tag: string, offerA: number, sentMs: number): Write {
  const leaseEndMs = sentMs + LEASE
  const finalMs = leaseEndMs + 2 * LEASE + LEASE_TAIL_MS
  return { tag, offerA, failSafeA: 6, sentMs, leaseEndMs, finalMs, clockMs: 0 }
}

/** Both sent and accepted in the same second. */
function taken(chain: Chain, tag: string, offerA: number, atMs: number): Chain {
  return accepted(sent(chain, write(tag, offerA, atMs), CLOCK), tag, atMs, CLOCK)
}

t.test('rule 9: booking', async t => {
  t.equal(worst([], 0), undefined, 'nothing written books nothing here')
  t.equal(worst(sent([], write('a', 16, 0), CLOCK), 0), 16, 'a raise counts from the moment it is sent')
  const lowered = taken(taken([], 'a', 16, 0), 'b', 8, 20 * SECOND)
  t.equal(worst(lowered, 21 * SECOND), 16, 'an accepted lower is no proof')
  const ripeMs = 31 * SECOND
  const seen = (drawnA: number, sampleMs = ripeMs) => ({ seen: { drawnA, sampleMs } })
  const proofs = [
    ['a sample after 11 s at the new offer', { ...seen(8.4), obeysUnseen: false }, 8],
    ['a sample after 11 s above it', { ...seen(9.5), obeysUnseen: false }, 16],
    ['a sample that came too early', { ...seen(8, 30 * SECOND), obeysUnseen: false }, 16],
    ['no sample, a model not known to obey', { obeysUnseen: false }, 16],
    ['no sample, a model known to obey', { obeysUnseen: true }, 8],
    ['a sample above it, even on a model known to obey', { ...seen(16), obeysUnseen: true }, 16],
  ] as const
  for (const [title, proof, bookedA] of proofs)
    t.equal(worst(settled(lowered, ripeMs, CLOCK, proof), ripeMs), bookedA, title)
  t.equal(isUnconfirmed(lowered, ripeMs - 1, CLOCK), false, 'a lower has 11 s to show')
  t.equal(isUnconfirmed(lowered, ripeMs, CLOCK), true, 'A12: then others pay for it')
  const open = sent(taken([], 'a', 16, 0), write('b', 8, 20 * SECOND), CLOCK)
  t.equal(
    worst(settled(open, 60 * SECOND, CLOCK, { obeysUnseen: true }), 60 * SECOND),
    16,
    'an unanswered lower proves nothing',
  )
  t.equal(worst(refused(open, 'b'), 21 * SECOND), 16, 'a refused lower leaves the old offer')
  const raised = taken(taken([], 'a', 8, 0), 'b', 16, 20 * SECOND)
  t.equal(raised.length, 1, 'an accepted raise replaces what was lower')
  t.equal(
    worst(refused(sent(taken([], 'a', 8, 0), write('b', 16, 1), CLOCK), 'b'), 2),
    8,
    'a refused raise was never in force',
  )
})

t.test('A11: schedules are compared over all their periods', async t => {
  const one = write('a', 16, 0)
  const at = (nowMs: number, of = one, clock = CLOCK) => worstOf(of, nowMs, clock)
  t.equal(at(LEASE + LEASE_TAIL_MS - 1), 16, 'it holds until lease end, clock bound and reaction are over')
  t.equal(at(LEASE + LEASE_TAIL_MS), 6, 'then the smaller of offer and fail-safe')
  const paused = write('p', 0, 0)
  t.equal(at(LEASE + LEASE_TAIL_MS, paused), 0, 'a paused car stays paused when the lease ends')
  t.equal(
    at(paused.finalMs - STEP_UP_LEAD_MS, paused),
    6,
    'its last period counts for as long before it as others need to give way, by the earliest clock',
  )
  t.equal(STEP_UP_LEAD_MS, 23.5 * SECOND, '10 s of clock, 1 s of grid, 12.5 s for the others')
  const lowered = taken(taken([], 'a', 16, 0), 'b', 8, 20 * SECOND)
  const overMs = LEASE + LEASE_TAIL_MS
  t.equal(
    worst(settled(lowered, overMs, CLOCK, { obeysUnseen: false }), overMs),
    8,
    'an old offer ends with its lease',
  )
  const old: Write = { ...write('old', 0, 0), failSafeA: 10, finalMs: 60 * SECOND, acceptedMs: 0 }
  const kept = taken([old], 'new', 8, 50 * SECOND)
  t.equal(worst(kept, 50 * SECOND), 10, 'a fail-safe period in force is not dropped for a higher first one')
})

t.test('A18: by a clock that is not proven any period may be in force at any time', async t => {
  const one = write('a', 24, 0)
  const longAfterMs = one.finalMs + LEASE
  const doubts: readonly (readonly [string, ClockEvidence])[] = [
    ['nothing known', NO_CLOCK],
    ['never seen in force', { offsetMs: 0, isProven: false, isOld: false }],
    ['its clock stands elsewhere now', { offsetMs: 11 * SECOND, isProven: true, isOld: false }],
  ]
  for (const [title, clock] of doubts) {
    t.equal(worstOf(one, longAfterMs, clock), 24, `the lease does not end: ${title}`)
    t.equal(worstOf(write('p', 0, 0), 1, clock), 6, `a pause may be over: ${title}`)
  }
  t.equal(worstOf(one, longAfterMs, CLOCK), 6)
})

t.test(
  'rule 6: by a proof that is old a pause may not have begun or be over, and a lease still ends',
  async t => {
    const old: ClockEvidence = { ...CLOCK, isOld: true }
    t.equal(worstOf(write('p', 0, 0), 1, CLOCK), 0)
    t.equal(worstOf(write('p', 0, 0), 1, old), 6, 'the fail-safe below it, or its own last period')
    const one = write('a', 24, 0)
    t.equal(worstOf(one, 1, old), 24)
    t.equal(worstOf(one, LEASE + LEASE_TAIL_MS, old), 6, 'a station that is away holds no offer for ever')
    const again = taken(taken([], 'p', 0, 0), 'q', 0, 20 * SECOND)
    t.equal(worstOfChain(again, 21 * SECOND, old), 6, 'however often it is written')
    t.equal(
      worstOf({ ...write('r', 0, 0), clockMs: 'proven' }, 1, old),
      0,
      'of the last run its own record tells',
    )
  },
)

t.test('unanswered writes are bounded, and folding forgets no worst', async t => {
  let many: Chain = []
  for (let index = 0; index < 50; index++)
    many = sent(many, write(`w${index}`, index === 3 ? 32 : 6, index), CLOCK)
  t.ok(many.length <= MAX_WRITES)
  t.equal(worst(many, 100), 32)
  let mute: Chain = taken([], 'a', 14, 0)
  for (let index = 1; index < 50; index++)
    mute = sent(mute, write(`m${index}`, 8, index * 10 * SECOND), CLOCK)
  const overMs = LEASE + LEASE_TAIL_MS
  t.equal(worst(mute, overMs), 8, 'nor does a line that answers nothing revive an offer that has ended')
  t.equal(
    worst(refused(mute, 'm49'), overMs),
    8,
    'and a refusal does not take away what may have arrived before',
  )
})

t.test('rules 10 and 11: a station nobody can reach', async t => {
  const config = {
    id: 1,
    phases: 'L1L2L3',
    phaseRotation: 'RST',
    maxCurrentA: 32,
    failSafeCurrentA: 6,
  } as const
  const connector = newConnector({ stationId: 'CP-1', config, model: MODEL, node: 0 })
  const station: StationEvidence = {
    release: undefined,
    connected: false,
    clockProven: true,
    clockOffsetsMs: [0],
    clockShownMs: Number.POSITIVE_INFINITY,
    clockDoubt: undefined,
  }
  const booked = (nowMs: number, connected = false) => bookedA(connector, { ...station, connected }, nowMs)
  t.equal(booked(0), 32, 'never seen: all it could draw')
  connector.defaultsVerified = true
  connector.isSeenBack = true
  connector.live = taken([], 'a', 16, 0)
  connector.idle = taken([], 'i', 0, 0)
  connector.failSafe = { valueA: 6 }
  t.equal(booked(0), 32, 'A4: a fail-safe that was never seen to survive a reboot is none while it is away')
  connector.failSafe = { valueA: 6, survivedReboot: false }
  t.equal(booked(0), 32, 'nor one that did not')
  connector.failSafe = { valueA: 6, survivedReboot: true }
  t.equal(booked(LEASE), 16, 'its last offer until the lease is surely over')
  t.equal(booked(LEASE + LEASE_TAIL_MS), 6, 'then its installed fail-safe, never less')
  connector.isolated = true
  t.equal(booked(0), 0, 'isolated by an operator: nothing')
  t.equal(booked(0, true), 16, 'which counts no more once it is connected')
  connector.idle = [write('i', 0, 0)]
  connector.live = []
  t.equal(booked(0, true), 6, 'A11: an idle profile that was only sent leaves the fail-safe in force')
})

t.test('booking records read back from disk', async t => {
  const good = { stationId: 'CP-1', connectorId: 1, worstA: 16, offerA: 10, transactionId: 7, failSafeA: 6 }
  t.strictSame(bookingRecordOf(JSON.parse(JSON.stringify(good))), good)
  for (const bad of [
    null,
    'x',
    {},
    { ...good, worstA: -1 },
    { ...good, worstA: null },
    { ...good, stationId: 3 },
  ]) {
    t.equal(bookingRecordOf(bad), undefined, JSON.stringify(bad))
  }
})

const connector = (phases: 'L1L2L3' | 'L2', phaseRotation: 'RST' | 'STR' | 'Unknown' = 'RST') => ({
  id: 1,
  phases,
  phaseRotation,
  maxCurrentA: 32,
  failSafeCurrentA: 6,
})
const context = { nominalVoltageV: 230, siteVoltageV: 230, bookedA: 16, monoMs: 60 * SECOND }

t.test("a station's measurement on the site's phases", async t => {
  const rows: [string, Parameters<typeof readSample>[0], ReturnType<typeof connector>, PerPhase, boolean][] =
    [
      ['by its own phases, turned', { ownPhasesA: [10, 0, 0] }, connector('L1L2L3', 'STR'), [0, 10, 0], true],
      [
        'by its own phases, wiring unknown: what all carry',
        { ownPhasesA: [10, 8, 9] },
        connector('L1L2L3', 'Unknown'),
        [8, 8, 8],
        false,
      ],
      [
        'wiring unknown, one phase only: nothing is sure',
        { ownPhasesA: [10, 0, 0] },
        connector('L1L2L3', 'Unknown'),
        [0, 0, 0],
        false,
      ],
      ['one current on one wire', { currentA: 12 }, connector('L2', 'Unknown'), [0, 12, 0], true],
      [
        'one current, power says three phases',
        { currentA: 10, powerW: 6_900 },
        connector('L1L2L3'),
        [10, 10, 10],
        true,
      ],
      ['one current, phases not told', { currentA: 10 }, connector('L1L2L3'), [0, 0, 0], false],
      [
        'power alone: what must be left for a phase',
        { powerW: 9_660 },
        connector('L1L2L3'),
        [10, 10, 10],
        false,
      ],
      ['power alone, too little to be sure', { powerW: 5_000 }, connector('L1L2L3'), [0, 0, 0], false],
    ]
  for (const [title, sample, at, lowerA, knowsPhases] of rows) {
    const { reading } = readSample(sample, { ...context, connector: at })
    t.strictSame(
      reading?.lowerA.map(value => Math.round(value * 10) / 10),
      lowerA,
      title,
    )
    t.equal(
      reading?.used.every(used => used !== undefined),
      knowsPhases,
      `${title}: phases ${knowsPhases ? '' : 'not '}known`,
    )
  }
  t.equal(
    readSample({}, { ...context, connector: connector('L1L2L3') }).reading,
    undefined,
    'an empty sample is none',
  )

  const first = readSample({ energyWh: 1_001 }, { ...context, connector: connector('L1L2L3'), monoMs: 0 })
  t.equal(first.reading, undefined, 'one register value is no current')
  const mark = first.mark
  t.ok(mark)
  if (mark === undefined) return
  const next = readSample(
    { energyWh: 1_032 },
    { ...context, connector: connector('L1L2L3'), monoMs: 10 * SECOND, mark },
  )
  t.ok(
    (next.reading?.lowerA[0] ?? 0) > 14 && (next.reading?.lowerA[0] ?? 0) < 16,
    '31 Wh in 10 s at 16 A booked: nearly all of it',
  )
  const coarse = readSample(
    { energyWh: 2_000 },
    { ...context, connector: connector('L1L2L3'), monoMs: 0 },
  ).mark
  t.equal(coarse?.resolutionWh, 1_000, 'a register of whole kWh is taken for coarse')
  if (coarse === undefined) return
  const jump = readSample(
    { energyWh: 3_000 },
    { ...context, connector: connector('L1L2L3'), monoMs: 60 * SECOND, mark: coarse },
  )
  t.strictSame(jump.reading?.lowerA, [0, 0, 0], 'one tick of a coarse register proves no draw')
})

t.test('rule 14: other load', async t => {
  const parents = [-1, 0, 0]
  const leaf = (node: number, lowerA: PerPhase, bookedA: PerPhase) => ({ node, lowerA, bookedA })
  const circuits = (meterA: PerPhase | undefined) => [
    { worstCaseOtherLoadA: 40, meterA },
    { worstCaseOtherLoadA: 5, meterA: undefined },
    { worstCaseOtherLoadA: 0, meterA: undefined },
  ]
  const loads = (meterA: PerPhase | undefined, leaves: ReturnType<typeof leaf>[]) =>
    otherLoads(parents, circuits(meterA), leaves)
  t.strictSame(loads([50, 40, 30], [leaf(1, [10, 10, 10], [16, 16, 16])])[0], {
    otherA: [40, 30, 20],
    source: 'measured',
  })
  t.strictSame(
    loads([50, 40, 30], [leaf(1, [10, 10, 10], [6, 6, 6])])[0]?.otherA,
    [44, 34, 24],
    'never less than the booking is taken out',
  )
  t.strictSame(
    loads([50, 40, 30], [leaf(1, [0, 0, 0], [16, 16, 16])])[0]?.otherA,
    [50, 40, 30],
    'what is not measured stays in',
  )
  t.strictSame(loads([-20, 5, 0], [])[0]?.otherA, [0, 5, 0], 'export makes no room')
  t.strictSame(
    loads(undefined, [])[0],
    { otherA: [45, 45, 45], source: 'worst case' },
    'without a meter: the worst case of all below',
  )
  t.strictSame(
    sumsBelow(parents, [leaf(1, [1, 0, 0], [1, 1, 1]), leaf(2, [0, 0, 0], [2, 2, 2])], at => at.bookedA),
    [
      [3, 3, 3],
      [1, 1, 1],
      [2, 2, 2],
    ],
  )

  let held: Hold = []
  const seen = [30, 60, 20, 20].map((base, index) => {
    held = hold(held, index * 5 * SECOND, [base, base, base])
    return heldA(held, index * 5 * SECOND)?.[0]
  })
  t.strictSame(seen, [30, 60, 60, 60], 'up at once, down only when it has lasted')
  const laterMs = 5 * SECOND + BASE_HOLD_MS
  t.strictSame(heldA(hold(held, laterMs, [20, 20, 20]), laterMs), [20, 20, 20], 'and then down')
})

t.test(
  'rule 14: a rise is ours while the meter is inside the limit, and above it what nobody knows is other load',
  async t => {
    const credit = { newA: [12, 12, 12], toldA: [3, 0, 0], lowerA: [0, 0, 0] } as const
    const at = (meterA: number) => ({ beforeA: [10, 10, 10], meterA: [meterA, 20, 20], limitA: 60 }) as const
    t.strictSame(withoutOwnRaises([25, 20, 24], credit, at(60)), [10, 10, 12], 'at the limit')
    t.strictSame(withoutOwnRaises([25, 20, 24], credit, at(60.5)), [25, 20, 24], 'above it')
  },
)

t.test("a station's clock and its writes", async t => {
  t.equal(clockOf({ clockOffsetsMs: [], clockDoubt: undefined }), undefined, 'unknown until seen')
  t.strictSame(clockOf({ clockOffsetsMs: clockSeen([], 5_000, 1_000), clockDoubt: undefined }), {
    offsetMs: 4_000,
    boundS: 1,
  })
  const wild = [0, 30_000, 0].reduce(
    (offsets: readonly number[], wallMs) => clockSeen(offsets, wallMs, 0),
    [],
  )
  t.equal(
    clockOf({ clockOffsetsMs: wild, clockDoubt: undefined }),
    undefined,
    'a clock that jumps by 30 s is not trusted',
  )
  let writes: ReturnType<typeof countWrite> = []
  for (let minute = 0; minute < 48 * 60; minute++) writes = countWrite(writes, minute * 60 * SECOND)
  t.ok(Math.abs(writesOf(writes) - 1_440) <= 60, 'one write a minute counts as a day of them after two days')
  t.ok(writes.length <= 24, 'in a bounded number of buckets')
})

const MODEL: StationModel = stationModelSchema.parse({
  id: 'm',
  vendor: 'v',
  models: [],
  sources: [],
  smartCharging: { rateUnits: ['A'], maxStackLevel: 10, maxPeriods: 10, maxProfiles: 30, holdsZero: true },
  configuration: [],
})
const PROFILE: SiteProfile = siteProfileSchema.parse({
  id: 'workplace',
  title: 'test',
  raiseAfterMs: 0,
  raiseStepA: 6,
  raiseEveryMs: 1,
  deadBandA: 1,
  reclaim: { belowOfferA: 1, afterMs: 1, keepA: 2, probeStepA: 4, probeEveryMs: 1 },
  minOnMs: 0,
  minOffMs: 0,
  quantumMs: 1,
  maxLeaseS: 300,
})

function prove(ratedCurrentA: number, otherA: number, phases: readonly ('L1L2L3' | 'L1' | 'L2')[]) {
  const config = siteConfigSchema.parse({
    version: 1,
    site: { id: 's', timeZone: 'UTC' },
    circuits: [
      { id: 'main', ratedCurrentA, marginA: 2, worstCaseOtherLoadA: otherA },
      { id: 'f', parent: 'main', ratedCurrentA: 63, marginA: 1, worstCaseOtherLoadA: 10 },
    ],
    stations: phases.map((wired, index) => ({
      id: `CP-${index}`,
      device: 'm',
      circuit: 'f',
      connectors: [{ id: 1, phases: wired, maxCurrentA: 32, failSafeCurrentA: 6 }],
    })),
  })
  return proveSite(config, new Map([['m', MODEL]]), PROFILE)
}

t.test('the proof of the promise', async t => {
  const proof = prove(100, 30, ['L1L2L3', 'L1', 'L1', 'L2'])
  t.strictSame(
    proof.circuits.map(circuit => circuit.failSafeA),
    [
      [18, 12, 6],
      [18, 12, 6],
    ],
    'fail-safes add up per phase',
  )
  t.equal(proof.circuits[0]?.worstOtherLoadA, 40, 'other load of the circuit and of all below it')
  t.strictSame(proof.faults, [], '18 + 40 A fit 98 A')
  t.equal(proof.aliveOverLimitS, undefined, 'no meter: no jump can be seen')
  t.equal(proof.lostOverLimitS, 300 + 10 + 11)

  const broken = prove(50, 25, ['L1L2L3', 'L1L2L3', 'L1L2L3'])
  t.match(broken.faults, [
    {
      path: 'circuits[0]',
      found: /fail-safes 18 A \+ worst other load 35 A = 53 A/,
      expected: /at most 48 A/,
    },
  ])

  const steep = prove(63, 40, ['L1L2L3'])
  t.equal(steep.circuits[0]?.insideProtectionCurve, false, '61 + 50 A is more than 1.45 x 63 A')
  t.equal(steep.leaseS.get('CP-0'), 300, 'its offers may still fit beside that')
  const tree = (worstCaseOtherLoadA: number) =>
    buildSiteTree([{ id: 'main', ratedCurrentA: 100, worstCaseOtherLoadA }])
  t.strictSame(curveRooms(tree(60), [98]), [85], '1.45 x 100 A less 60 A')
  t.strictSame(curveRooms(tree(40), [98]), [undefined], '98 A of limit stay inside anyway')
})
