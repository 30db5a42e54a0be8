/**
 * What speaks for or against a meter, one thing at a time: itself, a stand-still, a raise that a silent station took;
 * and what is reckoned with meanwhile (control rules 14, 15).
 */
import t from 'tap'
import type { MeterReading } from '../../../src/core/events.js'
import { forgotten, isShown, withCarStep } from '../../../src/core/measuring/car-seen.js'
import { judgementOf } from '../../../src/core/measuring/meter-judge.js'
import {
  type MeterState,
  meterStatus,
  meterStep,
  newMeter,
} from '../../../src/core/measuring/meter-quality.js'
import { otherLoadEdge } from '../../../src/core/measuring/other-load-edge.js'
import type { StationEvidence } from '../../../src/core/measuring/station-evidence.js'
import { isSudden, type Unexplained, withShown } from '../../../src/core/measuring/sudden-load.js'
import {
  conductorsSeen,
  followedOn,
  MAX_SIGHTS,
  rotationSeen,
  type WiringSeen,
  wiringSeenOf,
  withStep,
} from '../../../src/core/measuring/wiring-seen.js'
import { type PerPhase, ZERO } from '../../../src/core/site/phases.js'

/** One poll a second with what a meter shows and its stations tell; the state afterwards. */
function play(
  lastS: number,
  at: (s: number) => {
    readonly shows: Omit<MeterReading, 'meterId' | 'monoMs'>
    readonly stations?: readonly StationEvidence[]
  },
  from: MeterState = newMeter(),
): MeterState {
  let state = from
  for (let s = 1; s <= lastS; s++) {
    const { shows, stations = [] } = at(s)
    const reading = { meterId: 'm', monoMs: s * 1000, ...shows }
    state = meterStep(state, { reading, nowMs: s * 1000, stations, generation: false })
  }
  return state
}

const verdictAt = (state: MeterState, s: number) => judgementOf(state.judge, s * 1000).verdict
const flat = (amps: number): PerPhase => [amps, amps, amps]

t.test(
  'two devices under one address: the current of a phase changes there and back at each reading',
  async t => {
    const turning = (s: number) => ({ shows: { currentA: [20, s % 2 === 0 ? 12 : 31, 20] as const } })
    t.equal(verdictAt(play(20, turning), 20), undefined, 'not within 20 s')
    const verdict = verdictAt(play(25, turning), 25)
    t.equal(verdict?.kind, 'two devices')
    t.match(verdict?.text, /L2 changes between (12 A and 31 A|31 A and 12 A)/)
  },
)

t.test('the same few readings over and over, far apart, are a wrong meter within 20 s', async t => {
  const shown = (amps: (s: number) => number) => (s: number) => ({ shows: { currentA: flat(amps(s)) } })
  const stored = shown(s => (s % 5 === 0 ? 62 : 43))
  t.equal(verdictAt(play(20, stored), 20), undefined, 'not before')
  const verdict = verdictAt(play(21, stored), 21)
  t.equal(verdict?.kind, 'two devices')
  t.match(verdict?.text, /L1 changes between 43 A and 62 A over and over/)
  const rows: readonly [what: string, amps: (s: number) => number][] = [
    ['one reading all the time', () => 43],
    ['a coarse meter between two of its steps', s => (s % 5 === 0 ? 406 : 400)],
    ['a compressor that goes on and off', s => (s % 10 < 5 ? 20 : 40) + (s % 7) / 10],
  ]
  for (const [what, amps] of rows) t.equal(verdictAt(play(120, shown(amps)), 120), undefined, what)
})

t.test('two devices under one address: the energy register keeps running back', async t => {
  const registers = (s: number) => ({
    shows: { currentA: flat(20), importWh: Math.floor(s / 40) % 2 === 0 ? 1_000_000 + s : 400_000 + s },
  })
  t.equal(verdictAt(play(60, registers), 60)?.kind, 'replayed', 'once: it may have been exchanged')
  const verdict = verdictAt(play(130, registers), 130)
  t.match(verdict, { kind: 'replayed', text: /1000\.039 kWh to 400\.04 kWh/ })
})

