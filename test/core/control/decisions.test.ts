/** Decisions as they are kept: whole, bounded, and the same engine on them gives the same answer. */
import fc from 'fast-check'
import t from 'tap'
import { allocate } from '../../../src/core/allocation/share.js'
import { type DecisionRecord, decodeDecision, encodeDecision } from '../../../src/core/control/decision.js'
import {
  type CircuitParts,
  type HeldReason,
  heldSince,
  type Order,
  type Reason,
} from '../../../src/core/control/reason.js'
import { parseWhatIf, replay } from '../../../src/core/control/replay.js'
import { whyView } from '../../../src/core/view/why-words.js'
import { replayLines, replayQuestion } from '../../../src/gateway/replay-report.js'
import { createWorld } from '../../../src/sim/ports/world.js'
import { openDecisionStore } from '../../../src/store/decision-store.js'
import { arbSite, type Site, TIMING } from '../allocation/fixtures/random-sites.js'

const MINUTE = 60_000

function recordOf({ tree, input }: Site, atWallMs: number): DecisionRecord {
  const result = allocate(input)
  return {
    atWallMs,
    circuits: tree.nodes.map(({ id, circuit }, node) => ({
      id,
      ...(circuit.parent !== undefined && { parent: circuit.parent }),
      ratedCurrentA: 100,
      limitA: 98,
      ...(node % 3 === 1 && { orderedA: 60 }),
      availableA: input.availableA[node] ?? [0, 0, 0],
    })),
    cars: input.demands.flatMap((demand, i) => {
      const given = result[i]
      return given === undefined ? [] : [{ demand, offerA: given.allocationA, ...given }]
    }),
    timing: TIMING,
  }
}

const arbRanked = fc.tuple(arbSite(12), fc.array(fc.nat(3), { minLength: 12, maxLength: 12 })).map(
  ([site, ranks]): Site => ({
    ...site,
    input: {
      ...site.input,
      demands: site.input.demands.map((it, i) => ({
        ...it,
        rank: ranks[i] ?? 0,
        ...(i % 3 === 0 && { firm: true }),
      })),
    },
  }),
)

t.test('what is kept is read back as it was, and decided again as it was', async t => {
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(arbRanked, site => {
        const record = recordOf(site, 1_000)
        const back = decodeDecision(JSON.parse(encodeDecision(record)))
        if (sorted(back ?? null) !== sorted(record)) throw new Error('another record')
        if (replay([record, { ...record, atWallMs: 61_000 }], []).differing > 0)
          throw new Error('another answer')
      }),
      { numRuns: 100, seed: 21 },
    ),
  )
  const [first] = evening()
  if (first === undefined) throw new Error('no record')
  const reason: HeldReason = {
    ...({ code: 'share', valueA: 9, lift: 'room', sinceWallMs: -59_000, circuitId: 'm' } as const),
    ...({ phase: 'L2', towardsA: 6, cars: 4, rule: 'equal', about: 'grid', liftWallMs: 31_000 } as const),
  }
  const least: HeldReason = { code: 'csms', valueA: 16, lift: 'csms', sinceWallMs: 1_000 }
  const parts: CircuitParts = {
    circuitId: 'm',
    phase: 'L2',
    limitA: 98,
    parts: [
      { code: 'other load', valueA: 20.1, about: [], count: 0, assumed: 'meter m gives nothing' },
      { code: 'never seen', valueA: 32, about: ['CP-8', 'CP-9'], count: 5 },
    ],
  }
  const whole: DecisionRecord = {
    ...{ ...first, atWallMs: 1_000 },
    circuits: first.circuits.map(circuit => ({
      ...circuit,
      parts: { ...parts, circuitId: circuit.id, limitA: circuit.orderedA ?? circuit.limitA },
    })),
    cars: first.cars.map((car, index) => ({ ...car, reasons: index === 0 ? [least, reason] : [] })),
    others: [{ key: 'CP-7/1', offerA: 6, reasons: [least] }],
  }
  t.equal(
    sorted(decodeDecision(JSON.parse(encodeDecision(whole))) ?? null),
    sorted(whole),
    'with its reasons',
  )
  for (const bad of [
    undefined,
    null,
    1,
    {},
    { v: 2 },
    { v: 1, at: 1, t: [1, 2, 3, 4], c: [1], d: [] },
    { v: 1, at: 1, t: [], c: [], d: [['a']] },
  ])
    t.equal(decodeDecision(bad), undefined, JSON.stringify(bad))
})

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, it: unknown) =>
    typeof it === 'object' && it !== null && !Array.isArray(it)
      ? Object.fromEntries(Object.entries(it).sort(([a], [b]) => (a < b ? -1 : 1)))
      : it,
  )
}

