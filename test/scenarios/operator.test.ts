/**
 * The whole gateway as its operator meets it, in simulated time: what was said of a station outlives a restart, each
 * degraded mode is told everywhere, and a control loop that stands still is told to the supervisor.
 */
import t from 'tap'
import type { SiteView } from '../../src/core/view/document.js'
import type { Clock } from '../../src/ports.js'
import { MINUTE, SECOND, Yard } from './fixtures/yard.js'

function yardOfTwo(mqtt = false): Yard {
  return new Yard({
    mqtt,
    circuits: [{ id: 'main', ratedCurrentA: 100, worstCaseOtherLoadA: 50, metered: true }],
    stations: [
      { id: 'CP-1', circuit: 'main' },
      { id: 'CP-2', circuit: 'main' },
    ],
  })
}

const codes = (view: SiteView): readonly string[] => view.alarms.map(({ code }) => code)
const isolated = (yard: Yard): readonly string[] =>
  yard.view().stations.flatMap(station => (station.isolated ? [station.id] : []))

/** CP-1's supply is cut, and somebody says so on the page. */
async function withIsolation(): Promise<Yard> {
  const yard = yardOfTwo()
  await yard.open()
  await yard.world.until(yard.station('CP-1').stop())
  await yard.world.runFor(10 * SECOND)
  t.ok(yard.connectorView('CP-1').bookedA > 0)
  const answer = await yard.ask('/api/v1/stations/CP-1/isolation', { isolated: true })
  t.equal(answer.status, 200)
  await yard.world.runFor(2 * SECOND)
  t.equal(yard.connectorView('CP-1').bookedA, 0)
  return yard
}

t.test('an isolation outlives a kill of Busbar, and ends when the station connects', async t => {
  const yard = await withIsolation()
  yard.kill()
  await yard.world.runFor(5 * SECOND)
  await yard.startGateway()
  await yard.world.runFor(2 * SECOND)
  t.same(isolated(yard), ['CP-1'])
  t.equal(yard.connectorView('CP-1').bookedA, 0, 'its amps are free for others from the first second')
  yard.addStation({ id: 'CP-1', circuit: 'main' })
  await yard.world.runFor(MINUTE)
  t.same(isolated(yard), [])
  yard.kill()
  await yard.startGateway()
  t.same(isolated(yard), [], 'nor does it come back with the next start')
  await yard.close()
})

t.test('a damaged state.json books an isolated station again and says so', async t => {
  for (const text of ['', '{"version":1,"isol', '\u0000\u0000']) {
    const yard = await withIsolation()
    yard.kill()
    yard.world.disk().putFile('state', text)
    await yard.startGateway()
    await yard.world.runFor(2 * SECOND)
    t.same(isolated(yard), [], JSON.stringify(text))
    t.ok(yard.connectorView('CP-1').bookedA > 0, 'its amps are kept free')
    t.ok(codes(yard.view()).includes('state-lost'))
    await yard.close()
  }
})

t.test('each degraded mode is on page, log, MQTT and metrics within 10 s', async t => {
  const modes: readonly (readonly [code: string, breaks: (yard: Yard) => unknown])[] = [
    ['meter-stale', yard => yard.setMeterFault('main', { kind: 'silent' })],
    ['circuit-over-limit', yard => yard.baseA.set('main', [120, 40, 40])],
    ['csms-away', yard => yard.world.until(yard.csms.setOnline(false))],
    ['mqtt-away', yard => yard.world.broker.setMood({ kind: 'down' })],
    ['station-gone', yard => yard.world.until(yard.station('CP-2').stop())],
    [
      'journal-failed',
      yard => {
        yard.world.disk().fault = 'full'
        yard.plugIn('CP-1')
      },
    ],
    [
      'state-failed',
      async yard => {
        await yard.world.until(yard.station('CP-2').stop())
        await yard.world.runFor(SECOND)
        yard.world.disk().fault = 'full'
        await yard.ask('/api/v1/stations/CP-2/isolation', { isolated: true })
      },
    ],
  ]
  for (const [code, breaks] of modes) {
    const yard = yardOfTwo(true)
    await yard.open()
    t.same(codes(yard.view()), [], `nothing is wrong before ${code}`)
    await breaks(yard)
    await yard.world.runFor(10 * SECOND)
    const page = (await (await yard.ask('/api/v1/status')).json()) as SiteView
    t.ok(codes(page).includes(code), `${code} on the page, with ${codes(page).join(', ')}`)
    t.equal(page.mode, 'degraded')
    t.equal(yard.world.log().events(`alarm: ${code}`).length, 1, `${code} in the log`)
    t.match(await (await yard.ask('/metrics')).text(), `busbar_alarms{code="${code}"} 1`)
    const told = yard.world.broker.retained('busbar/yard/#')
    // Of the broker itself its last will speaks.
    if (code === 'mqtt-away') t.equal(told.get('busbar/yard/status'), 'offline')
    else t.match(told.get('busbar/yard/site'), `"code":"${code}"`)
  }
})

t.test('what is wrong from the start is in the log too, and nothing is over that was not told', async t => {
  const yard = yardOfTwo()
  await yard.world.until(yard.csms.start())
  await yard.startGateway()
  await yard.world.runFor(3 * SECOND)
  const told = () => yard.world.log().events('alarm: station-gone').length
  t.equal(told(), 2)
  yard.addStation({ id: 'CP-1', circuit: 'main' })
  await yard.world.runFor(MINUTE)
  t.equal(told(), 2)
  t.equal(yard.world.log().events('alarm over: station-gone').length, 1)
  await yard.close()
})

t.test(
  'a control loop that stands still for 5 s makes /healthz answer 503, and 200 when it runs',
  async t => {
    const yard = yardOfTwo()
    const { ports } = yard.world
    let stands = false
    const held: Clock = {
      ...clockOf(ports.clock),
      every: (periodMs, run) => ports.clock.every(periodMs, () => (stands ? undefined : run())),
    }
    await yard.world.until(yard.csms.start())
    await yard.startGateway({ ...ports, clock: held })
    await yard.world.runFor(MINUTE)
    t.equal((await yard.ask('/healthz')).status, 200)
    stands = true
    await yard.world.runFor(4 * SECOND)
    t.equal((await yard.ask('/healthz')).status, 200)
    await yard.world.runFor(2 * SECOND)
    const answer = await yard.ask('/healthz')
    t.equal(answer.status, 503)
    t.match(await answer.json(), { status: 'failing', reasons: [{ code: 'control-stalled' }] })
    stands = false
    await yard.world.runFor(SECOND)
    t.equal((await yard.ask('/healthz')).status, 200)
    await yard.close()
  },
)

function clockOf(clock: Clock): Clock {
  return {
    wallMs: () => clock.wallMs(),
    monoMs: () => clock.monoMs(),
    after: (delayMs, run) => clock.after(delayMs, run),
    every: (periodMs, run) => clock.every(periodMs, run),
    eachMinute: run => clock.eachMinute(run),
  }
}
