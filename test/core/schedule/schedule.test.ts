import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { ChargingProfile, ChargingSchedulePeriod } from '../../../src/core/schedule/charging-profile.js'
import { limitSteps } from '../../../src/core/schedule/composite.js'
import { compositeSchedule } from '../../../src/core/schedule/composite-answer.js'
import {
  failSafeProfile,
  type IdleInput,
  idleProfile,
  type LiveInput,
  liveProfile,
  ownProfileId,
} from '../../../src/core/schedule/emit.js'
import { foreignClears, STATION_CLEARS } from '../../../src/core/schedule/foreign-clears.js'
import type { InstalledProfile, RunningTransaction } from '../../../src/core/schedule/installed.js'
import {
  parseClearChargingProfile,
  parseGetCompositeSchedule,
  parseSetChargingProfile,
} from '../../../src/core/schedule/profile-requests.js'
import {
  clearProfiles,
  EMPTY_STORE,
  type ProfileStore,
  type StoreContext,
  setProfile,
} from '../../../src/core/schedule/profile-store.js'
import { context, iso, periodsOf, request, running, T0 } from './fixtures/noon.js'

const textOf = (periods: readonly ChargingSchedulePeriod[]) =>
  periods.map(({ startPeriod, limit }) => `${startPeriod}:${limit}`).join(' ')

// ---------------------------------------------------------------- published vectors

interface Vector {
  title: string
  startedAt: string
  maxCurrentA: number
  transaction?: { connectorId: number; transactionId: number }
  steps: {
    set?: unknown
    clear?: unknown
    composite?: unknown
    status?: string
    expected?: string
    toleratedTail?: string
  }[]
}

const VECTORS = new URL('../../../../test/vectors/schedule/', import.meta.url)

t.test('published schedules', async t => {
  for (const file of readdirSync(VECTORS).sort()) {
    const vector: Vector = JSON.parse(readFileSync(new URL(file, VECTORS), 'utf8'))
    for (const elapsedS of [0, 3, 10]) play(t, vector, elapsedS)
  }
})

function play(t: Pick<Test, 'equal' | 'match'>, vector: Vector, elapsedS: number): void {
  const startMs = Date.parse(vector.startedAt)
  const transactions =
    vector.transaction === undefined ? [] : [{ ...vector.transaction, startedWallMs: startMs - 60_000 }]
  const base = context({
    connectorCount: 1,
    transactions,
    maxCurrentA: [vector.maxCurrentA],
    nowWallMs: startMs,
  })
  let store = EMPTY_STORE
  for (const step of vector.steps) {
    const title = `${vector.title}, ${elapsedS} s on`
    if (step.set !== undefined) {
      const outcome = setProfile(store, request(parseSetChargingProfile(step.set)), base)
      t.match(outcome, { kind: 'answered', status: step.status }, title)
      if (outcome.kind === 'answered') store = outcome.store
    } else if (step.clear !== undefined) {
      const outcome = clearProfiles(store, request(parseClearChargingProfile(step.clear)))
      t.equal(outcome.status, step.status, title)
      store = outcome.store
    } else {
      const asked = request(parseGetCompositeSchedule(step.composite))
      const conf = compositeSchedule(store, asked, { ...base, nowWallMs: startMs + elapsedS * 1000 + 400 })
      if (conf.status !== 'Accepted') throw new Error('composite rejected')
      const shifted = (text: string) =>
        textOf(
          periodsOf(text)
            .map(({ startPeriod, limit }) => ({ startPeriod: Math.max(0, startPeriod - elapsedS), limit }))
            .filter(({ startPeriod }) => startPeriod < asked.duration),
        )
      const tail = step.toleratedTail === undefined ? '' : shifted(step.toleratedTail)
      const expected = shifted(step.expected ?? '')
      t.equal(textOf(conf.chargingSchedule.chargingSchedulePeriod), `${expected} ${tail}`.trim(), title)
      t.equal(conf.scheduleStart, iso(startMs + elapsedS * 1000), 'it starts now, in whole seconds')
      t.equal(conf.chargingSchedule.duration, asked.duration)
    }
  }
}

// ---------------------------------------------------------------- second by second