/** Two cars on 20 A, an hour long. */
function evening(): DecisionRecord[] {
  const [sample] = fc.sample(arbSite(1), { numRuns: 1, seed: 1 })
  if (sample === undefined) throw new Error('no site')
  const turn = { on: false, sinceMonoMs: 0, servedAs: 0, priorityClass: 5, entitledAs: 0, owed: false }
  const car = (key: string) => ({
    ...{
      key,
      node: 0,
      phases: [true, true, true] as const,
      minA: 6,
      maxA: 32,
      weight: 1,
      stepA: 1 as const,
      turn,
    },
  })
  const site: Site = {
    tree: sample.tree,
    input: {
      ...sample.input,
      availableA: sample.tree.nodes.map(() => [20, 20, 20]),
      demands: [car('CP-1/1'), car('CP-2/1')],
    },
  }
  return [0, 30, 60].map(minutes => recordOf(site, minutes * MINUTE))
}

t.test('what would have been given with another fuse', async t => {
  const change = parseWhatIf('circuits.m.ratedCurrentA=110')
  if (change === undefined) throw new Error('no change')
  const { cars, circuits, decisions, differing } = replay(evening(), [change])
  t.same([decisions, differing], [3, 0])
  t.same(cars, [
    { id: 'CP-1/1', wasAh: 10, wouldAh: 15 },
    { id: 'CP-2/1', wasAh: 10, wouldAh: 14 },
  ])
  t.equal(circuits[0]?.wasAh, 20)
  t.equal(circuits[0]?.wouldAh, 29, '10 A more, less 2 % of it as margin, in whole amps')
  const ordered = evening().map(record => ({
    ...record,
    circuits: record.circuits.map(circuit => ({ ...circuit, orderedA: 98 })),
  }))
  t.equal(replay(ordered, [change]).circuits[0]?.wouldAh, 20, 'what was ordered holds for any fuse')
  for (const text of [
    'circuits.m.ratedCurrentA=-1',
    'circuits.m.limitA=3',
    'x=1',
    'circuits..marginA=1',
    'circuits.m.marginA=1e9',
  ])
    t.equal(parseWhatIf(text), undefined, text)
})

t.test(
  'the store keeps its bound, the oldest go first, and a clock that goes back loses nothing',
  async t => {
    const world = createWorld({ seed: 1 })
    const { journal, log } = world.ports
    const [record] = evening()
    if (record === undefined) throw new Error('no record')
    const bytes = encodeDecision(record).length
    const store = await world.until(openDecisionStore(journal, log, 10.5 * bytes))
    for (let n = 0; n < 40; n++) await world.until(store.append({ ...record, atWallMs: n * 1_000 }))
    t.ok(store.bytes <= 10.5 * bytes, `${store.bytes} bytes`)
    const kept = await world.until(store.read(0, 1e9, 100))
    t.same([kept.length, kept[0]?.atWallMs, kept.at(-1)?.atWallMs], [10, 30_000, 39_000])
    await world.until(store.append({ ...record, atWallMs: 5 }))
    t.equal((await world.until(store.read(0, 1e9, 100))).length, 10)
    t.ok((await world.until(store.read(39_001, 1e9, 1))).length === 1, 'behind the latest one')
    const all: number[] = []
    const collect = async () => {
      for await (const page of store.pages(0, 1e9)) all.push(...page.map(({ atWallMs }) => atWallMs))
    }
    await world.until(collect())
    const kept9 = Array.from({ length: 9 }, (_, n) => 31_000 + n * 1_000)
    t.same(all, [...kept9, 5], 'each once, in the order in which they came, also where the clock went back')
    const again = await world.until(openDecisionStore(journal, log, 10.5 * bytes))
    t.equal(again.bytes, store.bytes, 'and is counted again after a restart')
  },
)

