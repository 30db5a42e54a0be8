import t from 'tap'
import type { ChargingProfile, ChargingSchedulePeriod } from '../../../src/core/schedule/charging-profile.js'
import { compositeSchedule } from '../../../src/core/schedule/composite-answer.js'
import { wallMsOf } from '../../../src/core/schedule/installed.js'
import {
  parseChargingProfile,
  parseClearChargingProfile,
  parseGetCompositeSchedule,
  parseSetChargingProfile,
  type RequestOutcome,
} from '../../../src/core/schedule/profile-requests.js'
import {
  clearProfiles,
  EMPTY_STORE,
  loadStore,
  type ProfileStore,
  purge,
  setProfile,
} from '../../../src/core/schedule/profile-store.js'
import {
  dropRemoteStart,
  offerRemoteStart,
  transactionStarted,
  transactionStopped,
} from '../../../src/core/schedule/remote-start.js'
import { context, iso, periodsOf, running, T0 } from './fixtures/noon.js'

// ---------------------------------------------------------------- the store

const SCHEDULE = { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }] } as const
const PROFILE = {
  chargingProfileId: 1,
  stackLevel: 0,
  chargingProfilePurpose: 'TxDefaultProfile',
  chargingProfileKind: 'Absolute',
  chargingSchedule: { ...SCHEDULE, startSchedule: iso(T0) },
} as const
type Change = Partial<ChargingProfile>
const profile = (change: Change = {}): ChargingProfile => ({ ...PROFILE, ...change })
const scheduled = (change: Partial<ChargingProfile['chargingSchedule']>) =>
  profile({ chargingSchedule: { ...PROFILE.chargingSchedule, ...change } })
const with1 = context({ transactions: [running(1, 7)] })

function stored(...profiles: [connectorId: number, profile: ChargingProfile][]): ProfileStore {
  let store = EMPTY_STORE
  for (const [connectorId, csChargingProfiles] of profiles) {
    const outcome = setProfile(store, { connectorId, csChargingProfiles }, with1)
    if (outcome.kind !== 'answered' || outcome.status !== 'Accepted') throw new Error(JSON.stringify(outcome))
    store = outcome.store
  }
  return store
}
const ids = (store: ProfileStore) => store.profiles.map(it => it.profile.chargingProfileId)