/** The rules of OCPP 1.6 §3.13 for one second, without any of the code under test. */
function limitAt(
  profile: ChargingProfile,
  t: number,
  chargingStartMs: number,
  receivedMs: number,
): number | undefined {
  const schedule = profile.chargingSchedule
  if (profile.validFrom !== undefined && t < Date.parse(profile.validFrom)) return undefined
  if (profile.validTo !== undefined && t >= Date.parse(profile.validTo)) return undefined
  const relative = profile.chargingProfilePurpose === 'ChargePointMaxProfile' ? receivedMs : chargingStartMs
  const isRelative = profile.chargingProfileKind === 'Relative' || schedule.startSchedule === undefined
  let into = (t - (isRelative ? relative : Date.parse(schedule.startSchedule ?? ''))) / 1000
  if (into < 0) return undefined
  if (profile.chargingProfileKind === 'Recurring')
    into %= profile.recurrencyKind === 'Weekly' ? 604_800 : 86_400
  if (schedule.duration !== undefined && into >= schedule.duration) return undefined
  const period = schedule.chargingSchedulePeriod.filter(it => it.startPeriod <= into).at(-1)
  if (period === undefined) return undefined
  return schedule.chargingRateUnit === 'A' ? period.limit : period.limit / 230 / (period.numberPhases ?? 3)
}

function purposeAt(
  store: ProfileStore,
  purpose: string,
  connectorId: number,
  t: number,
  ctx: StoreContext,
  fromMs: number,
) {
  const transaction = ctx.transactions.find(it => it.connectorId === connectorId)
  let best: { level: number; limitA: number } | undefined
  for (const { profile, connectorId: on, receivedWallMs } of store.profiles) {
    if (profile.chargingProfilePurpose !== purpose) continue
    if (on !== connectorId && on !== 0) continue
    if (
      purpose === 'TxProfile' &&
      (transaction === undefined || transaction.transactionId !== profile.transactionId)
    )
      continue
    const limitA = limitAt(profile, t, transaction?.startedWallMs ?? fromMs, receivedWallMs)
    const level = profile.stackLevel * 100 + on
    if (limitA !== undefined && (best === undefined || level > best.level)) best = { level, limitA }
  }
  return best?.limitA
}

const low = (a: number | undefined, b: number | undefined) =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b)

const arbPeriods = fc.uniqueArray(fc.integer({ min: 1, max: 500 }), { maxLength: 4 }).chain(starts =>
  fc.tuple(
    ...[0, ...starts.sort((a, b) => a - b)].map(startPeriod =>
      fc.record(
        {
          startPeriod: fc.constant(startPeriod),
          limit: fc.integer({ min: 0, max: 320 }),
          numberPhases: fc.constantFrom(1, 3),
        },
        { requiredKeys: ['startPeriod', 'limit'] },
      ),
    ),
  ),
)
const arbNear = fc.integer({ min: -300, max: 600 }).map(s => iso(T0 + s * 1000))
const arbProfile = (purpose: ChargingProfile['chargingProfilePurpose']): fc.Arbitrary<ChargingProfile> =>
  fc
    .record({
      stackLevel: fc.nat(3),
      unit: fc.constantFrom<('A' | 'W')[]>('A', 'A', 'W'),
      kind: fc.constantFrom<ChargingProfile['chargingProfileKind'][]>('Absolute', 'Recurring', 'Relative'),
      weekly: fc.boolean(),
      periodsAgo: fc.integer({ min: -1, max: 2 }),
      startS: fc.integer({ min: -400, max: 500 }),
      noStart: fc.boolean(),
      duration: fc.option(fc.integer({ min: 0, max: 700 }), { nil: undefined }),
      validFrom: fc.option(arbNear, { nil: undefined, freq: 1 }),
      validTo: fc.option(arbNear, { nil: undefined, freq: 1 }),
      periods: arbPeriods,
    })
    .map(it => {
      const everyMs = it.kind === 'Recurring' ? (it.weekly ? 7 : 1) * 86_400_000 : 0
      const startSchedule = iso(T0 - it.periodsAgo * everyMs + it.startS * 1000)
      const started = it.kind === 'Recurring' || (it.kind === 'Absolute' && !it.noStart)
      return {
        chargingProfileId: 1,
        stackLevel: it.stackLevel,
        chargingProfilePurpose: purpose,
        chargingProfileKind: it.kind,
        ...(purpose === 'TxProfile' ? { transactionId: 7 } : {}),
        ...(it.kind === 'Recurring'
          ? { recurrencyKind: it.weekly ? ('Weekly' as const) : ('Daily' as const) }
          : {}),
        ...(it.validFrom === undefined ? {} : { validFrom: it.validFrom }),
        ...(it.validTo === undefined ? {} : { validTo: it.validTo }),
        chargingSchedule: {
          chargingRateUnit: it.unit,
          ...(it.duration === undefined ? {} : { duration: it.duration }),
          ...(started ? { startSchedule } : {}),
          chargingSchedulePeriod: it.periods.map(period =>
            it.unit === 'A'
              ? { ...period, limit: period.limit / 10 }
              : { ...period, limit: period.limit * 50 },
          ),
        },
      }
    })