t.test('the lines of a replay', async t => {
  const world = createWorld({ seed: 1 })
  const store = await world.until(openDecisionStore(world.ports.journal, world.ports.log))
  for (const record of evening()) await world.until(store.append(record))
  const ask = async (...whatIf: string[]) => {
    const question = replayQuestion({ from: '1970-01-01T00:00:00Z', to: undefined, whatIf })
    if (typeof question === 'string') return question
    return (await world.until(replayLines(store, question))).join('\n')
  }
  const text = await ask('circuits.m.ratedCurrentA=110')
  t.match(text, '3 decisions, 1970-01-01T00:00:00.000Z to 1970-01-01T01:00:00.000Z')
  t.match(text, /m +20\.0 +29\.0 +9\.0/)
  const reasons = [
    { code: 'connector', valueA: 32, lift: 'configuration', sinceWallMs: 0 },
    {
      code: 'share',
      valueA: 10,
      lift: 'room',
      circuitId: 'm',
      phase: 'L1',
      cars: 2,
      rule: 'equal',
      sinceWallMs: 0,
    },
    { code: 'ramp', valueA: 8, towardsA: 10, lift: 'time', sinceWallMs: 0 },
  ] as const
  const other = createWorld({ seed: 2 })
  const told = await other.until(openDecisionStore(other.ports.journal, other.ports.log))
  for (const record of evening())
    await other.until(told.append({ ...record, cars: record.cars.map(one => ({ ...one, reasons })) }))
  const question = replayQuestion({
    ...{ from: '1970-01-01T00:00:00Z', to: undefined },
    whatIf: ['circuits.m.ratedCurrentA=110'],
  })
  if (typeof question === 'string') throw new Error(question)
  const lines = (await other.until(replayLines(told, question))).join('\n')
  t.match(
    lines,
    /CP-1\/1\n {2}was +Connector 32 A > m, L1 10 A > Rising 8 A {2}\(Rising: 8 A now.*\) for 1\.0 h/,
  )
  t.match(
    lines,
    /would +Connector 32 A > m, L1 15 A {2}\(m is full on L1: 15 A for this car; 2 cars share it equally/,
  )
  t.match(await ask('circuits.nowhere.ratedCurrentA=80'), 'No circuit "nowhere"')
  t.match(await ask('main=80'), '--what-if: found "main=80"')
  t.match(replayQuestion({ from: 'yesterday', to: undefined, whatIf: [] }), '--from: found "yesterday"')
  const empty = replayQuestion({ from: '2030-01-01T00:00:00Z', to: undefined, whatIf: [] })
  if (typeof empty !== 'string')
    t.same(await world.until(replayLines(store, empty)), ['No decision was kept in this time.'])
})

t.test('a reason holds since it was first given, and whatever else it says of it is of now', async t => {
  const reason: Reason = { code: 'share', valueA: 10, lift: 'room', circuitId: 'main' }
  const first = heldSince([], [reason], 1)
  t.same(first, [{ ...reason, sinceWallMs: 1 }])
  t.equal(heldSince(first, [{ ...reason }], 2), first, 'the chain itself, where it says the same')
  const others: { readonly [Field in keyof Required<Reason>]: Pick<Required<Reason>, Field> } = {
    code: { code: 'turn' },
    valueA: { valueA: 11 },
    lift: { lift: 'turn' },
    liftWallMs: { liftWallMs: 5 },
    circuitId: { circuitId: 'yard' },
    phase: { phase: 'L2' },
    about: { about: 'main' },
    towardsA: { towardsA: 12 },
    cars: { cars: 3 },
    rule: { rule: 'equal' },
    order: { order: { source: 'api', state: 'ordered', id: 'x', by: 'y' } },
  }
  for (const [field, other] of Object.entries(others)) {
    const now = { ...reason, ...other }
    const isNew = field === 'code' || field === 'circuitId'
    t.same(heldSince(first, [now], 2), [{ ...now, sinceWallMs: isNew ? 2 : 1 }], field)
  }
  const order: Order = { source: 'api', state: 'ordered', id: 'x', by: 'y' }
  const ordered = heldSince([], [{ ...reason, order }], 1)
  t.equal(heldSince(ordered, [{ ...reason, order: { ...order } }], 2), ordered, 'the same order, told anew')
  t.equal(whyView(ordered), whyView(ordered), 'its words are found once')
  const differing: readonly Order[] = [
    ...[
      { ...order, source: 'mqtt' as const },
      { ...order, state: 'fallback' as const },
    ],
    ...[
      { ...order, id: 'z' },
      { ...order, by: 'z' },
    ],
  ]
  for (const other of differing) {
    const chain = heldSince(ordered, [{ ...reason, order: other }], 2)
    t.same(chain, [{ ...reason, order: other, sinceWallMs: 1 }], 'another order')
    t.same(whyView(chain).chain[0]?.order, other, 'is said')
  }
  t.same(heldSince(ordered, [reason], 2), first, 'none any more')
})
