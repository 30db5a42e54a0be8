/** Who is served first and in full: ranks against a solver, the sharing rules, and what a false claim can do. */
import fc from 'fast-check'
import t from 'tap'
import { equalShares, owed } from '../../../src/core/allocation/accounts.js'
import type { AllocationInput, Demand, Turn } from '../../../src/core/allocation/demand.js'
import { allocate, continuousShares } from '../../../src/core/allocation/share.js'
import { laxityMs, ranked, type Sharer } from '../../../src/core/allocation/sharing.js'
import { firstTurn, stepTurn } from '../../../src/core/allocation/turn.js'
import { SHARING_RULES, type SharingRule } from '../../../src/core/config/site-profile.js'
import { ALL_PHASES, type PerPhase } from '../../../src/core/site/phases.js'
import { buildSiteTree } from '../../../src/core/site/tree.js'
import {
  arbSite,
  circuit,
  eachConstraint,
  loadSolver,
  MINUTE,
  maxMinShares,
  mostOn,
  type Site,
  TIMING,
} from './fixtures/random-sites.js'

const HOUR = 60 * MINUTE
const ONE_CIRCUIT = buildSiteTree([circuit('main')])
const each = (amps: number): PerPhase => [amps, amps, amps]
const OFF: Turn = { on: false, sinceMonoMs: 0, servedAs: 0, priorityClass: 5, entitledAs: 0, owed: false }

const demandOf = (key: string, change: Partial<Demand> = {}): Demand => ({
  ...{ key, node: 0, phases: ALL_PHASES, minA: 6, maxA: 16, weight: 1, stepA: 1, turn: OFF },
  ...change,
})
const sharer = (key: string, change: Partial<Sharer> = {}): Sharer => ({
  ...{ demand: demandOf(key), arrivedMs: 0, isFull: false },
  ...change,
})
const inClass = (key: string, priorityClass: number, change: Partial<Turn> = {}): Partial<Sharer> => ({
  demand: demandOf(key, { turn: { ...OFF, ...change, priorityClass } }),
})

function given(rule: SharingRule, roomA: number, sharers: readonly Sharer[]): readonly number[] {
  const demands = ranked(rule, sharers, TIMING.quantumMs)
  return allocate({ tree: ONE_CIRCUIT, availableA: [each(roomA)], demands, ...TIMING }).map(
    ({ allocationA }) => allocationA,
  )
}

// ---------------------------------------------------------------- against a solver

/** The same sites with ranks; nobody is held by a least time, which is the business of other tests. */
function rankedSites(count: number, most: number, seed: number): readonly Site[] {
  const ranks = fc.array(fc.nat(3), { minLength: most, maxLength: most })
  const wanted = fc.tuple(arbSite(most), ranks).map(([{ tree, input }, rank]): Site => {
    const demands = input.demands.map((it, i) => ({
      ...it,
      rank: rank[i] ?? 0,
      turn: { ...it.turn, on: false, priorityClass: 5, sinceMonoMs: 0 },
    }))
    return { tree, input: { ...input, demands } }
  })
  return fc.sample(wanted, { numRuns: count, seed })
}

t.test('rank by rank the shares are those of an independent solver', async t => {
  const solver = await loadSolver()
  let compared = 0
  let widestA = 0
  for (const site of rankedSites(40, 12, 11)) {
    const ours = continuousShares(site.input)
    const taken = new Map<number, number>()
    for (const rank of [0, 1, 2, 3]) {
      const on = ours.flatMap((amps, i) => (amps > 0 && site.input.demands[i]?.rank === rank ? [i] : []))
      const oracle = maxMinShares(site, on, taken, solver)
      for (const i of on) {
        compared++
        widestA = Math.max(widestA, Math.abs((ours[i] ?? 0) - (oracle.get(i) ?? 0)))
        taken.set(i, ours[i] ?? 0)
      }
    }
  }
  t.ok(compared > 100, `${compared} shares compared`)
  t.ok(widestA <= 1e-9, `the widest gap is ${widestA} A`)
})

