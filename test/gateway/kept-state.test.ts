/** What outlives a restart, and that whatever is lost of it never lets more current flow. */
import t from 'tap'
import { keptStateSchema } from '../../src/core/config/kept-state.js'
import { startHousekeeping } from '../../src/gateway/housekeeping.js'
import { StateKeeper } from '../../src/gateway/kept-state.js'
import { createWorld } from '../../src/sim/ports/world.js'

const MINUTE = 60_000
const GONE = { code: 'station-gone', about: 'CP-1' }

t.test('an isolation and an acknowledged alarm outlive a restart, and end when they are over', async t => {
  const world = createWorld({ seed: 1 })
  const open = () => world.until(StateKeeper.open(world.ports))
  const first = await open()
  first.isolate('CP-1', true, 'admin')
  first.isolate('CP-2', true, 'admin')
  first.acknowledge(GONE, true, 'admin')
  await world.runFor(1000)
  const second = await open()
  t.same(second.isolated(), ['CP-1', 'CP-2'])
  t.match(second.acknowledged(), [{ ...GONE, by: 'admin' }])
  t.equal(second.lost, undefined)
  second.connected('CP-1')
  second.over(GONE)
  await world.runFor(1000)
  const third = await open()
  t.same(third.isolated(), ['CP-2'])
  t.same(third.acknowledged(), [])
})

t.test(
  'a document that is damaged, of another version or of another shape counts as empty, and is said',
  async t => {
    const whole = {
      version: 1,
      isolated: [{ stationId: 'CP-1', at: '2026-11-26T00:00:00.000Z', by: 'admin' }],
      acknowledged: [],
      page: {},
      leastSecurityProfiles: { 'CP-1': 2 },
    }
    t.ok(keptStateSchema.safeParse(whole).success)
    for (const document of [
      { ...whole, version: 2 },
      { ...whole, isolated: ['CP-1'] },
      { ...whole, more: 1 },
      [],
      7,
    ]) {
      const world = createWorld({ seed: 1 })
      await world.until(world.ports.files.save('state', document))
      const keeper = await world.until(StateKeeper.open(world.ports))
      t.same(keeper.isolated(), [], JSON.stringify(document))
      t.type(keeper.lost, 'string')
      t.equal(world.log().events('kept state not readable').length, 1)
    }
  },
)

t.test(
  'an alarm acknowledged before the restart that does not come again is forgotten after 10 min',
  async t => {
    const world = createWorld({ seed: 1 })
    const keeper = await world.until(StateKeeper.open(world.ports))
    keeper.acknowledge(GONE, true, 'admin')
    const housekeeping = startHousekeeping(world.ports, keeper, () => [])
    await world.runFor(9 * MINUTE)
    t.equal(keeper.acknowledged().length, 1)
    await world.runFor(3 * MINUTE)
    t.equal(keeper.acknowledged().length, 0)
    await world.until(housekeeping.stop())
  },
)
