/** What a building controller gets that only listens: the whole gateway on simulated ports, and a client of its broker. */
import { Ajv2020 } from 'ajv/dist/2020.js'
import t from 'tap'
import { EVENT_TABLE, TOPIC_TABLE } from '../../src/mqtt/topics.js'
import { MINUTE, SECOND, Yard } from './fixtures/yard.js'

const PREFIX = 'busbar/yard/'

interface Heard {
  readonly atMs: number
  readonly path: string
  readonly payload: string
  readonly retained: boolean
}

/** Listens to everything from now on. */
async function listener(yard: Yard): Promise<readonly Heard[]> {
  const heard: Heard[] = []
  const link = yard.world.portsFor('plc').broker.connect(
    {
      ...{ url: 'mqtt://broker', clientId: 'plc', protocolVersion: 4, connectTimeoutMs: 1_000 },
      will: { topic: 'plc', payload: 'gone', retain: false },
    },
    {
      open: () => link.subscribe(`${PREFIX}#`),
      message: (topic, payload, retained) =>
        heard.push({ atMs: yard.nowMs, path: topic.slice(PREFIX.length), payload, retained }),
      closed: () => undefined,
    },
  )
  await yard.world.runFor(SECOND)
  return heard
}

/** Of each topic a listener has, whatever shape it has by the schema that Busbar publishes for it. */
function schemaFaults(heard: readonly Heard[]): readonly string[] {
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  const schemas = new Map(
    heard
      .filter(({ path }) => path.startsWith('schema/'))
      .map(({ path, payload }) => [path.slice(7), ajv.compile(JSON.parse(payload))]),
  )
  return heard.flatMap(({ path, payload }) => {
    if (path === 'status' || path.startsWith('schema/') || payload === '') return []
    const [first = '', , third] = path.split('/')
    const name = third === 'connectors' ? third : first === 'event' ? path : first
    const isValid = schemas.get(name)
    if (isValid === undefined) return [`${path}: no schema ${name}`]
    return isValid(JSON.parse(payload)) ? [] : [`${path}: ${ajv.errorsText(isValid.errors)}`]
  })
}