t.test('in one rank the shares are those of an independent solver', async t => {
  const solver = await loadSolver()
  let compared = 0
  let widestA = 0
  for (const site of fc.sample(arbSite(12), { numRuns: 25, seed: 5 })) {
    const ours = continuousShares(site.input)
    const on = ours.flatMap((amps, i) => (amps > 0 ? [i] : []))
    const oracle = maxMinShares(site, on, new Map(), solver)
    for (const i of on) {
      compared++
      widestA = Math.max(widestA, Math.abs((ours[i] ?? 0) - (oracle.get(i) ?? 0)))
    }
  }
  t.ok(compared > 50 && widestA <= 1e-9, `${compared} shares compared, the widest gap is ${widestA} A`)
})

/** With what each rule goes by, at random: arrivals, departures, needs, classes, turns; nobody is held by a least time. */
function claimedSites(count: number, seed: number): readonly { site: Site; sharers: readonly Sharer[] }[] {
  const arbClaim = fc.record({
    arrivedMs: fc.nat(1000),
    stayMs: fc.option(fc.integer({ min: 0, max: 12 * HOUR }), { nil: undefined }),
    needAs: fc.option(fc.nat(500_000), { nil: undefined }),
    priorityClass: fc.integer({ min: 1, max: 3 }),
    isFull: fc.nat(9).map(dice => dice === 0),
  })
  const claims = fc.array(arbClaim, { minLength: 12, maxLength: 12 })
  const wanted = fc.tuple(arbSite(12), claims).map(([site, claim]) => ({
    site,
    sharers: site.input.demands.map((it, i): Sharer => {
      const { arrivedMs = 0, stayMs, needAs, priorityClass = 5, isFull = false } = claim[i] ?? {}
      const turn = { ...it.turn, on: false, sinceMonoMs: 0, priorityClass }
      return {
        ...{ demand: { ...it, turn }, arrivedMs, isFull },
        ...(stayMs !== undefined && { stayMs }),
        ...(needAs !== undefined && { needAs }),
      }
    }),
  }))
  return fc.sample(wanted, { numRuns: count, seed })
}

t.test(
  'B2: by each sharing rule the shares are those of an independent solver, and none is over',
  async t => {
    const solver = await loadSolver()
    for (const rule of SHARING_RULES) {
      let [compared, widestA, over] = [0, 0, 0]
      for (const { site, sharers } of claimedSites(25, 21)) {
        const input = { ...site.input, demands: ranked(rule, sharers, TIMING.quantumMs) }
        const played = { ...site, input }
        const ours = continuousShares(input)
        const taken = new Map<number, number>()
        const ranks = [...new Set(input.demands.map(({ rank = 0 }) => rank))].sort((a, b) => a - b)
        for (const of of ranks) {
          const on = ours.flatMap((amps, i) => (amps > 0 && (input.demands[i]?.rank ?? 0) === of ? [i] : []))
          if (on.length === 0) continue
          for (const [i, amps] of maxMinShares(played, on, taken, solver)) {
            compared++
            widestA = Math.max(widestA, Math.abs((ours[i] ?? 0) - amps))
          }
          for (const i of on) taken.set(i, ours[i] ?? 0)
        }
        const steps = allocate(input).map(({ allocationA }) => allocationA)
        eachConstraint(played, (capA, members) => {
          const sumDa = members.reduce((sum, i) => sum + Math.round((steps[i] ?? 0) * 10), 0)
          if (sumDa > 0 && sumDa > Math.round(capA * 10)) over++
        })
      }
      t.ok(compared > 60 && widestA <= 1e-9, `${rule}: ${compared} shares, the widest gap is ${widestA} A`)
      t.equal(over, 0, `${rule}: no circuit is over`)
    }
  },
)