t.test(
  'a register that counts a tenth of what the power makes is found within 20 min, a right one is not',
  async t => {
    for (const [share, kind] of [
      [0.1, 'factor'],
      [1, undefined],
      [1.2, undefined],
    ] as const) {
      const powerW = 20_000
      const state = play(1200, s => ({
        shows: {
          currentA: flat(29),
          totalPowerW: powerW,
          importWh: 1000 + Math.floor(((powerW / 3600) * s * share) / 10) * 10,
        },
      }))
      t.equal(verdictAt(state, 1200)?.kind, kind, `counts ${share} times`)
    }
  },
)

t.test('a current too small for the power of its phase has another scale; reactive load has not', async t => {
  const of = (powerW: number) => (): { shows: Omit<MeterReading, 'meterId' | 'monoMs'> } => ({
    shows: { currentA: flat(2), voltageV: flat(230), powerW: flat(powerW) },
  })
  const verdict = verdictAt(play(30, of(4_600)), 30)
  t.equal(verdict?.kind, 'factor')
  t.match(verdict?.text, /4600 W on L1 needs more than its own volts and amps allow \(460 W\)/)
  t.equal(verdictAt(play(30, of(300)), 30), undefined, '300 W of 460 VA')
})

t.test(
  'a current ten times too large for power and power factor has another scale; who has none says nothing',
  async t => {
    type Shows = Omit<MeterReading, 'meterId' | 'monoMs'>
    const of = (shows: Partial<Shows>) => (): { shows: Shows } => ({
      shows: { currentA: flat(100), voltageV: flat(230), powerW: flat(2_300), ...shows },
    })
    const said = (factor: number, shows: Partial<Shows> = {}) =>
      verdictAt(play(30, of({ powerFactor: [factor, factor, undefined], ...shows })), 30)
    t.equal(verdictAt(play(30, of({})), 30), undefined, 'without a power factor it may be reactive')
    const verdict = said(0.98)
    t.equal(verdict?.kind, 'factor')
    t.match(
      verdict?.text,
      /2300 W on L1 is not what its own volts, amps and power factor of 0\.98 make \(22540 W\)/,
    )
    t.equal(said(0.1), undefined, '2.3 kW of 23 kVA at 0.1')
    t.equal(said(0.98, { powerW: flat(22_000) }), undefined, 'as it should be')
    t.equal(
      said(-0.98, { currentA: flat(100), powerW: flat(22_000) }),
      undefined,
      'its sign is the direction',
    )
    t.equal(said(0.0098, { powerW: flat(22_000) }), undefined, 'a factor in another scale is none')
    t.equal(said(0.95, { powerW: flat(16_000) }), undefined, 'cosine 0.95, harmonics on top: 0.7')
    t.equal(said(0.98, { currentA: flat(3), powerW: flat(60) }), undefined, 'too little to tell')
    const late = play(30, s => of(s < 15 ? { powerFactor: flat(0.98) } : { powerFactor: flat(0.1) })())
    t.equal(verdictAt(late, 30), undefined, 'a factor read 5 s before the load changed')
  },
)

t.test('a phase that feeds back by half of what flows has volts and amps of two phases', async t => {
  const shows = (powerW: number) => () => ({
    shows: {
      currentA: [20, -20, 20] as const,
      voltageV: flat(230),
      powerW: [4_600, powerW, 4_600] as const,
    },
  })
  const half = verdictAt(play(10, shows(-2_300)), 10)
  t.equal(half?.kind, 'swapped phases')
  t.match(half?.text, /transformer and its voltage input on L2 are of different phases/)
  t.equal(verdictAt(play(10, shows(-4_550)), 10)?.kind, 'sign', 'all of it: the transformer is turned')
  const allOut = verdictAt(
    play(10, () => ({ shows: { currentA: flat(-20) } })),
    10,
  )
  t.match(allOut, { kind: 'sign', text: /the other phases flowing out too.*set "invert"/ })
})

