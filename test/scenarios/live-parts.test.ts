/**
 * Another configuration under running sessions, one part after the other (issue "Set up", item 1): limits, policies for the time
 * without CSMS, a meter, the broker. Fuses, stations and the CSMS are in operator.test.ts.
 */
import t from 'tap'
import { parseSiteConfig } from '../../src/core/config/site-faults.js'
import { catalogue, MINUTE, SECOND, Yard } from './fixtures/yard.js'

interface Document {
  readonly meters: readonly { readonly id: string; readonly unitId: number }[]
  readonly [part: string]: unknown
}

t.test('limits, policies, a meter and the broker become others one by one, and no session ends', async t => {
  const yard = new Yard({
    mqtt: true,
    circuits: [
      { id: 'main', ratedCurrentA: 100, worstCaseOtherLoadA: 20, metered: true },
      { id: 'feeder', parent: 'main', ratedCurrentA: 63, worstCaseOtherLoadA: 0, metered: true },
    ],
    stations: ['CP-1', 'CP-2', 'CP-3'].map(id => ({ id, circuit: 'feeder' })),
  })
  yard.baseA.set('main', [8, 8, 8])
  await yard.open()
  for (const id of ['CP-1', 'CP-2']) yard.plugIn(id)
  await yard.world.runFor(3 * MINUTE)
  let document = yard.config() as Document
  /** As a PUT does. */
  const apply = async (change: object): Promise<void> => {
    document = { ...document, ...change }
    const parsed = parseSiteConfig(document, catalogue)
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults))
    await yard.world.until(yard.gateway?.apply(parsed.value) ?? Promise.reject(new Error('no gateway')))
  }
  const links = () => yard.view().stations.map(({ id, since }) => [id, since])
  const sessions = () => ['CP-1', 'CP-2'].map(id => yard.connectorView(id).transaction?.id)
  const [linked, running] = [links(), sessions()]
  t.ok(running.every(id => id !== undefined))
  const keeps = (what: string): void => {
    t.same([links(), sessions()], [linked, running], `${what}: every link and session stays`)
    t.equal(yard.overMs('main') + yard.overMs('feeder'), 0, `${what}: nothing is over`)
  }
  const mostA = () => Math.max(...yard.actualA('feeder'))
  t.ok(mostA() > 40, `${mostA()} A before`)

  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
  const window = { id: 'day', circuit: 'feeder', days, from: '00:00', to: '23:59', limitA: 24 }
  await apply({ limits: { windows: [window] } })
  await yard.world.runFor(30 * SECOND)
  t.ok(mostA() <= 24, `a limit: ${mostA()} A`)
  keeps('a limit')
  await apply({ limits: {} })
  await yard.world.runFor(3 * MINUTE)
  t.ok(mostA() > 40, `and without it: ${mostA()} A`)
  keeps('no limit')

  await yard.world.until(yard.csms.setOnline(false))
  await yard.world.runFor(MINUTE)
  yard.plugIn('CP-3')
  await yard.world.runFor(MINUTE)
  t.equal(yard.connectorView('CP-3').transaction, undefined, 'an unknown tag may not charge without CSMS')
  await apply({ offline: { AllowOfflineTxForUnknownId: true } })
  yard.station('CP-3').connectors[0]?.presentTag('TAG-CP-3')
  await yard.world.runFor(MINUTE)
  t.ok(yard.connectorView('CP-3').transaction !== undefined, 'by another policy it may')
  keeps('a policy')
  await yard.world.until(yard.csms.setOnline(true))
  await yard.world.runFor(2 * MINUTE)

  const { meters } = document
  const quality = () => yard.view().meters.map(({ id, quality }) => `${id} ${quality}`)
  t.same(quality(), ['main-meter fresh', 'feeder-meter fresh'])
  await apply({ meters: meters.map(one => (one.id === 'feeder-meter' ? { ...one, unitId: 77 } : one)) })
  await yard.world.runFor(MINUTE)
  t.match(quality(), ['main-meter fresh', /feeder-meter (?!fresh)/], 'one that nobody answers at')
  keeps('a meter')
  await apply({ meters })
  await yard.world.runFor(MINUTE)
  t.same(quality(), ['main-meter fresh', 'feeder-meter fresh'], 'and back')
  keeps('the meter of before')

  await apply({ mqtt: { url: 'mqtt://broker', prefix: 'busbar/other' } })
  await yard.world.runFor(30 * SECOND)
  t.equal(yard.world.broker.retained('busbar/other/#').get('busbar/other/status'), 'online')
  t.equal(
    yard.world.broker.retained('busbar/yard/#').get('busbar/yard/status'),
    'offline',
    'the old one ends',
  )
  keeps('the broker')
  await yard.close()
})