t.test('SetChargingProfile', async t => {
  const tx = profile({ chargingProfilePurpose: 'TxProfile' })
  const table: [title: string, connectorId: number, profile: ChargingProfile, expected: string][] = [
    ['a default on the station', 0, profile(), 'Accepted'],
    ['a default on a connector', 2, profile(), 'Accepted'],
    ['an unknown connector', 3, profile(), 'PropertyConstraintViolation'],
    [
      'the station maximum on connector 0',
      0,
      profile({ chargingProfilePurpose: 'ChargePointMaxProfile' }),
      'Accepted',
    ],
    [
      'the station maximum on a connector',
      1,
      profile({ chargingProfilePurpose: 'ChargePointMaxProfile' }),
      'Rejected',
    ],
    ['a TxProfile for the running transaction', 1, { ...tx, transactionId: 7 }, 'Accepted'],
    ['a TxProfile without transactionId', 1, tx, 'Accepted'],
    ['a TxProfile for another transaction', 1, { ...tx, transactionId: 8 }, 'Rejected'],
    ['a TxProfile without a transaction', 2, tx, 'Rejected'],
    ['a TxProfile on connector 0', 0, tx, 'Rejected'],
    ['the highest level', 1, profile({ stackLevel: 8 }), 'Accepted'],
    ['a level above it', 1, profile({ stackLevel: 9 }), 'Rejected'],
    ['recurrencyKind on Absolute', 1, profile({ recurrencyKind: 'Daily' }), 'Rejected'],
    ['Recurring', 1, profile({ chargingProfileKind: 'Recurring', recurrencyKind: 'Daily' }), 'Accepted'],
    ['Recurring without recurrencyKind', 1, profile({ chargingProfileKind: 'Recurring' }), 'Rejected'],
    [
      'Recurring without startSchedule',
      1,
      profile({ chargingProfileKind: 'Recurring', recurrencyKind: 'Daily', chargingSchedule: SCHEDULE }),
      'Rejected',
    ],
    ['Relative', 1, profile({ chargingProfileKind: 'Relative', chargingSchedule: SCHEDULE }), 'Accepted'],
    [
      'a first period after 0',
      1,
      scheduled({ chargingSchedulePeriod: [{ startPeriod: 1, limit: 6 }] }),
      'Rejected',
    ],
    ['no period at all', 1, scheduled({ chargingSchedulePeriod: [] }), 'Rejected'],
    [
      'periods out of order',
      1,
      scheduled({ chargingSchedulePeriod: periodsOf('0:6 60:7 60:8') }),
      'Rejected',
    ],
    ['24 periods', 1, scheduled({ chargingSchedulePeriod: steps(24) }), 'Accepted'],
    ['25 periods', 1, scheduled({ chargingSchedulePeriod: steps(25) }), 'Rejected'],
    ['validity that ends before it begins', 1, profile({ validFrom: iso(T0), validTo: iso(T0) }), 'Rejected'],
  ]
  for (const [title, connectorId, csChargingProfiles, expected] of table) {
    const outcome = setProfile(EMPTY_STORE, { connectorId, csChargingProfiles }, with1)
    t.equal(outcome.kind === 'error' ? outcome.error : outcome.status, expected, title)
  }
  const ampsOnly = { ...with1, limits: { ...with1.limits, rateUnits: ['A'] as const } }
  const inWatts = { connectorId: 1, csChargingProfiles: scheduled({ chargingRateUnit: 'W' }) }
  t.match(
    setProfile(EMPTY_STORE, inWatts, ampsOnly),
    { status: 'Rejected' },
    'watts where the model takes amps only',
  )

  const two = stored([1, profile()], [1, profile({ chargingProfileId: 2, stackLevel: 1 })])
  t.same(ids(stored([1, profile()], [2, profile()])), [1], 'the same id is replaced wherever it is')
  t.same(
    ids(stored([1, profile()], [1, profile({ chargingProfileId: 2 })])),
    [2],
    'so is the same purpose and level',
  )
  t.same(
    ids(stored([0, profile()], [1, profile({ chargingProfileId: 2 })])),
    [1, 2],
    'but not on another connector',
  )
  const room = { ...with1, limits: { ...with1.limits, maxProfiles: 2 } }
  const third = { connectorId: 2, csChargingProfiles: profile({ chargingProfileId: 3 }) }
  t.match(setProfile(two, third, room), { status: 'Rejected', store: two }, 'a full store takes no more')
  const expiring = stored(
    [1, profile({ validTo: iso(T0 + 1000) })],
    [1, profile({ chargingProfileId: 2, stackLevel: 1 })],
  )
  t.match(
    setProfile(expiring, third, { ...room, nowWallMs: T0 + 1000 }),
    { status: 'Accepted' },
    'unless one has expired',
  )
})

function steps(count: number): ChargingSchedulePeriod[] {
  return Array.from({ length: count }, (_, i) => ({ startPeriod: i * 60, limit: 6 + (i % 2) }))
}

t.test('ClearChargingProfile', async t => {
  const max = { chargingProfilePurpose: 'ChargePointMaxProfile' } as const
  const store = stored(
    [0, profile({ chargingProfileId: 1, ...max })],
    [0, profile({ chargingProfileId: 2 })],
    [1, profile({ chargingProfileId: 3 })],
    [1, profile({ chargingProfileId: 4, stackLevel: 1 })],
    [2, profile({ chargingProfileId: 5 })],
  )
  const table: [title: string, request: Parameters<typeof clearProfiles>[1], left: number[]][] = [
    ['by id, whatever else is given', { id: 3, connectorId: 2, stackLevel: 5 }, [1, 2, 4, 5]],
    ['by connector', { connectorId: 1 }, [1, 2, 5]],
    ['connector 0 means those installed there', { connectorId: 0 }, [3, 4, 5]],
    ['by purpose', { chargingProfilePurpose: 'ChargePointMaxProfile' }, [2, 3, 4, 5]],
    [
      'all given fields must match',
      { connectorId: 1, stackLevel: 1, chargingProfilePurpose: 'TxDefaultProfile' },
      [1, 2, 3, 5],
    ],
    ['nothing given clears everything', {}, []],
    ['what is not there is unknown', { id: 99 }, [1, 2, 3, 4, 5]],
    ['also when only one field misses', { connectorId: 2, stackLevel: 1 }, [1, 2, 3, 4, 5]],
  ]
  for (const [title, request, left] of table) {
    const outcome = clearProfiles(store, request)
    t.same([ids(outcome.store), outcome.status], [left, left.length === 5 ? 'Unknown' : 'Accepted'], title)
  }
})

