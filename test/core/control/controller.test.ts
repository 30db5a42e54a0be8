/** The controller alone, by hand: events in, effects out, every answer of the stations chosen by the test. */
import t from 'tap'
import { result } from '../../../src/core/answer.js'
import { siteConfigSchema } from '../../../src/core/config/site.js'
import { siteProfileSchema } from '../../../src/core/config/site-profile.js'
import { stationModelSchema } from '../../../src/core/config/station-model.js'
import { Controller } from '../../../src/core/control/controller.js'
import { decisionNews, decisionRecord } from '../../../src/core/control/decision.js'
import { meterPowerW } from '../../../src/core/control/power.js'
import { reasonsOfAll } from '../../../src/core/control/reasons.js'
import type { ControlSite, Effect } from '../../../src/core/control/state.js'
import type { MeterReading, StationEvent } from '../../../src/core/events.js'
import { controlConditions } from '../../../src/core/view/control-conditions.js'
import { circuitPower } from '../../../src/core/view/power.js'
import { ControlLoop } from '../../../src/gateway/control-loop.js'
import { createWorld } from '../../../src/sim/ports/world.js'
import { openControlStore } from '../../../src/store/control-store.js'

const SECOND = 1_000
const MODEL = stationModelSchema.parse({
  id: 'm',
  vendor: 'v',
  models: [],
  sources: [],
  smartCharging: {
    rateUnits: ['A'],
    maxStackLevel: 1,
    maxPeriods: 10,
    maxProfiles: 30,
    holdsZero: true,
    obeysUnseen: true,
  },
  configuration: [],
})
const PROFILE = siteProfileSchema.parse({
  id: 'workplace',
  title: 'test',
  raiseAfterMs: 0,
  raiseStepA: 32,
  raiseEveryMs: 1,
  deadBandA: 1,
  reclaim: { belowOfferA: 1, afterMs: 60_000, keepA: 2, probeStepA: 4, probeEveryMs: 300_000 },
  minOnMs: 0,
  minOffMs: 0,
  quantumMs: 900_000,
  maxLeaseS: 300,
})
const CONFIG = siteConfigSchema.parse({
  version: 1,
  site: { id: 's', timeZone: 'UTC' },
  circuits: [{ id: 'main', ratedCurrentA: 64, marginA: 0, meter: 'grid', worstCaseOtherLoadA: 10 }],
  meters: [{ id: 'grid', device: 'x', connection: { kind: 'tcp', host: 'h' } }],
  stations: ['CP-1', 'CP-2'].map(id => ({
    id,
    device: 'm',
    circuit: 'main',
    connectors: [{ id: 1, phases: 'L1L2L3', phaseRotation: 'RST', maxCurrentA: 32, failSafeCurrentA: 6 }],
  })),
})

type Call = Effect & { readonly kind: 'call' }

const SITE: ControlSite = {
  config: CONFIG,
  models: new Map([['m', MODEL]]),
  profile: PROFILE,
  leaseS: new Map([
    ['CP-1', 300],
    ['CP-2', 300],
  ]),
  csmsSteps: (_station, _connector, fromMs) => [{ atMs: fromMs, limitA: undefined }],
}

/** Two charging stations on one metered circuit; those in `deaf` do not answer. */
class Bench {
  nowMs = 0
  baseA = 0
  readonly deaf = new Set<string>()
  /** Offers by station as they were sent, newest last. */
  readonly sent = new Map<string, number[]>()
  /** Who was asked for a sample, and when, s. */
  readonly asked: { readonly stationId: string; readonly atS: number; readonly writtenS: number }[] = []
  readonly #writtenS = new Map<string, number>()
  /** Answers to such questions by station; Accepted where nothing else is said. */
  readonly triggerStatus = new Map<string, string>()
  readonly controller: Controller
  readonly #limits = new Map<string, number>()

  constructor(model = MODEL) {
    this.controller = new Controller({ ...SITE, models: new Map([['m', model]]) }, [], this.now())
  }

  now() {
    return { monoMs: this.nowMs, wallMs: this.nowMs }
  }