t.test(
  'a meter whose clock and values stand together repeats old values after 20 s, without a car that moves',
  async t => {
    const at = (clockS: (s: number) => number, amps: (s: number) => number) => (s: number) => ({
      shows: { currentA: flat(amps(s)), clockS: clockS(s) },
    })
    const goesOn = (s: number): number => 1_000 + s
    const until = (stopS: number) => (s: number) => 1_000 + Math.min(s, stopS)
    const noisy = (s: number): number => 20 + (s % 7) / 100
    t.equal(
      verdictAt(
        play(
          60,
          at(goesOn, () => 20),
        ),
        60,
      ),
      undefined,
      'steady amps, its clock goes on',
    )
    const frozen = verdictAt(
      play(
        32,
        at(until(10), () => 20),
      ),
      32,
    )
    t.equal(frozen?.kind, 'frozen')
    t.match(frozen?.text, /its own clock stands still at 1010 s for \d+ s, and so do its values/)
    t.equal(
      verdictAt(
        play(
          28,
          at(until(10), () => 20),
        ),
        28,
      ),
      undefined,
      'not within 18 s',
    )
    t.equal(verdictAt(play(60, at(until(10), noisy)), 60), undefined, 'its clock alone is broken')
    t.equal(
      verdictAt(
        play(
          60,
          at(
            () => 0,
            () => 20,
          ),
        ),
        60,
      ),
      undefined,
      'a clock that was never set',
    )
    const loop = (s: number): number => 1_000 + (s % 40)
    t.equal(verdictAt(play(60, at(loop, noisy)), 60), undefined, 'set back once')
    t.equal(verdictAt(play(85, at(loop, noisy)), 85)?.kind, 'replayed', 'a recording that begins anew')
  },
)

const told = (key: string, amps: number, s: number): StationEvidence => ({
  key,
  lowerA: flat(amps),
  upperA: flat(amps),
  monoMs: s * 1000,
})

t.test(
  'a meter that freezes just after it moved is in doubt within 30 s of the cars that it does not show',
  async t => {
    // At 100 s one car stops and the meter shows it; at 102 s it freezes; at 103 s two more stop.
    const scene = (s: number) => {
      const on = (stopS: number) => (s < stopS ? 16 : 0)
      const shown = s < 102 ? 20 + on(100) + 32 + (s % 3) / 10 : 52.2
      return {
        shows: { currentA: flat(shown) },
        stations: [told('a', on(100), s), told('b', on(103), s), told('c', on(103), s)],
      }
    }
    const before = judgementOf(play(101, scene).judge, 101_000)
    t.equal(before.doubt, undefined)
    const judgement = judgementOf(play(132, scene).judge, 132_000)
    t.match((judgement.doubt ?? judgement.verdict)?.text, /its stations changed by -32 \/ -32 \/ -32 A/)
    t.same(judgement.worstCase, [true, true, true])
    t.equal(judgement.holdsRaises, true)
  },
)

t.test('a meter that shows the whole step and is quiet afterwards is in no doubt', async t => {
  const scene = (s: number) => ({
    shows: { currentA: flat(20 + (s < 100 ? 32 : 0)) },
    stations: [told('a', s < 100 ? 16 : 0, s), told('b', s < 100 ? 16 : 0, s)],
  })
  for (let s = 101; s < 150; s += 4) {
    const judgement = judgementOf(play(s, scene).judge, s * 1000)
    t.match([judgement.doubt, judgement.verdict], [undefined, undefined], `${s} s`)
  }
})

t.test(
  'a meter that goes through the same 2, 3 or 7 readings over and over is frozen within 30 s of 5 A',
  async t => {
    for (const cycle of [2, 3, 7]) {
      const scene = (s: number) => ({
        // Apart by less than two devices would be.
        shows: { currentA: flat(40 + (s % cycle) * 0.5) },
        stations: [told('a', s < 100 ? 16 : 0, s)],
      })
      t.equal(
        verdictAt(play(100, scene), 100),
        undefined,
        `${cycle}: equal values of a quiet site prove nothing`,
      )
      const verdict = verdictAt(play(130, scene), 130)
      t.equal(verdict?.kind, 'frozen', `${cycle} values`)
      t.match(verdict?.text, new RegExp(`-16 / -16 / -16 A and it went through the same ${cycle} readings`))
      const right = (s: number) => ({
        shows: { currentA: flat(40 + (s % cycle) * 0.5 - (s < 101 ? 0 : 16)) },
        stations: [told('a', s < 100 ? 16 : 0, s)],
      })
      const judgement = judgementOf(play(130, right).judge, 130_000)
      t.match(
        [judgement.verdict, judgement.doubt],
        [undefined, undefined],
        `${cycle}: one that follows is right`,
      )
    }
  },
)