t.test('B2: with classes and turns no more cars could be on, but for one in twenty-five', async t => {
  const solver = await loadSolver()
  const found = { all: 0, allMost: 0, first: 0, firstMost: 0 }
  for (const { site, sharers } of claimedSites(150, 22)) {
    const input = { ...site.input, demands: sharers.map(({ demand }) => demand) }
    const on = continuousShares(input).map(amps => amps > 0)
    found.all += on.filter(Boolean).length
    found.allMost += mostOn({ ...site, input }, solver)
    const first = input.demands.filter(({ turn }) => turn.priorityClass === 1)
    found.first += input.demands.filter(({ turn }, i) => turn.priorityClass === 1 && on[i]).length
    if (first.length > 0) found.firstMost += mostOn({ ...site, input: { ...input, demands: first } }, solver)
  }
  t.ok(found.first >= 0.96 * found.firstMost, `first class: ${found.first} of ${found.firstMost}`)
  t.ok(found.all >= 0.96 * found.allMost, `in all: ${found.all} of ${found.allMost}`)
  t.ok(found.firstMost > 100)
})

t.test('no more cars could be on, but for one in twenty-five', async t => {
  const solver = await loadSolver()
  let ours = 0
  let most = 0
  for (const site of fc.sample(arbSite(14), { numRuns: 150, seed: 12 })) {
    const demands = site.input.demands.map(it => ({ ...it, turn: OFF }))
    const input = { ...site.input, demands }
    ours += continuousShares(input).filter(amps => amps > 0).length
    most += mostOn({ ...site, input }, solver)
  }
  t.ok(ours >= 0.96 * most, `${ours} of ${most}`)
  t.ok(most > 500)
})

t.test('with ranks, least times and firm shares', async t => {
  const arb = fc
    .tuple(arbSite(24), fc.array(fc.nat(4), { minLength: 24, maxLength: 24 }))
    .map(([site, rank]) => {
      const demands = site.input.demands.map((it, i) => ({
        ...it,
        rank: it.turn.priorityClass * 10 + (rank[i] ?? 0),
        firm: (rank[i] ?? 0) === 0,
      }))
      return { ...site, input: { ...site.input, demands } }
    })
  const run = (title: string, check: (site: Site, amps: readonly number[]) => void) =>
    t.doesNotThrow(
      () =>
        fc.assert(
          fc.property(arb, site =>
            check(
              site,
              allocate(site.input).map(({ allocationA }) => allocationA),
            ),
          ),
          { numRuns: 150, seed: 13 },
        ),
      title,
    )
  run('no circuit is ever over, nobody is outside min..max or between steps', (site, amps) => {
    eachConstraint(site, (capA, members) => {
      const sumDa = members.reduce((sum, i) => sum + Math.round((amps[i] ?? 0) * 10), 0)
      if (sumDa > 0 && sumDa > Math.round(capA * 10)) throw new Error('over a limit')
    })
    site.input.demands.forEach((it, i) => {
      const givenDa = Math.round((amps[i] ?? 0) * 10)
      if (givenDa === 0) return
      if (givenDa < 60 || givenDa > Math.round(it.maxA * 10)) throw new Error('outside min..max')
      if (givenDa % (it.stepA * 10) !== 0) throw new Error('between steps')
    })
  })
  run('what is firm does not depend on who comes after it', (site, amps) => {
    const locked = site.input.demands.some(
      ({ turn }) => turn.on && TIMING.nowMonoMs - turn.sinceMonoMs < TIMING.minOnMs,
    )
    if (locked) return
    const first = site.input.demands.filter(({ rank }) => rank === 10)
    const alone = allocate({ ...site.input, demands: first })
    const beside = site.input.demands.flatMap(({ rank }, i) => (rank === 10 ? [amps[i] ?? 0] : []))
    beside.forEach((allocationA, i) => {
      if (allocationA !== alone[i]?.allocationA) throw new Error('a firm share was shortened')
    })
  })
})

