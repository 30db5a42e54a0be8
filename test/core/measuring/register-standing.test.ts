// A meter that repeats itself, by its own energy register: found soon where it counts often, never called so where it does not.
import t from 'tap'
import { newStandingWatch, watchStanding } from '../../../src/core/measuring/register-standing.js'

const HOUR_S = 3_600

interface Site {
  /** W, at a second. */
  readonly powerW: (s: number) => number
  /** The register moves by so much at a time; 0 = as finely as anybody may wish. */
  readonly quantumWh?: number
  /** It is renewed only so often. */
  readonly renewedEveryS?: number
  readonly renewedAtS?: (s: number) => boolean
  /** Polls in s. */
  readonly pollS?: number
  /** It is read so often, and its last value stands until then. */
  readonly registerEveryS?: number
  readonly generation?: boolean
  readonly exportWh?: (s: number) => number
  /** What it shows instead of what is. */
  readonly shownAt?: (s: number) => number
  /** And its power is of this moment. */
  readonly storedAt?: (s: number) => number
  /** The amps move although all else stands. */
  readonly rippleA?: (s: number) => number
  readonly isLost?: (s: number) => boolean
}

/** When it said so first, s; undefined = never within the time. */
function saidAtS(site: Site, lastS: number): number | undefined {
  const { powerW, quantumWh = 0, renewedEveryS = 1, pollS = 1, registerEveryS = 5, shownAt = s => s } = site
  const watch = newStandingWatch()
  const registers: number[] = []
  let wh = 0
  let shownWh = 0
  for (let s = 0; s <= lastS; s++) {
    wh += Math.max(0, powerW(s)) / HOUR_S
    if (site.renewedAtS?.(s) ?? s % renewedEveryS === 0)
      shownWh = quantumWh === 0 ? wh : Math.floor(wh / quantumWh) * quantumWh
    registers.push(shownWh)
    if (s % pollS !== 0 || site.isLost?.(s) === true) continue
    const at = shownAt(s)
    const totalPowerW = powerW(site.storedAt?.(s) ?? at)
    const amps = totalPowerW / 690 + (site.rippleA?.(s) ?? 0)
    const readS = Math.floor(s / registerEveryS) * registerEveryS
    const importWh = registers[shownAt(readS)]
    const exportWh = site.exportWh?.(s)
    const found = watchStanding(
      watch,
      {
        meterId: 'm',
        monoMs: s * 1_000,
        currentA: [amps, amps, amps],
        totalPowerW,
        ...(importWh !== undefined && { importWh }),
        ...(exportWh !== undefined && { exportWh }),
      },
      site.generation ?? false,
    )
    if (found !== undefined) return s
  }
  return undefined
}

/** It answers the same from here on. */
const frozenAt = (fromS: number) => (s: number) => Math.min(s, fromS)
const wavy = (meanW: number) => (s: number) => meanW * (1 + 0.02 * Math.sin(s))

t.test(
  'rule 15: a meter that freezes is found by its register, as soon as that is late by its own measure',
  t => {
    const rows: readonly [string, Site, number][] = [
      ['a fine register', { powerW: wavy(20_000) }, 25],
      ['one of 10 Wh at 20 kW', { powerW: wavy(20_000), quantumWh: 10 }, 25],
      ['one of 10 Wh at 3 kW', { powerW: wavy(3_000), quantumWh: 10 }, 50],
      [
        'one of 10 Wh, 20 kW for a minute after 600 W',
        { powerW: s => ((s + 50) % 100 < 35 ? 600 : 20_000), quantumWh: 10 },
        25,
      ],
      [
        'one of 10 Wh at 20 kW just after 60 kW',
        { powerW: s => (s < 1_950 ? 60_000 : 20_000), quantumWh: 10 },
        25,
      ],
      ['one of 100 Wh at 20 kW', { powerW: wavy(20_000), quantumWh: 100 }, 60],
      ['one of 1 kWh at 60 kW', { powerW: wavy(60_000), quantumWh: 1_000 }, 150],
      ['one that is renewed each 30 s', { powerW: wavy(20_000), renewedEveryS: 30 }, 75],
      ['polled each 5 s', { powerW: wavy(20_000), pollS: 5 }, 30],
      ['with generation', { powerW: wavy(20_000), generation: true }, 25],
      [
        'just after it was silent for a minute',
        { powerW: wavy(20_000), isLost: s => s > 1_938 && s < 1_998 },
        25,
      ],
      [
        'by a gateway that holds two moments',
        { powerW: wavy(20_000), storedAt: s => (s < 2_000 ? s : s % 5 === 0 ? 1_996 : 1_999) },
        25,
      ],
      [
        'with generation, and a register for it',
        { powerW: wavy(20_000), generation: true, exportWh: () => 7 },
        25,
      ],
    ]
    for (const [name, site, mostS] of rows)
      for (const fromS of [2_000, 2_003]) {
        const at = saidAtS({ ...site, shownAt: frozenAt(fromS) }, 2_000 + 600)
        t.ok(at !== undefined && at >= fromS && at - fromS <= mostS, `${name}: after ${(at ?? 0) - fromS} s`)
      }
    t.end()
  },
)