t.test('currents that jump tenfold or turn round from one reading to the next are not believed', async t => {
  const rows: readonly [string, number, string | undefined, RegExp][] = [
    [
      'tenfold',
      10,
      'factor',
      /jump 10-fold from one reading to the next and back \(20 .* then 200|200 .* then 20/,
    ],
    ['a hundredth', 0.01, undefined, /^$/],
    ['a tenth', 0.1, 'factor', /10-fold/],
    ['turned round', -1, 'sign', /direction changes/],
    ['twice', 2, undefined, /^$/],
  ]
  for (const [name, factor, kind, text] of rows) {
    const scene = (s: number) => ({ shows: { currentA: flat(20 * (s % 30 === 0 ? factor : 1)) } })
    t.equal(verdictAt(play(32, scene), 32), undefined, `${name}: once is another load`)
    const verdict = verdictAt(play(62, scene), 62)
    t.equal(verdict?.kind, kind, name)
    if (kind !== undefined) t.match(verdict?.text, text)
    const { floorA } = judgementOf(play(62, scene).judge, 62_000)
    if (kind !== undefined)
      t.ok(
        floorA.every(amps => amps >= 19),
        `${name}: other load seen before counts on`,
      )
  }
})

t.test(
  'a register that stands still while 20 kW flow is named at once where it moved often, else within 15 min',
  async t => {
    const scene = (everyS: number) => (s: number) => ({
      shows: {
        currentA: flat(29),
        totalPowerW: 20_000,
        importWh: 1000 + Math.floor(Math.floor(Math.min(s, 120) / everyS) * everyS * 5.5),
      },
    })
    t.equal(verdictAt(play(134, scene(5)), 134), undefined)
    t.match(verdictAt(play(136, scene(5)), 136), { kind: 'frozen', text: /register stands at 1\.66 kWh/ })
    const seldom = scene(30)
    t.equal(verdictAt(play(300, seldom), 300), undefined, 'it took four steps only')
    const verdict = verdictAt(play(1020, seldom), 1020)
    t.equal(verdict?.kind, 'frozen')
    t.match(verdict?.text, /register stands at 1\.66 kWh while its power made/)
  },
)

t.test('a phase that feeds back beside two that do not is a turned transformer after 5 s', async t => {
  const scene = (s: number) => ({ shows: { currentA: [20, s < 60 ? 20 : -20, 20] as const } })
  t.equal(verdictAt(play(64, scene), 64), undefined)
  const verdict = verdictAt(play(66, scene), 66)
  t.match(verdict, { kind: 'sign', text: /-20 A on L2, flowing out.*turned round/ })
})

/** A station that tells nothing is raised from 0 to 6 A at 60 s and to 12 A at 160 s; the car takes all of it. */
const silent = (factor: number, takes: (offerA: number) => number) => (s: number) => {
  const offerA = s < 60 ? 0 : s < 160 ? 6 : 12
  const sentMs = s < 60 ? 0 : s < 160 ? 60_000 : 160_000
  const amps = takes(s < 65 ? 0 : s < 165 ? 6 : 12)
  return {
    shows: { currentA: flat(factor * (20 + amps)) },
    stations: [
      {
        key: 'a',
        lowerA: ZERO,
        upperA: [undefined, undefined, undefined] as const,
        monoMs: undefined,
        offer: { amps: flat(offerA), sentMs, acceptedMs: sentMs + 500 },
      },
    ],
  }
}

t.test('two raises that a silent station took and the meter shows prove the meter; one does not', async t => {
  const whole = silent(1, amps => amps)
  t.same(play(120, whole).judge.proof.proven, [false, false, false], 'one raise')
  t.same(play(200, whole).judge.proof.proven, [true, true, true], 'two raises')
})

t.test('raises of silent stations never prove a meter that shows less than flows', async t => {
  for (const factor of [0.1, 0.5, 0.8]) {
    const state = play(
      300,
      silent(factor, amps => amps),
    )
    t.same(state.judge.proof.proven, [false, false, false], `x ${factor}`)
  }
  const shy = play(
    300,
    silent(1, amps => amps / 2),
  )
  t.same(shy.judge.proof.proven, [false, false, false], 'a car that takes half tells nothing')
  t.equal(verdictAt(shy, 300), undefined, 'and speaks not against the meter either')
})

t.test('what is not believed is the largest of configured worst case, held maximum and reading', async t => {
  const unproven = meterStatus(
    play(5, () => ({ shows: { currentA: flat(40) } })),
    5_000,
    1000,
  )
  const edge = (heldA: PerPhase, worstA: PerPhase) => otherLoadEdge({ status: unproven, heldA, worstA })
  t.same(edge([40, 70, 10], flat(60)), { otherA: [60, 70, 60], worstCase: true })
  const { judgement } = unproven
  const floored = otherLoadEdge({
    status: { ...unproven, judgement: { ...judgement, floorA: [65, 0, 0] } },
    heldA: flat(10),
    worstA: flat(60),
  })
  t.same(floored.otherA, [65, 60, 60], 'seen before counts on')
  t.same(
    edge(flat(10), flat(97)).otherA,
    flat(97),
    'no room is made for a first car beside a full worst case',
  )
})

t.test('what a meter showed of a connector: clear steps alone, one picture per session', async t => {
  const PATHS: readonly [string, (phase: number, s: number) => number, readonly boolean[] | undefined][] = [
    ['its phase alone follows', (phase, s) => (phase === 1 && s >= 12 ? 5 : 13), [false, true, false]],
    ['all three follow', (_, s) => (s >= 12 ? 5 : 13), [true, true, true]],
    ['a part of it', (phase, s) => (phase === 1 && s >= 12 ? 9 : 13), undefined],
    ['nothing', () => 13, undefined],
    ['the other way', (phase, s) => (phase === 1 && s >= 12 ? 21 : 13), undefined],
    [
      'and something else beside it',
      (phase, s) => (phase === 1 && s >= 12 ? 5 : phase === 0 && s >= 12 ? 17 : 13),
      undefined,
    ],
    ['and back', (phase, s) => (phase === 1 && s >= 12 && s < 18 ? 5 : 13), undefined],
  ]
  for (const [title, amps, phases] of PATHS) {
    const path = Array.from({ length: 40 }, (_, s) => ({
      monoMs: s * 1_000,
      currentA: [amps(0, s), amps(1, s), amps(2, s)] as const,
    }))
    t.same(followedOn(path, { fromMs: 10_000, toMs: 22_000, stepA: -8 })?.phases, phases, title)
  }
  const onL2 = { phases: [false, true, false], share: 1 } as const
  const onAll = { phases: [true, true, true], share: 1 } as const
  const session = (at: number, by = 'm L1L2L3') => ({ sessionWallMs: at, by })
  const after = (...steps: readonly (readonly [number, typeof onL2 | typeof onAll])[]): WiringSeen =>
    steps.reduce<WiringSeen>((seen, [at, step]) => withStep(seen, session(at), step), [])
  const two = [1, 1, 2, 2].map(at => [at, onL2] as const)
  const firstOf = (seen: WiringSeen, by = 'm L1L2L3') => conductorsSeen(seen, by).first
  t.equal(firstOf(after(...two)), undefined, 'two sessions are too few')
  t.equal(firstOf(after(...two, [3, onL2])), undefined, 'one step is no session')
  const three = after(...two, [3, onL2], [3, onL2])
  t.same(firstOf(three), { phase: 1, sessions: 3 })
  t.equal(firstOf(three, 'm L3L1L2'), undefined, 'under a meter that is laid otherwise it says nothing')
  t.equal(firstOf(after(...two, [3, onL2], [3, onAll])), undefined, 'nor a session that changed')
  const other = { phases: [true, false, false], share: 1 } as const
  const against = withStep(withStep(three, session(4), other), session(4), other)
  t.equal(firstOf(against), undefined, 'nor where one session speaks against the others')
  const onTwo = (phases: typeof onL2.phases | readonly [boolean, boolean, boolean]): WiringSeen =>
    [5, 5, 6, 6, 7, 7].reduce<WiringSeen>(
      (seen, at) => withStep(seen, session(at), { phases, share: 1 }),
      three,
    )
  const pairs = onTwo([false, true, true])
  t.same(
    conductorsSeen(pairs, 'm L1L2L3').third,
    { phase: 0, sessions: 3 },
    'cars on two phases leave the third',
  )
  t.equal(rotationSeen(conductorsSeen(pairs, 'm L1L2L3')), 'STR', 'and both tell the order')
  t.equal(rotationSeen(conductorsSeen(onTwo([true, true, false]), 'm L1L2L3')), 'SRT')
  t.equal(rotationSeen(conductorsSeen(three, 'm L1L2L3')), undefined, 'the first alone does not')
  t.same(
    conductorsSeen(onTwo([true, false, true]), 'm L1L2L3'),
    {},
    'one phase and two that share none are no first conductors',
  )
  const many = Array.from({ length: 40 }, (_, at) => [at, onL2] as const)
  t.equal(after(...many).length, MAX_SIGHTS, 'bounded')
  t.same(wiringSeenOf(JSON.parse(JSON.stringify(three))), three, 'read back as it was kept')
  for (const bad of [null, 7, {}, 'x']) t.equal(wiringSeenOf(bad), undefined)
  t.same(wiringSeenOf([{}, null, { ...three[0], phases: [1, 2] }, { ...three[0], steps: -1 }]), [])
})

t.test('the car of the running session: steps up and down that agree, and what is sudden', async t => {
  const step = (phases: readonly [boolean, boolean, boolean], stepA: number) => ({
    transactionId: 1,
    phases,
    stepA,
  })
  const onL2 = [false, true, false] as const
  const rise = withCarStep(undefined, step(onL2, 6))
  t.notOk(isShown(rise), 'one step is chance')
  t.notOk(isShown(withCarStep(rise, step(onL2, 6))), 'nor are two the same way')
  const both = withCarStep(rise, step(onL2, -6))
  t.ok(isShown(both))
  const changed = withCarStep(both, step([true, true, true], 6))
  t.notOk(isShown(changed), 'a step on more phases')
  t.notOk(
    isShown([6, -6, 6, -6].reduce((car, amps) => withCarStep(car, step(onL2, amps)), changed)),
    'ends it',
  )
  t.equal(forgotten(changed), changed, 'for the session')
  t.equal(forgotten(both), undefined)
  t.same(withCarStep(changed, { ...step(onL2, 6), transactionId: 2 }).rises, 1, 'the next begins anew')

  /** On L2: what the meter shows, and what is booked. */
  const sudden = (
    lastS: number,
    meterAt: (s: number) => number,
    bookedAt: (s: number) => number = () => 10,
  ) => {
    const shownAt = (s: number) => ({
      meterA: [0, meterAt(s), 0] as const,
      aboveA: [0, meterAt(s) - bookedAt(s), 0] as const,
    })
    let seen: Unexplained | undefined
    for (let s = 0; s <= lastS; s++) seen = withShown(seen, shownAt(s), s * 1_000)
    return seen && isSudden(seen, shownAt(lastS), [false, true, true])
  }
  const at = (fromS: number, before: number, after: number) => (s: number) => (s < fromS ? before : after)
  t.equal(
    sudden(20, () => 5),
    undefined,
    'what was before is not known yet',
  )
  t.equal(
    sudden(90, () => 5),
    false,
  )
  t.equal(sudden(90, at(90, 5, 11)), true, 'six amps more')
  const ramp = (s: number) => Math.min(11, 5 + Math.max(0, s - 60) / 2)
  t.equal(sudden(72, ramp), true, 'also over ten seconds')
  t.equal(
    sudden(90, s => 5 + s / 30),
    false,
    'other load that creeps is none',
  )
  t.equal(
    sudden(95, s => (s > 70 && s < 90 ? -5 : 5)),
    false,
    'nor is what comes back',
  )
  t.equal(sudden(90, at(80, 5, 11), at(75, 10, 16)), false, 'nor a raise')
  t.equal(
    sudden(90, () => 5, at(80, 16, 10)),
    false,
    'nor a lower of a car on other phases',
  )
})