// ---------------------------------------------------------------- the rules

t.test('who gets what 20 A are for', async t => {
  const weighted = (key: string, weight: number) => sharer(key, { demand: demandOf(key, { weight }) })
  const leaving = (key: string, hours: number, needAh?: number) =>
    sharer(key, { stayMs: hours * HOUR, ...(needAh !== undefined && { needAs: needAh * 3600 }) })
  const table: [title: string, SharingRule, number, Sharer[], number[]][] = [
    [
      'equal: the same for all, whatever their weight',
      'equal',
      20,
      [weighted('a', 3), weighted('b', 1)],
      [10, 10],
    ],
    [
      'weighted: three times as much above the minimum',
      'weighted',
      20,
      [weighted('a', 3), weighted('b', 1)],
      [12, 8],
    ],
    [
      'first-come: the first in full, the next what is left',
      'first-come',
      26,
      [sharer('a', { arrivedMs: 2 }), sharer('b', { arrivedMs: 1 }), sharer('c', { arrivedMs: 3 })],
      [10, 16, 0],
    ],
    [
      'room too small for a minimum is made into one by whoever came last before it',
      'first-come',
      20,
      [sharer('a', { arrivedMs: 1 }), sharer('b', { arrivedMs: 2 })],
      [14, 6],
    ],
    [
      'but not where nothing is won by it',
      'first-come',
      16,
      [sharer('a'), sharer('b', { arrivedMs: 1 })],
      [16, 0],
    ],
    [
      'least-laxity: who can wait least, and equal laxity shares',
      'least-laxity',
      24,
      [leaving('a', 8, 32), leaving('b', 3, 32), leaving('c', 8, 112)],
      [0, 12, 12],
    ],
    ['equal laxity shares', 'least-laxity', 20, [leaving('a', 4, 32), leaving('b', 4, 32)], [10, 10]],
    [
      'a class comes before a laxity',
      'least-laxity',
      16,
      [leaving('a', 2, 32), sharer('b', inClass('b', 1))],
      [0, 16],
    ],
    [
      'where not every minimum fits the class decides also among equals',
      'equal',
      11,
      [sharer('a'), sharer('b', inClass('b', 1))],
      [0, 11],
    ],
    [
      'everybody in the first class: equal shares',
      'equal',
      20,
      [sharer('a', inClass('a', 1)), sharer('b', inClass('b', 1))],
      [10, 10],
    ],
    [
      'a full car leaves its minimum to whoever waits',
      'equal',
      11,
      [sharer('a', { isFull: true }), sharer('b')],
      [0, 11],
    ],
    ['and keeps it where there is room', 'equal', 22, [sharer('a', { isFull: true }), sharer('b')], [6, 16]],
    [
      'one that is asked has its minimum of what others have above theirs, whatever their class',
      'first-come',
      16,
      [sharer('a', { isFull: true, isAsked: true }), sharer('b', inClass('b', 1))],
      [6, 10],
    ],
    [
      'but nobody is paused for it',
      'first-come',
      17,
      [
        sharer('a', { isFull: true, isAsked: true }),
        sharer('b', { arrivedMs: 1 }),
        sharer('c', { arrivedMs: 2 }),
      ],
      [0, 11, 6],
    ],
    [
      'nor does it take from what is owed',
      'least-laxity',
      16,
      [sharer('a', { isFull: true, isAsked: true }), sharer('b', inClass('b', 5, { owed: true }))],
      [0, 16],
    ],
    [
      'whoever is owed comes before every claim',
      'least-laxity',
      16,
      [leaving('a', 1, 32), sharer('b', inClass('b', 5, { owed: true }))],
      [0, 16],
    ],
  ]
  for (const [title, rule, roomA, sharers, expected] of table)
    t.same(given(rule, roomA, sharers), expected, title)
})