const PURPOSES = ['ChargePointMaxProfile', 'TxDefaultProfile', 'TxProfile'] as const
const arbInstalled: fc.Arbitrary<InstalledProfile> = fc.constantFrom(...PURPOSES).chain(purpose =>
  fc.record({
    connectorId:
      purpose === 'ChargePointMaxProfile'
        ? fc.constant(0)
        : purpose === 'TxProfile'
          ? fc.constant(1)
          : fc.constantFrom(0, 1, 2),
    profile: arbProfile(purpose),
    receivedWallMs: fc.integer({ min: -200, max: 100 }).map(s => T0 + s * 1000),
  }),
)
const slotOf = ({ connectorId, profile }: InstalledProfile) =>
  `${connectorId} ${profile.chargingProfilePurpose} ${profile.stackLevel}`
const arbStore = fc
  .uniqueArray(arbInstalled, { maxLength: 7, selector: slotOf })
  .map((profiles): ProfileStore => ({ profiles, pendingRemoteStarts: [] }))
const arbTransactions = fc.constantFrom<RunningTransaction[][]>(
  [],
  [running(1, 7, T0 - 100_000)],
  [running(1, 7, T0 - 30_000), running(2, 8, T0 - 150_000)],
  [running(1, 6, T0)],
)

t.test('second by second', async t => {
  t.doesNotThrow(
    () =>
      fc.assert(
        fc.property(arbStore, arbTransactions, (store, transactions) => {
          const ctx = context({ transactions })
          const window = { fromMs: T0, toMs: T0 + 600_000 }
          const curves = [1, 2].map(connectorId => limitSteps(store, connectorId, window, ctx))
          const station = compositeSchedule(
            store,
            { connectorId: 0, duration: 600, chargingRateUnit: 'A' },
            ctx,
          )
          const connector = compositeSchedule(
            store,
            { connectorId: 1, duration: 600, chargingRateUnit: 'A' },
            ctx,
          )
          for (let s = 0; s < 600; s++) {
            const at = T0 + s * 1000
            const maxA = purposeAt(store, 'ChargePointMaxProfile', 0, at, ctx, T0)
            const own = [1, 2].map(
              id =>
                purposeAt(store, 'TxProfile', id, at, ctx, T0) ??
                purposeAt(store, 'TxDefaultProfile', id, at, ctx, T0),
            )
            for (const [i, steps] of curves.entries()) {
              const inUse = new Set([i + 1, ...transactions.map(it => it.connectorId)]).size
              const expected = low(own[i], maxA === undefined ? undefined : maxA / inUse)
              const found = steps.filter(step => step.atMs <= at).at(-1)?.limitA
              if (Math.abs((found ?? -1) - (expected ?? -1)) > 1e-9)
                throw new Error(`connector ${i + 1} at ${s} s: ${found}, not ${expected}`)
            }
            check(connector, s, low(own[0], maxA) ?? 32)
            check(
              station,
              s,
              low(
                own.reduce<number>((sum, it) => sum + Math.min(32, it ?? 32), 0),
                maxA,
              ) ?? 64,
            )
          }
        }),
        { numRuns: 120, seed: 11 },
      ),
    'limit steps and composites say what the rules say at each of 600 seconds',
  )
})

function check(conf: ReturnType<typeof compositeSchedule>, s: number, exactA: number): void {
  if (conf.status !== 'Accepted') throw new Error('rejected')
  const found =
    conf.chargingSchedule.chargingSchedulePeriod.filter(it => it.startPeriod <= s).at(-1)?.limit ?? -1
  if (found > exactA + 1e-6 || found < exactA - 0.1 - 1e-6)
    throw new Error(`composite at ${s} s: ${found}, not ${exactA}`)
}

// ---------------------------------------------------------------- Busbar's own profiles