t.test('sessions, energy and alarms are told as they come, and all topics fit their schemas', async t => {
  const yard = new Yard({
    circuits: [{ id: 'main', ratedCurrentA: 63, worstCaseOtherLoadA: 0, metered: true }],
    stations: [
      { id: 'CP-1', circuit: 'main' },
      { id: 'CP-2', circuit: 'main' },
    ],
    mqtt: true,
  })
  await yard.open()
  const heard = await listener(yard)
  const last = (path: string) => JSON.parse(heard.findLast(one => one.path === path)?.payload ?? 'null')
  const events = (path: string) => heard.filter(one => one.path === path).map(one => JSON.parse(one.payload))
  yard.plugIn('CP-1', { maxA: 16 })
  await yard.world.runFor(100 * SECOND)
  const place = { stationId: 'CP-1', connectorId: 1, circuitId: 'main' }
  const [started] = events('event/session')
  t.match(started, { ...place, event: 'started', energyWh: 0 })
  t.notOk('durationS' in started, 'no duration while it runs')
  const { measuredA, powerW } = last('stations/CP-1/connectors/1')
  t.ok(Math.abs(powerW - 3 * 16 * 230) < 400, `${powerW} W at ${measuredA} A`)
  t.equal(last('stations/CP-1').powerW, last('stations/CP-1/connectors/1').powerW)
  t.equal(last('stations/CP-2').powerW, 0, 'without a session nothing flows')
  t.ok(last('stations/CP-1/connectors/1').importWh > 0)
  t.ok(Math.abs(last('circuits/main').powerW - powerW) < 400, 'by the meter')

  const { transaction } = yard.connectorView('CP-1')
  yard.station('CP-1').connectors[0]?.unplug()
  await yard.world.runFor(10 * SECOND)
  const [, ended] = events('event/session')
  t.match(ended, { ...place, event: 'ended', transactionId: transaction?.id, endedBy: 'driver' })
  t.ok(ended.energyWh > 100 && ended.energyWh < 400, `${ended.energyWh} Wh`)
  t.ok(ended.durationS > 80 && ended.durationS < 110, `${ended.durationS} s`)
  t.notMatch(JSON.stringify(heard), /"tag"/, 'of whoever charges nothing is told')

  t.same(last('alarms'), { count: 0, alarms: [] })
  yard.setMeterFault('main', { kind: 'silent' })
  await yard.world.runFor(10 * SECOND)
  const begun = events('event/alarm').at(0)
  t.match(begun, { event: 'begun', code: /^meter-/, about: 'main' })
  t.match(last('alarms'), { alarms: [{ code: /^meter-/, about: 'main' }] })
  t.notOk('powerW' in last('circuits/main'), 'a meter that is silent is neither zero nor its last value')
  yard.setMeterFault('main', { kind: 'none' })
  await yard.world.runFor(20 * SECOND)
  t.match(events('event/alarm').at(-1), { event: 'over' })
  t.notOk(heard.some(({ path, retained }) => path.startsWith('event/') && retained))

  const before = events('event/session').length
  yard.world.broker.setMood({ kind: 'down' })
  await yard.world.runFor(20 * SECOND)
  yard.plugIn('CP-2')
  await yard.world.runFor(30 * SECOND)
  yard.station('CP-2').connectors[0]?.unplug()
  await yard.world.runFor(40 * SECOND)
  yard.world.broker.setMood({ kind: 'up' })
  const later = await listener(yard)
  await yard.world.runFor(30 * SECOND)
  const missed = later.flatMap(({ path, payload }) => (path === 'event/session' ? [JSON.parse(payload)] : []))
  t.same(
    [before, ...missed.map(({ event, stationId }) => `${event} ${stationId}`)],
    [2, 'started CP-2', 'ended CP-2'],
    'what happened while the broker was away is told when it is back, in order',
  )
  t.ok(Date.parse(missed[1].endedAt) < yard.world.ports.clock.wallMs() - 30 * SECOND, 'with the time it was')

  t.same(schemaFaults(heard), [])
  const described = new Set(heard.flatMap(({ path }) => (path.startsWith('schema/') ? [path.slice(7)] : [])))
  for (const [topic] of TOPIC_TABLE) {
    const name = topic.includes('connectors') ? 'connectors' : (topic.split('/')[0] ?? '')
    t.ok(name === 'status' || described.has(name), `${topic} has a schema`)
  }
  for (const [name] of EVENT_TABLE) t.ok(described.has(`event/${name}`), `event/${name} has one`)
  const served = await yard.get('mqtt/schemas')
  t.same(new Set(Object.keys(served.body.schemas)), described, 'the page serves the same')
  await yard.close()
})

t.test('twelve stations at rest send at most a message a second', async t => {
  const yard = new Yard({
    circuits: [
      { id: 'main', ratedCurrentA: 160, worstCaseOtherLoadA: 60, metered: true },
      { id: 'feeder', parent: 'main', ratedCurrentA: 125, worstCaseOtherLoadA: 0 },
    ],
    stations: Array.from({ length: 12 }, (_, index) => ({ id: `CP-${index + 1}`, circuit: 'feeder' })),
    mqtt: true,
  })
  yard.baseA.set('main', [30, 30, 30])
  await yard.open()
  for (const id of ['CP-1', 'CP-2']) yard.plugIn(id, { maxA: 10 })
  await yard.world.runFor(60 * SECOND)
  const heard = await listener(yard)
  const from = heard.length
  await yard.world.runFor(MINUTE)
  const sent = heard.slice(from)
  const perS = sent.length / 60
  const bytesPerS = sent.reduce((sum, { path, payload }) => sum + path.length + payload.length, 0) / 60
  t.ok(perS <= 1, `${perS.toFixed(2)} messages/s, ${(bytesPerS / 1024).toFixed(2)} KiB/s`)
  for (let index = 1; index <= 12; index++)
    t.ok(
      sent.filter(({ path }) => path === `stations/CP-${index}`).length >= 1,
      `CP-${index} is told once a minute at least`,
    )
  await yard.close()
})