  /** A sample of its car, A on all phases. */
  sample(stationId: string, amps: number): void {
    const sample = { ownPhasesA: [amps, amps, amps] as const }
    this.controller.onStation({ kind: 'measured', stationId, connectorId: 1, sample }, this.now())
    this.#carryOut()
  }

  open(): void {
    for (const stationId of ['CP-1', 'CP-2']) {
      this.controller.onStation({ kind: 'connected', stationId }, this.now())
      this.controller.onStation({ kind: 'booted', stationId, info: { vendor: 'v', model: 'm' } }, this.now())
      this.controller.onStation({ kind: 'clock-seen', stationId, stationWallMs: this.nowMs }, this.now())
      this.controller.onStation(
        {
          kind: 'transaction-started',
          stationId,
          connectorId: 1,
          transactionId: 1,
          idTag: 'T',
          meterStartWh: 0,
          startedWallMs: this.nowMs,
        },
        this.now(),
      )
      this.#carryOut()
    }
  }

  run(seconds: number): void {
    for (let second = 0; second < seconds; second++) {
      this.nowMs += SECOND
      const currentA = [this.baseA, this.baseA, this.baseA] as const
      this.controller.onMeter({ meterId: 'grid', monoMs: this.nowMs, currentA }, this.now())
      this.#carryOut()
    }
  }

  offers(stationId: string): readonly number[] {
    return this.sent.get(stationId) ?? []
  }