t.test('laxity', async t => {
  const at = (stayMs: number | undefined, needAs?: number) =>
    laxityMs(
      sharer('a', { ...(stayMs !== undefined && { stayMs }), ...(needAs !== undefined && { needAs }) }),
    )
  t.equal(at(4 * HOUR, 16 * 3600), 3 * HOUR, 'is the stay less the time to charge')
  t.equal(at(4 * HOUR, 1e15), 0, 'is never below zero: 10^9 Wh are only urgent')
  t.equal(at(1e15, 1), 48 * HOUR, 'nor above two days')
  t.equal(at(undefined), HOUR, 'of whoever says nothing is an hour')
})

// ---------------------------------------------------------------- false claims

interface Player {
  readonly key: string
  readonly fromStep: number
  readonly toStep: number
  readonly needAs: number
  /** What it says: stay from now, and need, at a step; undefined = nothing. */
  readonly says: (step: number) => Pick<Sharer, 'stayMs' | 'needAs' | 'isGuess'> | undefined
}

const STEP_MS = MINUTE

/** Ampere-seconds each has taken when it leaves, and how often each was switched. */
function play(rule: SharingRule, players: readonly Player[], roomA: number) {
  const takenAs = players.map(() => 0)
  const switches = players.map(() => 0)
  let turns: readonly Turn[] = players.map(() =>
    firstTurn({ nowMonoMs: 0, waitsForMs: TIMING.quantumMs, weight: 1 }, 5, []),
  )
  for (let step = 0; step < 600; step++) {
    const nowMonoMs = step * STEP_MS
    const present = players.flatMap(({ fromStep, toStep, needAs }, i) =>
      fromStep <= step && step < toStep && (takenAs[i] ?? 0) < needAs ? [i] : [],
    )
    const seen = present.map(i => {
      const player = players[i]
      const turn = turns[i] ?? OFF
      const demand = demandOf(player?.key ?? '', { turn, maxA: 32 })
      return sharer('', { demand, arrivedMs: player?.fromStep ?? 0, ...player?.says(step) })
    })
    const input: AllocationInput = {
      ...{ tree: ONE_CIRCUIT, availableA: [each(roomA)], demands: seen.map(({ demand }) => demand) },
      ...{ ...TIMING, nowMonoMs },
    }
    const equalA = equalShares(input)
    const isOwed = owed(input, seen, equalA)
    const judged = seen.map((it, k) => ({
      ...it,
      demand: {
        ...it.demand,
        turn: { ...it.demand.turn, owed: isOwed[k] === true },
      },
    }))
    const result = allocate({ ...input, demands: ranked(rule, judged, TIMING.quantumMs) })
    const next = [...turns]
    present.forEach((i, k) => {
      const currentA = result[k]?.allocationA ?? 0
      const turn = judged[k]?.demand.turn ?? OFF
      if (turn.on !== currentA > 0) switches[i] = (switches[i] ?? 0) + 1
      takenAs[i] = (takenAs[i] ?? 0) + (currentA * STEP_MS) / 1000
      const flow = { on: currentA > 0, currentA, equalA: equalA[k] ?? 0, elapsedMs: STEP_MS, nowMonoMs }
      next[i] = stepTurn(turn, flow)
    })
    turns = next
  }
  return {
    takenAs: takenAs.map((as, i) => Math.min(as, players[i]?.needAs ?? 0)),
    /** Behind what an equal share would have given it. */
    debtAs: turns.map(({ entitledAs, servedAs }) => entitledAs - servedAs),
    switches,
  }
}

