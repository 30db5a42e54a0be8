/**
 * Attacks on the promise through the whole gateway, each of something that stations and networks do: what they say of
 * themselves changes in the middle of a session, or comes late. Over = really above the rating.
 */
import t from 'tap'
import { MINUTE, SECOND, Yard, type YardCircuit, type YardStation } from './fixtures/yard.js'

/** A jump of other load: poll + 1.5 s + station + car (control rules, "The promise"). */
const ALIVE_MS = 13_700

const metered = (ratedCurrentA: number): YardCircuit => ({
  id: 'main',
  ratedCurrentA,
  marginA: 1,
  worstCaseOtherLoadA: 20,
  metered: true,
})

async function charging(circuit: YardCircuit, stations: readonly YardStation[], phases: 1 | 3 = 3) {
  const yard = new Yard({ circuits: [circuit], stations })
  await yard.open()
  for (const { id } of stations) yard.plugIn(id, { phases })
  await yard.world.runFor(5 * MINUTE)
  return yard
}

const two = ['CP-1', 'CP-2'].map(id => ({ id, circuit: 'main' }))

t.test('samples that waited since before a lower are no proof of it', async t => {
  const yard = await charging({ ...metered(46), metered: false, worstCaseOtherLoadA: 0 }, two)
  const drawnA = Math.max(...yard.flowA('CP-1'))
  t.ok(drawnA >= 20, `${drawnA} A`)
  const oldMs = yard.station('CP-1').wallMs() - 3 * MINUTE
  yard.ignoring.add('CP-1')
  const order = { id: 'grid', target: { station: 'CP-1', connector: 1 }, limitA: 8, durationS: 900 }
  t.equal((await yard.post('limits', order)).status, 200)
  let unbooked = ''
  let nth = 0
  yard.onLook = () => {
    const { bookedA } = yard.connectorView('CP-1')
    const flowA = Math.max(...yard.flowA('CP-1'))
    if (flowA > bookedA + 0.1) unbooked = `draws ${flowA} A, booked ${bookedA} A`
    if (nth++ % 8 !== 0) return
    const sampledValue = ['L1', 'L2', 'L3'].map(phase => ({
      value: '6',
      measurand: 'Current.Import',
      phase,
      unit: 'A',
    }))
    const timestamp = new Date(oldMs + nth * 250).toISOString()
    const transactionId = yard.connectorView('CP-1').transaction?.id
    yard.sendAs('CP-1', 'MeterValues', {
      connectorId: 1,
      transactionId,
      meterValue: [{ timestamp, sampledValue }],
    })
  }
  await yard.world.runFor(150 * SECOND)
  t.equal(unbooked, '')
  t.equal(yard.overMs('main'), 0, `${yard.watches.get('main')?.worstA} A`)
  await yard.close()
})

t.test('cars that take to three phases while Busbar is away are met as soon as it is back', async t => {
  const rotations = ['RST', 'STR', 'TRS', 'RST'] as const
  const stations = rotations.map((rotation, at) => ({ id: `CP-${at + 1}`, circuit: 'main', rotation }))
  const yard = await charging(metered(63), stations, 1)
  const offeredA = yard.offersA().reduce((sum, offerA) => sum + offerA, 0)
  t.ok(offeredA > 63, `one-phase cars use all three phases: ${yard.offersA().join(' ')} A`)
  yard.kill()
  await yard.world.runFor(5 * SECOND)
  for (const station of yard.stations.values()) station.connectors[0]?.switchPhases(3)
  await yard.world.runFor(5 * SECOND)
  await yard.startGateway()
  yard.resetWatches()
  await yard.world.runFor(2 * MINUTE)
  // Connected within some seconds, then as any jump of load.
  t.ok(yard.overMs('main') <= 10 * SECOND + ALIVE_MS, `over for ${yard.overMs('main')} ms`)
  yard.resetWatches()
  await yard.world.runFor(5 * MINUTE)
  t.equal(yard.overMs('main'), 0, 'and never again')
  await yard.close()
})

t.test('a second Start without a Stop, and then the Stop of the first, leaves the second booked', async t => {
  const yard = await charging({ ...metered(46), metered: false, worstCaseOtherLoadA: 0 }, two)
  const first = yard.connectorView('CP-1').transaction?.id
  const timestamp = new Date(yard.station('CP-1').wallMs()).toISOString()
  let unbooked = ''
  yard.onLook = () => {
    const { bookedA } = yard.connectorView('CP-1')
    const flowA = Math.max(...yard.flowA('CP-1'))
    if (flowA > bookedA + 0.1) unbooked = `draws ${flowA} A, booked ${bookedA} A`
  }
  yard.sendAs('CP-1', 'StartTransaction', { connectorId: 1, idTag: 'OTHER', meterStart: 0, timestamp })
  await yard.world.runFor(20 * SECOND)
  yard.sendAs('CP-1', 'StopTransaction', { transactionId: first, meterStop: 5, timestamp })
  await yard.world.runFor(5 * MINUTE)
  yard.sendAs('CP-1', 'StatusNotification', { connectorId: 1, status: 'Available', errorCode: 'NoError' })
  await yard.world.runFor(5 * MINUTE)
  t.equal(unbooked, '')
  t.equal(yard.overMs('main'), 0, `${yard.watches.get('main')?.worstA} A`)
  await yard.close()
})