  #carryOut(): void {
    for (
      let effects = this.controller.takeEffects();
      effects.length > 0;
      effects = this.controller.takeEffects()
    ) {
      for (const effect of effects) if (effect.kind === 'call') this.#answer(effect)
    }
  }

  #answer(call: Call): void {
    const payload = JSON.parse(JSON.stringify(call.payload))
    const profile = payload.csChargingProfiles
    if (profile?.chargingProfilePurpose === 'TxProfile') {
      const limitA: number = profile.chargingSchedule.chargingSchedulePeriod[0].limit
      this.sent.set(call.stationId, [...this.offers(call.stationId), limitA])
      this.#limits.set(call.stationId, limitA)
      this.#writtenS.set(call.stationId, this.nowMs / SECOND)
    }
    if (this.deaf.has(call.stationId)) return
    if (call.action === 'TriggerMessage') {
      const { stationId } = call
      this.asked.push({ stationId, atS: this.nowMs / SECOND, writtenS: this.#writtenS.get(stationId) ?? 0 })
      const status = this.triggerStatus.get(call.stationId) ?? 'Accepted'
      this.controller.onAnswer(call.tag, result({ status }), this.now())
      return
    }
    const composite = {
      status: 'Accepted',
      chargingSchedule: {
        chargingRateUnit: 'A',
        chargingSchedulePeriod: [{ startPeriod: 0, limit: this.#limits.get(call.stationId) ?? 0 }],
      },
    }
    const conf = call.action === 'GetCompositeSchedule' ? composite : { status: 'Accepted' }
    this.controller.onAnswer(call.tag, result(conf), this.now())
  }
}

t.test('a station that does not answer', async t => {
  const bench = new Bench()
  bench.open()
  bench.run(60)
  t.ok((bench.offers('CP-1').at(-1) ?? 0) >= 25, `CP-1 has its share: ${bench.offers('CP-1').at(-1)} A`)
  bench.deaf.add('CP-1')
  bench.baseA = 20
  bench.run(1)
  const asked = bench.offers('CP-1').at(-1) ?? 0
  t.ok(asked <= 22, `it is asked to give way: ${asked} A`)
  bench.run(2)
  t.ok(
    (bench.offers('CP-2').at(-1) ?? 99) <= asked - 4,
    `after a second the other gives way at once: ${bench.offers('CP-2').at(-1)} A`,
  )
  bench.baseA = 50
  bench.run(3)
  t.ok(
    (bench.offers('CP-1').at(-1) ?? 99) <= 14,
    `a newer lower is queued behind the silence: ${bench.offers('CP-1').at(-1)} A`,
  )
  const booked = bench.controller.state.bookedA[0]?.[0] ?? 0
  t.ok(booked >= 25, `and the old offer stays booked: ${booked} A`)
})

/** Two cars that take all, told to stop by a load that has gone by now: each waits for what the other leaves. */
function lowered(change: (bench: Bench) => void): Bench {
  const smartCharging = { ...MODEL.smartCharging, obeysUnseen: false }
  const bench = new Bench({ ...MODEL, smartCharging })
  bench.open()
  for (let s = 0; s < 60; s += 10) {
    for (const id of ['CP-1', 'CP-2']) bench.sample(id, bench.offers(id).at(-1) ?? 0)
    bench.run(10)
  }
  bench.baseA = 100
  bench.run(1)
  bench.baseA = 54
  bench.asked.length = 0
  change(bench)
  return bench
}

t.test('a lower that has had its 11 s is asked for the sample that proves it, while somebody waits', t => {
  const ofFirst = ({ asked }: Bench) => asked.filter(({ stationId }) => stationId === 'CP-1')
  const silent = lowered(bench => bench.run(100))
  const asked = ofFirst(silent)
  t.ok(asked.length > 1, `asked ${asked.length} times`)
  for (const { atS, writtenS } of asked) {
    t.ok(atS - writtenS >= 11, `asked ${atS - writtenS} s after the write, not before it is ripe`)
    t.ok(atS - writtenS < 11 + 30, 'and left to its own interval after half a minute')
  }
  const apartS = asked.flatMap(({ atS }, at) => (at === 0 ? [] : [atS - (asked[at - 1]?.atS ?? 0)]))
  t.ok(
    apartS.every(s => s >= 10),
    `not again within 10 s: ${apartS} s`,
  )
  const unable = lowered(bench => {
    bench.triggerStatus.set('CP-1', 'NotImplemented')
    bench.run(100)
  })
  t.equal(ofFirst(unable).length, 1, 'one that cannot be asked is asked once')
  const telling = lowered(bench => {
    for (let s = 0; s < 100; s++) {
      bench.run(1)
      if (ofFirst(bench).at(-1)?.atS === bench.nowMs / SECOND)
        bench.sample('CP-1', bench.offers('CP-1').at(-1) ?? 0)
    }
  })
  const writes = new Set(ofFirst(telling).map(({ writtenS }) => writtenS))
  t.equal(ofFirst(telling).length, writes.size, 'one that tells is asked once for each lower')
  t.end()
})

t.test('a decision is news when a car is given, told or answered something else, and only then', t => {
  const bench = new Bench()
  t.equal(decisionNews(bench.controller.state, new Map()), undefined, 'before the first one')
  bench.open()
  const texts: string[] = []
  /** The same, read off the whole record. */
  const known: string[] = []
  const look = (): void => {
    const now = bench.now()
    const { state } = bench.controller
    const reasons = reasonsOfAll(state, new Map(), now)
    const record = decisionRecord(state, { reasons, parts: [] }, now)
    if (record === undefined) throw new Error('no decision')
    texts.push(decisionNews(state, reasons) ?? '')
    known.push(
      JSON.stringify([
        record.cars.map(({ demand, allocationA, offerA, bound, reasons }) => {
          return [demand.key, allocationA, offerA, bound, reasons?.at(-1)?.code]
        }),
        record.others?.map(({ key, offerA, reasons }) => [key, offerA, reasons.at(-1)?.code]),
      ]),
    )
  }
  for (const [baseA, deaf, seconds] of [
    [0, '', 60],
    [20, '', 40],
    [20, 'CP-1', 30],
    [45, 'CP-1', 30],
    [5, '', 60],
  ] as const) {
    bench.baseA = baseA
    if (deaf === '') bench.deaf.clear()
    else bench.deaf.add(deaf)
    for (let second = 0; second < seconds; second++) {
      bench.run(1)
      look()
    }
  }
  const changes = (list: readonly string[]): number[] =>
    list.flatMap((text, at) => (at > 0 && text !== list[at - 1] ? [at] : []))
  t.same(changes(texts), changes(known))
  const count = changes(texts).length
  t.ok(count > 5 && count < texts.length / 2, `${count} of ${texts.length}`)
  t.end()
})

t.test(
  'meters of one round are decided by together within 50 ms, one above its limit at once, none is overtaken',
  async t => {
    const { time, runUntil, loop, controller, decisions } = loopWorld(['grid', 'hall'])
    /** Shows so much at that time; how many decisions came of it at once. */
    const shows = async (atMs: number, meterId: string, amps: number): Promise<number> => {
      await runUntil(atMs)
      const before = decisions()
      loop.onMeter({ meterId, monoMs: time.nowMs, currentA: [1, amps, 1] })
      return decisions() - before
    }
    const otherA = (): number =>
      controller.state.holds[0]?.reduce((most, { otherA: [, l2] }) => Math.max(most, l2), 0) ?? 0
    t.equal(await shows(1_110, 'grid', 20), 0, '20 A of 64 A wait')
    t.equal(await shows(1_130, 'hall', 5), 0, 'for the other meter')
    const before = decisions()
    await runUntil(1_159)
    t.equal(decisions() - before, 0)
    await runUntil(1_160)
    t.equal(decisions() - before, 1, 'one decision, 50 ms after the first')
    t.equal(await shows(1_505, 'grid', 20), 0, 'with the tick of half a second before it')
    await runUntil(1_549)
    t.equal(decisions() - before, 1)
    await runUntil(1_550)
    t.equal(decisions() - before, 2, 'it is decided by 50 ms after that')
    await runUntil(2_050)
    t.equal(decisions() - before, 3, 'and so on without any meter')
    t.equal(otherA(), 20)
    t.equal(await shows(2_110, 'grid', 64.5), 1, 'above 64 A nothing waits')
    t.equal(otherA(), 64.5)
    t.equal(await shows(150_010, 'grid', 30), 0, 'a peak')
    t.equal(await shows(150_030, 'grid', 20), 1, 'and 20 ms later less')
    t.equal(otherA(), 30, 'the peak was decided by, and is held')
    await loop.stop()
    const alone = loopWorld(['grid'])
    alone.loop.onMeter({ meterId: 'grid', monoMs: 0, currentA: [1, 1, 1] })
    t.equal(alone.decisions(), 1, 'the only meter of a site waits for nothing')
    await alone.runUntil(500)
    t.equal(alone.decisions(), 2, 'nor does a tick there')
    await alone.loop.stop()
  },
)

t.test('what breaks while one station is told costs the others nothing', async t => {
  const told: string[] = []
  const { loop, controller, world } = loopWorld(['grid'], stationId => {
    if (stationId === 'CP-1') throw new Error('a fault of ours')
    told.push(stationId)
  })
  const unanswered: string[] = []
  controller.onAnswer = tag => void unanswered.push(tag)
  const call = { kind: 'call', action: 'SetChargingProfile', payload: {}, urgency: 'urgent' } as const
  controller.takeEffects = () => [
    { ...call, tag: 'a', stationId: 'CP-1', timeoutMs: 5_000 },
    { ...call, tag: 'b', stationId: 'CP-2', timeoutMs: 5_000 },
  ]
  loop.decide()
  t.same([told, unanswered], [['CP-2'], ['a']])
  t.match(world.log().events('effect-failed'), [
    { event: 'effect-failed', fields: { effect: 'call', reason: 'a fault of ours' } },
  ])
  controller.takeEffects = () => []
  await loop.stop()
})

function loopWorld(meterIds: readonly string[], call: (stationId: string) => void = () => {}) {
  const world = createWorld({ seed: 1 })
  const { ports } = world
  const meters = CONFIG.meters.flatMap(meter => meterIds.map(id => ({ ...meter, id })))
  const site = { ...SITE, config: { ...CONFIG, meters } }
  const controller = new Controller(site, [], { monoMs: 0, wallMs: ports.clock.wallMs() })
  const decide = controller.decide.bind(controller)
  let decided = 0
  controller.decide = at => {
    decided++
    decide(at)
  }
  const loop = new ControlLoop({
    ...{ ports, controller, store: openControlStore(ports.journal, ports.log), watchClock: ports.clock },
    ...{ call, cleared: () => {}, orderEnded: () => {}, changed: () => {} },
  })
  const runUntil = (atMs: number): Promise<void> => world.runUntil(atMs)
  return { world, time: world.time, runUntil, loop, controller, decisions: () => decided }
}

t.test('watts of a meter are reckoned once: what people see is what limits go by', t => {
  const bench = new Bench()
  const watts = (more: Partial<MeterReading>): readonly (number | undefined)[] => {
    bench.nowMs += SECOND
    const reading: MeterReading = { meterId: 'grid', monoMs: bench.nowMs, currentA: [10, 20, 0], ...more }
    bench.controller.onMeter(reading, bench.now())
    const { state } = bench.controller
    return [meterPowerW(state, 'grid', bench.now()), circuitPower(state, 0, new Map(), bench.now()).powerW]
  }
  t.same(watts({}), [6_900, 6_900], 'amps at the nominal 230 V')
  t.same(watts({ voltageV: [240, 220, 210] }), [6_800, 6_800], 'at its own volts, phase by phase')
  t.same(watts({ voltageV: [240, 220, 210], totalPowerW: 6_500 }), [6_500, 6_500], 'as it says itself')
  bench.nowMs += 10 * SECOND
  t.same(
    [
      meterPowerW(bench.controller.state, 'grid', bench.now()),
      circuitPower(bench.controller.state, 0, new Map(), bench.now()).powerW,
    ],
    [undefined, undefined],
    'silent for 10 s is not 0 W',
  )
  t.end()
})

t.test(
  'an event that breaks in control leaves its station to its fail-safe, and the other is steered on',
  async t => {
    const broken = (kind: string, part: string) =>
      Object.defineProperty({ kind, stationId: 'CP-1', connectorId: 1 }, part, {
        get: () => {
          throw new RangeError('planted')
        },
      }) as unknown as StationEvent
    const parts = [
      ['booted', 'info'],
      ['configured', 'configuration'],
      ['clock-seen', 'stationWallMs'],
      ['status', 'status'],
      ['transaction-started', 'transactionId'],
      ['transaction-stopped', 'transactionId'],
      ['tag-refused', 'transactionId'],
      ['tag-accepted', 'transactionId'],
      ['measured', 'sample'],
    ] as const
    for (const [kind, part] of parts) {
      const bench = new Bench()
      bench.open()
      bench.run(60)
      const [mine, others] = [bench.offers('CP-1').length, bench.offers('CP-2').length]
      bench.controller.onStation(broken(kind, part), bench.now())
      const alarm = controlConditions(bench.controller.state, bench.now()).find(
        ({ about }) => about === 'CP-1',
      )
      t.match(alarm, { code: 'planning-failed', text: /planted/ }, `${kind}: it is told`)
      bench.run(300)
      t.equal(bench.offers('CP-1').length, mine, `${kind}: nothing is written to it: its lease ends`)
      t.ok(bench.offers('CP-2').length > others, `${kind}: the other has its refreshes`)
    }
  },
)

t.test(
  'a station that has just booted and does not answer is asked once what survived, for all its connectors',
  t => {
    const [first] = CONFIG.stations
    const [own] = first?.connectors ?? []
    if (first === undefined || own === undefined) throw new Error('no connector')
    const stations = [{ ...first, connectors: [own, { ...own, id: 2 }] }]
    const controller = new Controller({ ...SITE, config: { ...CONFIG, stations } }, [], {
      monoMs: 0,
      wallMs: 0,
    })
    let nowMs = 0
    const booted = { kind: 'booted', stationId: 'CP-1', info: { vendor: 'v', model: 'm' } } as const
    const calls = (): readonly Call[] =>
      controller.takeEffects().flatMap(effect => (effect.kind === 'call' ? [effect] : []))
    const next = (): readonly Call[] => {
      nowMs += SECOND
      controller.decide({ monoMs: nowMs, wallMs: nowMs })
      return calls()
    }
    controller.onStation({ kind: 'connected', stationId: 'CP-1' }, { monoMs: 0, wallMs: 0 })
    controller.onStation(booted, { monoMs: 0, wallMs: 0 })
    for (let second = 0; second < 60; second++)
      for (let sent = next(); sent.length > 0; sent = next())
        for (const { tag } of sent)
          controller.onAnswer(tag, result({ status: 'Accepted' }), { monoMs: nowMs, wallMs: nowMs })
    controller.onStation(booted, { monoMs: nowMs, wallMs: nowMs })
    const actions: string[] = []
    for (let sent = next(), tries = 0; tries < 3; tries++) {
      actions.push(...sent.map(({ action }) => action))
      nowMs += 5 * SECOND
      for (const { tag } of sent)
        controller.onAnswer(tag, { kind: 'timeout' }, { monoMs: nowMs, wallMs: nowMs })
      sent = calls()
    }
    t.same(actions.slice(0, 2), ['GetCompositeSchedule', 'SetChargingProfile'], actions.join(', '))
    t.end()
  },
)

t.test('what breaks as a station is released, or given another fail-safe, costs the others nothing', t => {
  for (const part of ['isToBeReleased', 'floorsDue']) {
    const bench = new Bench()
    bench.open()
    bench.run(60)
    const others = bench.offers('CP-2').length
    const station = bench.controller.state.stations.get('CP-1')
    if (station === undefined) throw new Error('no CP-1')
    if (part === 'floorsDue') station.floorsDue = true
    const broken = part === 'floorsDue' ? 'connectors' : part
    const was = Reflect.get(station, broken)
    let isBroken = true
    Object.defineProperty(station, broken, {
      configurable: true,
      get: () => {
        // as one step after the others reads it
        if (isBroken && /stepFloors|beginRelease/.test(new Error().stack ?? ''))
          throw new RangeError('planted')
        return was
      },
      set: () => undefined,
    })
    bench.run(300)
    isBroken = false
    t.match(station.planFault, 'planted', part)
    t.ok(bench.offers('CP-2').length > others, `${part}: the other has its refreshes`)
  }
  t.end()
})

t.test('a meter that is read by another map than before has to prove anew that it is right', async t => {
  const profile = PROFILE
  const siteOf = (change: { scale?: number; ctRatio?: number } = {}) => ({
    config: siteConfigSchema.parse({
      version: 1,
      site: { id: 's', timeZone: 'UTC' },
      circuits: [
        { id: 'main', ratedCurrentA: 64, meter: 'own', worstCaseOtherLoadA: 10 },
        { id: 'rest', parent: 'main', ratedCurrentA: 64, meter: 'difference', worstCaseOtherLoadA: 10 },
      ],
      meterModels: [{ id: 'sheet', functionCode: 4, currentA: { at: [6, 8, 10], scale: change.scale ?? 1 } }],
      meters: [
        { id: 'own', device: 'sheet', connection: { kind: 'tcp', host: 'h' } },
        {
          id: 'part',
          device: 'x',
          ctRatio: change.ctRatio ?? 1,
          connection: { kind: 'tcp', host: 'h', port: 503 },
        },
        {
          id: 'difference',
          device: 'virtual',
          connection: {
            kind: 'virtual',
            parts: [
              { meter: 'own', factor: 1 },
              { meter: 'part', factor: -1 },
            ],
          },
        },
      ],
      stations: [],
    }),
    models: new Map([['m', MODEL]]),
    profile,
    leaseS: new Map(),
    csmsSteps: () => [],
  })
  const now = { monoMs: 1_000, wallMs: 1_000 }
  const keptAfter = (change: Parameters<typeof siteOf>[0]) => {
    const controller = new Controller(siteOf(), [], now)
    for (const meterId of ['own', 'part', 'difference'])
      controller.onMeter({ meterId, monoMs: 1_000, currentA: [1, 1, 1] }, now)
    controller.reconfigure(siteOf(change), { monoMs: 2_000, wallMs: 2_000 })
    return [...controller.state.meters.keys()].sort()
  }
  t.same(keptAfter({}), ['difference', 'own', 'part'], 'nothing is other')
  t.same(keptAfter({ scale: 0.1 }), ['part'], 'another scale in its model, and what is made of it')
  t.same(keptAfter({ ctRatio: 50 }), ['own'], 'the ratio of a part, and the whole')
})