const AH = 3_600
const honest = (key: string, fromStep: number, toStep: number, needAh: number): Player => ({
  ...{ key, fromStep, toStep, needAs: needAh * AH },
  says: step => ({ stayMs: (toStep - step) * STEP_MS, needAs: needAh * AH }),
})
const silent = (key: string, fromStep: number, toStep: number, needAh: number): Player => ({
  ...honest(key, fromStep, toStep, needAh),
  says: () => undefined,
})
const LIES: readonly [title: string, says: Player['says']][] = [
  ['leaves in a minute, at every minute', () => ({ stayMs: MINUTE, needAs: 1e3 })],
  ['wants 10^9 Wh', () => ({ stayMs: 4 * HOUR, needAs: 1e9 * 15 })],
  ['has left long ago', () => undefined],
  [
    'leaves in an hour and stays',
    step => (step < 60 ? { stayMs: (60 - step) * STEP_MS, needAs: 1e6 } : undefined),
  ],
]

/** Half an hour at the minimum: a least time on of somebody else, and a quantum. */
const LAG_AH = 3

t.test('a false claim takes from nobody what an equal share would have given', async t => {
  for (const [title, says] of LIES) {
    for (const roomA of [14, 25, 40]) {
      const liars = [0, 1].map((n): Player => ({ ...silent(`liar-${n}`, 0, 600, 300), says }))
      const others = [
        honest('a', 0, 480, 40),
        honest('b', 30, 300, 10),
        honest('c', 60, 420, 60),
        silent('d', 0, 360, 60),
        silent('e', 90, 540, 50),
      ]
      const { takenAs, debtAs, switches } = play('least-laxity', [...liars, ...others], roomA)
      others.forEach(({ key, needAs }, i) => {
        const missingAh = (needAs - (takenAs[i + 2] ?? 0)) / AH
        const behindAh = Math.min(missingAh, (debtAs[i + 2] ?? 0) / AH)
        t.ok(behindAh <= LAG_AH, `${title}, ${roomA} A: ${key} leaves ${behindAh.toFixed(1)} Ah behind`)
      })
      t.ok(
        Math.max(...switches) <= 40,
        `at most four switches per car and hour (${switches.join(' ')} in ten)`,
      )
    }
  }
})

t.test('a wrong guess takes from nobody, and not from whom it is about, more than a lag', async t => {
  for (const roomA of [14, 25, 40]) {
    const guessed = (key: string, toStep: number, saidStep: number): Player => ({
      ...silent(key, 0, toStep, 60),
      says: step => ({ stayMs: Math.max(1, saidStep - step) * STEP_MS, needAs: 60 * AH, isGuess: true }),
    })
    // One leaves five hours before it usually does, one stays for hours after.
    const players = [guessed('early', 240, 540), guessed('late', 600, 60), silent('a', 0, 480, 60)]
    const { takenAs, debtAs } = play('least-laxity', [...players, honest('b', 0, 420, 60)], roomA)
    takenAs.forEach((as, i) => {
      const behindAh = Math.min(60 - as / AH, (debtAs[i] ?? 0) / AH)
      t.ok(behindAh <= LAG_AH, `${roomA} A: ${i} leaves ${behindAh.toFixed(1)} Ah behind`)
    })
  }
})

t.test('true claims are met where equal shares would miss them', async t => {
  const players = [honest('bus', 0, 120, 44), silent('a', 0, 480, 44), honest('b', 0, 480, 88)]
  const [busEqual = 0] = play('equal', players, 22).takenAs
  const taken = play('least-laxity', players, 22).takenAs
  t.ok(busEqual / AH < 20, `equal: the bus leaves with ${(busEqual / AH).toFixed(1)} Ah of 44`)
  t.ok((taken[0] ?? 0) / AH >= 26, `least-laxity: with ${((taken[0] ?? 0) / AH).toFixed(1)} Ah`)
  t.ok((taken[1] ?? 0) / AH >= 43 && (taken[2] ?? 0) / AH >= 87, 'and the others are ready when they leave')
})

t.test('every rule has a place in the tests above', async t => {
  t.same([...SHARING_RULES], ['equal', 'weighted', 'first-come', 'least-laxity'])
})