t.test(
  'a register that stands while the amps go on is found by eight of its steps, at the earliest after a minute',
  t => {
    const site: Site = { powerW: wavy(20_000), rippleA: s => Math.sin(s), shownAt: frozenAt(2_000) }
    const at = saidAtS(site, 2_600) ?? 0
    t.ok(at >= 2_060 && at <= 2_070, `after ${at - 2_000} s`)
    t.equal(
      saidAtS({ ...site, generation: true, exportWh: () => 7 }, 2_600),
      undefined,
      'not where it may feed back',
    )
    t.end()
  },
)

t.test('no register is said to stand that only counts coarsely, late, or nothing', t => {
  const day = (s: number): number => (s % 900 < 450 ? 60_000 : 600)
  const spikes = (s: number): number => (s % 300 < 10 ? 60_000 : 520)
  const rows: readonly [string, Site][] = [
    ['steady to the last bit', { powerW: () => 20_000, quantumWh: 10 }],
    ['fine, load up and down a hundredfold', { powerW: day }],
    ['of 10 Wh, load up and down a hundredfold', { powerW: day, quantumWh: 10 }],
    ['of 100 Wh, load up and down a hundredfold', { powerW: day, quantumWh: 100 }],
    ['of 1 kWh, load up and down a hundredfold', { powerW: day, quantumWh: 1_000 }],
    ['of 10 Wh, ten seconds of load in five minutes', { powerW: spikes, quantumWh: 10 }],
    ['renewed each 15 min', { powerW: day, renewedEveryS: 900 }],
    [
      'renewed each minute, load from little to much',
      { powerW: s => (s < HOUR_S ? 600 : 60_000), renewedEveryS: 60 },
    ],
    ['that never moved', { powerW: () => 20_000, shownAt: () => 0 }],
    ['below what it counts', { powerW: s => (s < 600 ? 20_000 : 400), shownAt: s => Math.min(s, 605) }],
    [
      'of a meter that is lost for 9 s and for a minute',
      { powerW: wavy(20_000), isLost: s => s % 30 < 9 || s % 600 < 60 },
    ],
    ['read each 30 s', { powerW: wavy(20_000), registerEveryS: 30 }],
    ['polled each minute', { powerW: wavy(20_000), pollS: 60 }],
    [
      'that feeds back without a sign, no register for it',
      {
        powerW: wavy(20_000),
        generation: true,
        shownAt: s => (s < 2_000 ? s : 2_000),
        rippleA: s => Math.sin(s),
      },
    ],
    [
      'of 10 Wh, power from poll to poll from little to much',
      { powerW: s => (s % 2 === 0 ? 60_000 : 600), quantumWh: 10 },
    ],
    [
      'of 100 Wh, much for an hour, then little',
      { powerW: s => (s < HOUR_S ? 60_000 : 600), quantumWh: 100 },
    ],
    ['renewed now and then', { powerW: day, renewedAtS: s => s % 25 < 1 || s % 17 < 1 || s % 29 < 1 }],
  ]
  for (const [name, site] of rows) t.equal(saidAtS(site, 4 * HOUR_S), undefined, name)
  t.end()
})

t.test('a register that is renewed more seldom from some day on is said to stand once, and not again', t => {
  const watch = newStandingWatch()
  let said = 0
  for (let s = 0; s < 4 * HOUR_S; s++) {
    const everyS = s < HOUR_S ? 5 : 60
    const found = watchStanding(
      watch,
      {
        meterId: 'm',
        monoMs: s * 1_000,
        currentA: [29, 29, 29],
        totalPowerW: 20_000,
        importWh: (Math.floor(s / everyS) * everyS * 20_000) / HOUR_S,
      },
      false,
    )
    if (found !== undefined) said = s
  }
  t.ok(said > HOUR_S && said < HOUR_S + 60, `last at ${said} s`)
  t.end()
})
