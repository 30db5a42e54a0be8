/**
 * Reasons of the status document, true and short (issue "No free amp", A12): each is watched second by second through the whole
 * gateway for as long as it is said of an offer that does not move.
 */
import t from 'tap'
import type { WhyView } from '../../src/core/view/document.js'
import { MINUTE, SECOND, Yard } from './fixtures/yard.js'

const ids = (count: number): string[] => Array.from({ length: count }, (_, index) => `CP-${index + 1}`)

/** The longest that each may be said of an offer that stays, s; what is not here may last. */
const MOST_S: Readonly<Record<string, number>> = {
  // The steps of the ramp are 10 s apart.
  ramp: 30,
  stagger: 65,
  probe: 60,
  starting: 20,
  // Half of a lease.
  refresh: 155,
  // An answer, and what a station and its car need to be seen to follow.
  proof: 75,
  unanswered: 20,
  unproven: 60,
  settling: 60,
}

interface Said {
  readonly of: string
  readonly sinceMs: number
  readonly liftAt: string | undefined
}

class Listener {
  readonly faults: string[] = []
  readonly heard = new Map<string, number>()
  readonly #said = new Map<string, Said>()

  hear(key: string, offerA: number, { chain, text }: WhyView, nowMs: number, wallMs: number): void {
    const last = chain.at(-1)
    if (last === undefined) return
    const of = `${last.code} at ${offerA} A`
    const before = this.#said.get(key)
    const said =
      before?.of === of && before.liftAt === last.liftAt
        ? before
        : { of, sinceMs: nowMs, liftAt: last.liftAt }
    const isSame = before?.of === of
    this.#said.set(key, { ...said, sinceMs: isSame ? before.sinceMs : nowMs })
    const forS = (nowMs - (isSame ? before.sinceMs : nowMs)) / SECOND
    this.heard.set(last.code, Math.max(this.heard.get(last.code) ?? 0, forS))
    if (forS > (MOST_S[last.code] ?? Number.POSITIVE_INFINITY)) this.#blame(`${key} for ${forS} s: ${text}`)
    if (last.lift === 'time' && last.liftAt !== undefined && wallMs - Date.parse(last.liftAt) > 5 * SECOND)
      this.#blame(
        `${key}, ${(wallMs - Date.parse(last.liftAt)) / SECOND} s after its time: ${last.code}, ${text}`,
      )
    if (/\b(-|NaN|undefined)/.test(text)) this.#blame(`${key}: ${text}`)
  }

  #blame(fault: string): void {
    if (this.faults.length < 10) this.faults.push(fault)
  }
}

/** Twelve cars on what is tight for them. */
async function crowded(seed: number): Promise<Yard> {
  const yard = new Yard({
    seed,
    circuits: [{ id: 'main', ratedCurrentA: 100, marginA: 2, worstCaseOtherLoadA: 40, metered: true }],
    stations: ids(12).map((id, index) => ({
      ...{ id, circuit: 'main' },
      device: ['ecs-wkt-ec13', 'weg-wemob', 'generic'][(index + seed) % 3] ?? 'generic',
    })),
  })
  yard.baseA.set('main', [20, 20, 20])
  await yard.open()
  for (const id of ids(12)) {
    const maxA = yard.world.random.next() < 0.5 ? 16 : 32
    yard.plugIn(id, { maxA, phases: yard.world.random.next() < 0.3 ? 1 : 3 })
  }
  return yard
}

t.test('A12: what is said to hold a car back for now ends in its time', async t => {
  const listener = new Listener()
  for (const seed of [2, 3]) {
    const yard = await crowded(seed)
    const dice = yard.world.random
    const away = new Set<string>()
    for (let s = 0; s < 20 * 60; s++) {
      if (dice.next() < 1 / 40) {
        const amps = 10 + Math.round(dice.next() * 25)
        yard.baseA.set('main', [amps, amps + 1, amps])
      }
      if (dice.next() < 1 / 120) {
        const id = `CP-${1 + Math.floor(dice.next() * 12)}`
        if (away.delete(id)) yard.plugIn(id, { maxA: 32 })
        else {
          away.add(id)
          yard.station(id).connectors[0]?.unplug()
        }
      }
      await yard.world.runFor(SECOND)
      if (s < 90) continue
      const wallMs = yard.world.ports.clock.wallMs()
      for (const id of ids(12)) {
        const { why, allocationA = 0 } = yard.connectorView(id)
        listener.hear(`${seed}: ${id}`, allocationA, why, yard.nowMs, wallMs)
      }
    }
    await yard.close()
  }
  t.same(listener.faults, [])
  for (const code of ['refresh', 'proof', 'room', 'ramp', 'stagger'])
    t.ok(listener.heard.has(code), `${code}, for at most ${listener.heard.get(code)} s`)
})

t.test('A12: a circuit says once how many cars share it, and each car no more than a sentence', async t => {
  const yard = await crowded(1)
  await yard.world.runFor(8 * MINUTE)
  let turns = 0
  for (let look = 0; look < 30; look++) {
    await yard.world.runFor(10 * SECOND)
    const [main] = yard.view().circuits
    if (main?.why === undefined) throw new Error('no circuit')
    const { text, parts, phase } = main.why
    const partOf = (code: string) => parts.find(part => part.code === code)
    t.equal(new Set(parts.map(({ code }) => code)).size, parts.length, 'each part once')
    t.ok(text.length <= 240, text)
    const views = ids(12).map(id => yard.connectorView(id))

    const cars = partOf('cars')?.count ?? 0
    t.ok(cars >= 2, text)
    for (const { why } of views) {
      t.ok(why.text.length <= 160, why.text)
      const last = why.chain.at(-1)
      if (last?.phase !== phase || last.cars === undefined) continue
      t.equal(last.cars, cars, `${why.text} ${text}`)
      if (last.code !== 'turn') continue
      turns++
      t.ok((partOf('free')?.valueA ?? 0) < 6, `${text} ${why.text}`)
    }
  }
  t.ok(turns > 0, 'some wait their turn')
  await yard.close()
})
