/** Rule 9 where a station tells power alone: what shows that a lower was followed, and what that it was not. */
import t from 'tap'
import { type PowerAt, type PowerTrail, withPower } from '../../../src/core/measuring/followed-power.js'

const connector = {
  id: 1,
  phases: 'L1L2L3',
  phaseRotation: 'RST',
  maxCurrentA: 32,
  failSafeCurrentA: 6,
} as const
const VOLTS = 230
const at = (offerA: number, more: Partial<PowerAt> = {}): PowerAt => ({
  connector,
  offerA,
  voltageV: VOLTS,
  lowV: 207,
  highV: 253,
  minCurrentA: 6,
  seemed: undefined,
  ...more,
})
const drawn = (phases: number, amps: number, errorW = 0) => {
  const powerW = phases * amps * VOLTS
  return { lowerW: powerW - errorW, upperW: powerW + errorW }
}
/** What is known after powers of so many phases at so many amps under such offers. */
function trail(...seen: readonly (readonly [offerA: number, phases: number, amps: number])[]): PowerTrail {
  return seen.reduce<PowerTrail>(
    (before, [offerA, phases, amps]) => withPower(before, drawn(phases, amps), at(offerA)),
    {},
  )
}

t.test(
  '16 A on one phase that stay when 16 A become 10 A are 16 A on each phase, and more by low volts',
  async t => {
    const { unfollowedA, testA } = trail([16, 1, 16], [10, 1, 16])
    t.equal(unfollowedA?.toFixed(1), '17.8')
    t.equal(testA, undefined, 'less than 6 A on three phases: no offer that a station takes would show it')
    const sixteen = { connector: { ...connector, maxCurrentA: 16 } }
    const first = withPower({}, drawn(1, 16), at(16, sixteen))
    t.equal(
      withPower(first, drawn(1, 16), at(10, sixteen)).unfollowedA,
      16,
      'never more than the connector gives',
    )
  },
)

t.test('a lower that is followed in proportion is none of that, on one, two and three phases', async t => {
  for (const phases of [1, 2, 3])
    t.match(trail([16, phases, 16], [10, phases, 10]), { shown: phases, unfollowedA: undefined })
})

t.test(
  'a step up in proportion shows the phases as well; then a tail below the offer is no doubt',
  async t => {
    const shown = trail([6, 3, 6], [16, 3, 16], [16, 3, 9], [10, 3, 9])
    t.match(shown, { shown: 3, unfollowedA: undefined }, '27 A on one phase, 9 A on three')
    const unshown = trail([32, 3, 9], [10, 3, 9])
    t.equal(unshown.unfollowedA, 30, 'what it may be on one phase')
    t.equal(unshown.testA, 6)
  },
)

t.test('what cannot be on one phase is not taken for it', async t => {
  const { unfollowedA, testA } = trail([32, 3, 16], [20, 3, 16])
  t.equal(unfollowedA?.toFixed(1), '26.7', '48 A are on two at least')
  t.equal(testA, 10)
  t.match(trail([32, 3, 16], [26, 3, 16]), { unfollowedA: undefined }, 'two phases carry that below 26 A')
})

t.test(
  'an offer below what it draws on all phases ends the doubt of a car that obeys, and of no other',
  async t => {
    const before = trail([32, 3, 16], [20, 3, 16])
    t.match(withPower(before, drawn(3, 10), at(10)), { shown: 3, unfollowedA: undefined })
    t.equal(withPower(before, drawn(3, 16), at(10)).unfollowedA?.toFixed(1), '26.7')
    t.equal(trail([32, 3, 16], [20, 3, 16], [10, 1, 15]).unfollowedA?.toFixed(1), '16.7', 'its own fall')
  },
)

t.test('small lowers one after the other are one that is large enough to tell', async t => {
  t.match(trail([16, 1, 16], [14, 1, 16]), { unfollowedA: undefined }, 'within what is alike')
  t.equal(trail([16, 1, 16], [14, 1, 16], [12, 1, 16]).unfollowedA?.toFixed(1), '17.8')
})

t.test('a car that was seen on one phase and draws more than that carries is booked on each', async t => {
  const before = trail([6, 1, 6])
  t.equal(withPower(before, drawn(1, 16), at(10, { seemed: 1 })).unfollowedA?.toFixed(1), '17.8')
  const shown = trail([6, 1, 6], [10, 1, 10])
  t.equal(shown.shown, 1)
  t.equal(withPower(shown, drawn(1, 16), at(10)).unfollowedA?.toFixed(1), '17.8')
  t.equal(withPower(shown, drawn(1, 16), at(10)).shown, undefined, 'nor is it on one phase for sure any more')
})

t.test('a car that goes on under a pause is booked at all it draws', async t => {
  t.equal(trail([10, 1, 10], [0, 1, 10]).unfollowedA?.toFixed(1), '11.1')
  t.match(trail([10, 1, 10], [0, 1, 0.2]), { unfollowedA: undefined }, 'its electronics may')
})

t.test('two ranges that are wide are neither the same power nor another', async t => {
  const before = withPower({}, { lowerW: 2160, upperW: 3600 }, at(8))
  const wide = withPower(before, { lowerW: 2160, upperW: 3600 }, at(6))
  t.match(wide, { unfollowedA: undefined }, 'it may have gone down from 3600 to 2700 W')
  t.match(withPower(wide, { lowerW: 2592, upperW: 2880 }, at(6)), { unfollowedA: undefined })
  const narrow = withPower(before, { lowerW: 2600, upperW: 2800 }, at(8))
  t.equal(withPower(narrow, { lowerW: 2592, upperW: 2880 }, at(6)).unfollowedA?.toFixed(1), '13.9')
})

t.test('a register too coarse to tell says nothing against its station', async t => {
  const coarse = drawn(3, 10, 6_000)
  const before = withPower({}, coarse, at(16))
  t.match(withPower(before, coarse, at(10)), { unfollowedA: undefined, shown: undefined })
})