t.test('faults in requests', async t => {
  const set = (change: object) => ({ connectorId: 1, csChargingProfiles: { ...PROFILE, ...change } })
  const inSchedule = (change: object) => set({ chargingSchedule: { ...PROFILE.chargingSchedule, ...change } })
  const table: [title: string, outcome: RequestOutcome<unknown>, expected: string][] = [
    [
      'a unit other than A or W',
      parseSetChargingProfile(inSchedule({ chargingRateUnit: 'kW' })),
      'PropertyConstraintViolation',
    ],
    [
      'an unknown purpose',
      parseSetChargingProfile(set({ chargingProfilePurpose: 'TxMax' })),
      'PropertyConstraintViolation',
    ],
    [
      'a negative limit',
      parseSetChargingProfile(inSchedule({ chargingSchedulePeriod: [{ startPeriod: 0, limit: -1 }] })),
      'PropertyConstraintViolation',
    ],
    [
      'a start that is no time',
      parseSetChargingProfile(inSchedule({ startSchedule: 'soon' })),
      'PropertyConstraintViolation',
    ],
    ['a level as text', parseSetChargingProfile(set({ stackLevel: '0' })), 'TypeConstraintViolation'],
    ['half a second', parseSetChargingProfile(inSchedule({ duration: 0.5 })), 'TypeConstraintViolation'],
    [
      'no schedule',
      parseSetChargingProfile({
        connectorId: 1,
        csChargingProfiles: { ...PROFILE, chargingSchedule: undefined },
      }),
      'OccurenceConstraintViolation',
    ],
    [
      'no periods',
      parseSetChargingProfile(inSchedule({ chargingSchedulePeriod: undefined })),
      'OccurenceConstraintViolation',
    ],
    ['no profile', parseSetChargingProfile({ connectorId: 1 }), 'OccurenceConstraintViolation'],
    ['an array', parseSetChargingProfile([]), 'TypeConstraintViolation'],
    [
      'a wrong unit in GetCompositeSchedule',
      parseGetCompositeSchedule({ connectorId: 1, duration: 1, chargingRateUnit: 'X' }),
      'PropertyConstraintViolation',
    ],
    [
      'a negative connector',
      parseGetCompositeSchedule({ connectorId: -1, duration: 1 }),
      'PropertyConstraintViolation',
    ],
    [
      'a purpose to clear',
      parseClearChargingProfile({ chargingProfilePurpose: 'All' }),
      'PropertyConstraintViolation',
    ],
    ['a profile that is text', parseChargingProfile('x'), 'TypeConstraintViolation'],
  ]
  for (const [title, outcome, expected] of table) {
    t.equal(outcome.kind === 'fault' ? outcome.error : 'no fault', expected, title)
  }
  t.equal(wallMsOf('2026-01-05T12:00:00.900'), T0, 'a timestamp without zone is UTC, in whole seconds')
})

t.test('RemoteStartTransaction profiles', async t => {
  const tx = profile({ chargingProfilePurpose: 'TxProfile' })
  const offer = (start: Partial<Parameters<typeof offerRemoteStart>[1]> = {}, store = EMPTY_STORE) => {
    const outcome = offerRemoteStart(
      store,
      { idTag: 'TAG', connectorId: 1, profile: tx, ...start },
      context(),
    )
    return outcome.kind === 'kept' ? outcome.store : undefined
  }
  t.equal(offer({ profile: profile() }), undefined, 'only a TxProfile is taken')
  t.equal(offer({ profile: { ...tx, transactionId: 7 } }), undefined, 'without a transactionId')
  t.equal(offer({ profile: { ...tx, stackLevel: 9 } }), undefined, 'within what the model takes')
  t.equal(offer({ connectorId: 3 }), undefined, 'on a connector that exists')
  const store = offer() ?? EMPTY_STORE
  t.same(store.profiles, [], 'it acts on nothing before its transaction')
  const started = { connectorId: 1, transactionId: 70, idTag: 'tag', wallMs: T0 + 30_000 }
  const charging = transactionStarted(store, started)
  t.match(
    charging.profiles,
    [{ connectorId: 1, profile: { transactionId: 70 } }],
    'then it belongs to it; case of the idTag does not count',
  )
  t.same(charging.pendingRemoteStarts, [])
  t.same(transactionStarted(store, { ...started, connectorId: 2 }).profiles, [], 'not on another connector')
  t.same(transactionStarted(store, { ...started, idTag: 'other' }).profiles, [], 'not for another idTag')
  t.same(
    transactionStarted(store, { ...started, wallMs: T0 + 600_000 }).profiles,
    [],
    'not ten minutes later',
  )
  const anywhere = offer({ connectorId: undefined }) ?? EMPTY_STORE
  t.match(
    transactionStarted(anywhere, { ...started, connectorId: 2 }).profiles,
    [{ connectorId: 2 }],
    'on any where none is named',
  )
  t.same(
    dropRemoteStart(store, { idTag: 'TAG', connectorId: 1 }).pendingRemoteStarts,
    [],
    'dropped when the start failed',
  )
  t.same(
    transactionStopped(charging, { transactionId: 71 }).profiles.length,
    1,
    'it outlives other transactions',
  )
  t.same(transactionStopped(charging, { transactionId: 70 }).profiles, [], 'and ends with its own')
  t.same(
    transactionStarted(charging, { ...started, transactionId: 80, idTag: 'x' }).profiles,
    [],
    'or when the next begins on its connector',
  )
  let many = EMPTY_STORE
  for (let i = 0; i < 40; i++) many = offer({ idTag: `T${i}` }, many) ?? many
  t.equal(many.pendingRemoteStarts.length, 16, 'only so many wait')
  t.same(purge(many, T0 + 600_000).pendingRemoteStarts, [], 'and not for ever')
})