const LIVE: LiveInput = {
  connectorId: 1,
  failSafeA: 6,
  unit: { kind: 'A' },
  stepA: 1,
  stackLevel: 8,
  nowWallMs: T0 + 400,
  leaseEndWallMs: T0 + 300_400,
  longestLeaseS: 300,
  clockBoundS: 10,
  stationClockOffsetMs: 0,
  csmsSteps: [],
  maxPeriods: 24,
  transactionId: 7,
  allocationA: 16.7,
}
const periodsIn = (profile: ChargingProfile) => textOf(profile.chargingSchedule.chargingSchedulePeriod)

t.test('rules 1, 2, 3 and 5: what Busbar puts on a station', async t => {
  const idle: IdleInput = { ...LIVE, holdsZero: true }
  const table: [title: string, profile: ChargingProfile, expected: string][] = [
    ['a live profile steps down to the fail-safe when the lease ends', liveProfile(LIVE), '0:16 310:6'],
    [
      'below the fail-safe it rises only when all others are down',
      liveProfile({ ...LIVE, allocationA: 0 }),
      '0:0 932:6',
    ],
    [
      'the CSMS cuts it',
      liveProfile({ ...LIVE, csmsSteps: at([0, 10], [60.5, undefined], [100, 4]) }),
      '0:10 71:16 110:4',
    ],
    [
      'too few periods: the minimum over the rest',
      liveProfile({ ...LIVE, maxPeriods: 2, csmsSteps: at([0, 10], [60, 12], [400, 3]) }),
      '0:10 70:3',
    ],
    ['one period only', liveProfile({ ...LIVE, maxPeriods: 1 }), '0:6'],
    ['tenths where the model obeys them', liveProfile({ ...LIVE, stepA: 0.1 }), '0:16.7 310:6'],
    [
      'watts by the lowest voltage',
      liveProfile({ ...LIVE, unit: { kind: 'W', voltageV: 207, phases: 3 } }),
      '0:9936 310:3726',
    ],
    ['an idle station is held at 0 A', idleProfile(idle), '0:0 932:6'],
    ['or at the fail-safe', idleProfile({ ...idle, holdsZero: false }), '0:6'],
    [
      'by a clock nobody knows the least of offer, fail-safe and CSMS, without an end',
      liveProfile({ ...LIVE, stationClockOffsetMs: undefined, csmsSteps: at([0, 10], [60, 4]) }),
      '0:4',
    ],
    [
      'and an idle station is left its fail-safe',
      idleProfile({ ...idle, stationClockOffsetMs: undefined }),
      '0:6',
    ],
    ['the fail-safe is one period', failSafeProfile({ ...LIVE, failSafeA: 6.9 }), '0:6'],
  ]
  for (const [title, profile, expected] of table) t.equal(periodsIn(profile), expected, title)
  const onePhase = liveProfile({ ...LIVE, unit: { kind: 'W', voltageV: 207, phases: 1 } })
  t.same(
    onePhase.chargingSchedule.chargingSchedulePeriod,
    [
      { startPeriod: 0, limit: 3312, numberPhases: 1 },
      { startPeriod: 310, limit: 1242, numberPhases: 1 },
    ],
    'watts for fewer than three phases say so',
  )
  const behind = liveProfile({ ...LIVE, stationClockOffsetMs: -600_500 })
  t.equal(
    behind.chargingSchedule.startSchedule,
    iso(T0 - 611_000),
    'it has begun by the clock of the station, be it as far behind as its bound',
  )
  t.match(behind, {
    chargingProfilePurpose: 'TxProfile',
    transactionId: 7,
    validTo: undefined,
    chargingProfileKind: 'Absolute',
  })
  t.match(idleProfile(idle), { chargingProfilePurpose: 'TxDefaultProfile', stackLevel: 8 })
  t.match(failSafeProfile(LIVE), {
    stackLevel: 0,
    chargingSchedule: { startSchedule: '1970-01-01T00:00:00.000Z' },
  })
  const own = [1, 2].flatMap(id => [
    ownProfileId('fail-safe', id),
    ownProfileId('idle', id),
    ownProfileId('live', id),
  ])
  t.equal(new Set(own).size, 6, 'each has an id of its own')
})

function at(...steps: [s: number, limitA: number | undefined][]) {
  return steps.map(([s, limitA]) => ({ atMs: T0 + s * 1000, limitA }))
}