t.test('a store survives being saved', async t => {
  const kept = offerRemoteStart(
    stored(
      [0, profile()],
      [1, profile({ chargingProfileId: 2, chargingProfilePurpose: 'TxProfile', validTo: iso(T0 + 9) })],
    ),
    { idTag: 'TAG', connectorId: undefined, profile: profile({ chargingProfilePurpose: 'TxProfile' }) },
    context(),
  )
  if (kept.kind !== 'kept') throw new Error('refused')
  t.same(loadStore(JSON.parse(JSON.stringify(kept.store))), kept.store)
  t.equal(
    loadStore({ profiles: [{ connectorId: 1 }], pendingRemoteStarts: [] }),
    undefined,
    'a damaged one is none',
  )
  t.equal(loadStore(null), undefined)
})

t.test('rule 19: GetCompositeSchedule', async t => {
  const ask = (store: ProfileStore, change: object) =>
    compositeSchedule(store, { connectorId: 1, duration: 60, ...change }, context())
  t.same(ask(EMPTY_STORE, { connectorId: 3 }), { status: 'Rejected' }, 'an unknown connector is rejected')
  const wattsFirst = context({ limits: { ...context().limits, rateUnits: ['W', 'A'] } })
  const store = stored([
    1,
    scheduled({ chargingSchedulePeriod: [{ startPeriod: 0, limit: 10.05, numberPhases: 1 }] }),
  ])
  t.match(
    compositeSchedule(store, { connectorId: 1, duration: 60 }, wattsFirst),
    {
      chargingSchedule: {
        chargingRateUnit: 'W',
        chargingSchedulePeriod: [{ startPeriod: 0, limit: 2311, numberPhases: 1 }],
      },
    },
    'without a unit the first the station takes, rounded down',
  )
  t.match(
    ask(store, { connectorId: 0 }),
    { chargingSchedule: { chargingSchedulePeriod: [{ limit: 42 }] } },
    'connector 0 is the sum of its connectors',
  )
  const local = (connectorId: number) =>
    compositeSchedule(store, { connectorId, duration: 60 }, context({ localLimitA: [7.25, 14] }))
  t.match(
    local(1),
    { chargingSchedule: { chargingSchedulePeriod: [{ limit: 7.2 }] } },
    'the lower of both where ours shows',
  )
  t.match(local(0), { chargingSchedule: { chargingSchedulePeriod: [{ limit: 21.2 }] } })
  const daily = stored([
    1,
    profile({
      chargingProfileKind: 'Recurring',
      recurrencyKind: 'Daily',
      chargingSchedule: { ...PROFILE.chargingSchedule, chargingSchedulePeriod: periodsOf('0:6 3600:9') },
    }),
  ])
  const conf = ask(daily, { duration: 2_147_483_647 })
  t.match(conf, { chargingSchedule: { duration: 604_800 } }, 'years are cut to a week')
  t.equal(
    conf.status === 'Accepted' && conf.chargingSchedule.chargingSchedulePeriod.length,
    14,
    'with each day in it',
  )
})