t.test('nothing emitted is ever above what was decided or allowed (CS3)', async t => {
  const arbLive = fc
    .record({
      allocationA: fc.integer({ min: 0, max: 320 }),
      failSafe: fc.constantFrom(0, 6, 8.5),
      stepA: fc.constantFrom<(1 | 0.1)[]>(1, 0.1),
      nowMs: fc.nat(5000),
      leaseMs: fc.integer({ min: -1000, max: 300_000 }),
      offsetMs: fc.integer({ min: -900_000, max: 900_000 }),
      csms: fc.uniqueArray(
        fc.tuple(fc.integer({ min: -5000, max: 900_000 }), fc.option(fc.nat(400), { nil: undefined })),
        { maxLength: 8, selector: ([ms]) => ms },
      ),
      maxPeriods: fc.constantFrom(1, 3, 24),
    })
    .map(
      (it): LiveInput => ({
        ...LIVE,
        allocationA: it.allocationA / 10,
        failSafeA: it.failSafe,
        stepA: it.stepA,
        nowWallMs: T0 + it.nowMs,
        leaseEndWallMs: T0 + it.nowMs + it.leaseMs,
        longestLeaseS: 60,
        stationClockOffsetMs: it.offsetMs,
        maxPeriods: it.maxPeriods,
        csmsSteps: it.csms
          .sort((a, b) => a[0] - b[0])
          .map(([ms, limit]) => ({
            atMs: T0 + ms,
            limitA: limit === undefined ? undefined : limit / 10,
          })),
      }),
    )
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(arbLive, input => {
        const { chargingSchedule } = liveProfile(input)
        const periods = chargingSchedule.chargingSchedulePeriod
        if (periods.length > input.maxPeriods) throw new Error('too many periods')
        if (periods[0]?.startPeriod !== 0) throw new Error('a gap at the start')
        const startMs = Date.parse(chargingSchedule.startSchedule ?? '') - (input.stationClockOffsetMs ?? 0)
        if (startMs > input.nowWallMs) throw new Error('starts in the future')
        const allowedAt = (ms: number) => {
          const allDownMs = Math.max(startMs, input.leaseEndWallMs) + 141_000
          const lease =
            ms < input.leaseEndWallMs
              ? input.allocationA
              : ms < allDownMs
                ? Math.min(input.allocationA, input.failSafeA)
                : input.failSafeA
          return low(lease, input.csmsSteps.filter(step => step.atMs <= ms).at(-1)?.limitA) ?? lease
        }
        let reached = 0
        for (let ms = input.nowWallMs; ms < T0 + 1_000_000; ms += 333) {
          const emitted = periods.filter(it => startMs + it.startPeriod * 1000 <= ms).at(-1)?.limit ?? 0
          const allowed = allowedAt(ms)
          if (emitted > allowed + 1e-9)
            throw new Error(`${emitted} A at ${ms - T0} ms where ${allowed} A are allowed`)
          if (emitted > allowed - input.stepA - 1e-9) reached++
        }
        if (input.maxPeriods === 24 && reached < 2900) throw new Error('gives away more than rounding needs')
      }),
      { numRuns: 150, seed: 21 },
    ),
  )
  const allowing = (limitA: number | undefined) => [{ atMs: T0 - 10_000, limitA }]
  t.doesNotThrow(
    () =>
      fc.assert(
        fc.property(arbLive, input => {
          const [free, wide] = [undefined, 1_000].map(limitA =>
            JSON.stringify(liveProfile({ ...input, csmsSteps: allowing(limitA) })),
          )
          if (free !== wide) throw new Error(`${free} is not ${wide}`)
        }),
        { numRuns: 500, seed: 22 },
      ),
    'where the CSMS limits nothing it is as with a limit above all',
  )
})

t.test(
  'rule 7: clearing what is not ours names purpose and connector, and a level where ours are',
  async t => {
    const requests = [...STATION_CLEARS, ...foreignClears(1, 2, { idleLevel: 2, liveLevel: 2 })]
    const found = requests.map(
      it => `${it.chargingProfilePurpose} ${it.stackLevel ?? 'of any level'} on ${it.connectorId}`,
    )
    const expected = [
      'ChargePointMaxProfile of any level on 0',
      'TxDefaultProfile of any level on 0',
      'TxDefaultProfile 1 on 1',
      'TxProfile 0 on 1',
      'TxProfile 1 on 1',
    ]
    t.same(found.sort(), expected.sort())
  },
)
