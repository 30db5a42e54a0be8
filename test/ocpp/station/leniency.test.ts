/** What is repaired for a station that is known to write it wrongly, and that nothing else changes by a byte. */
import { once } from 'node:events'
import fc from 'fast-check'
import t from 'tap'
import { WebSocket } from 'ws'
import { LENIENCIES, type Leniency } from '../../../src/core/config/leniencies.js'
import { siteConfigSchema } from '../../../src/core/config/site.js'
import { completeTimestamp } from '../../../src/core/station/leniency.js'
import { repair } from '../../../src/ocpp/station/repair.js'
import { checkCall } from '../../../src/ocpp/wire/schemas.js'
import { BOOT, Csms, connectStation, friendly, MemoryJournal, siteOf, startEdge } from '../both-sides.js'

const repaired = (action: string, payloadText: string, ...set: readonly Leniency[]) =>
  repair({ messageId: '"1"', action, payloadText, payload: JSON.parse(payloadText) }, new Set(set))

t.test('each leniency repairs what it names', async t => {
  const rows: readonly (readonly [Leniency, action: string, sent: string, read: string])[] = [
    [
      'zoneless-timestamps',
      'StatusNotification',
      '{"connectorId":1, "status":"Available","errorCode":"NoError","timestamp": "2023-10-19T15:28:07" }',
      '{"connectorId":1, "status":"Available","errorCode":"NoError","timestamp": "2023-10-19T15:28:07Z" }',
    ],
    [
      'zoneless-timestamps',
      'MeterValues',
      '{"connectorId":1,"meterValue":[{"timestamp":"2023-10-19T15:28:07Z","sampledValue":[{"value":"1.10"}]},{"timestamp":"2023-10-19 15:28:17+02","sampledValue":[{"value":"2"}]}]}',
      '{"connectorId":1,"meterValue":[{"timestamp":"2023-10-19T15:28:07Z","sampledValue":[{"value":"1.10"}]},{"timestamp":"2023-10-19T15:28:17+02:00","sampledValue":[{"value":"2"}]}]}',
    ],
    [
      'zoneless-timestamps',
      'StopTransaction',
      '{"transactionId":1,"meterStop":2,"timestamp":"2023-10-19T15:28:07.5","transactionData":[{"timestamp":"2023-10-19T15:28:07+0130","sampledValue":[{"value":"1"}]}]}',
      '{"transactionId":1,"meterStop":2,"timestamp":"2023-10-19T15:28:07.5Z","transactionData":[{"timestamp":"2023-10-19T15:28:07+01:30","sampledValue":[{"value":"1"}]}]}',
    ],
    [
      'misspelt-enums',
      'StatusNotification',
      '{"connectorId":1,"status":"suspended_EV","errorCode":"Error"}',
      '{"connectorId":1,"status":"SuspendedEV","errorCode":"OtherError"}',
    ],
    [
      'misspelt-enums',
      'MeterValues',
      '{"connectorId":1,"meterValue":[{"timestamp":"2023-10-19T15:28:07Z","sampledValue":[{"value":"50","measurand":"frequency","unit":"Hz"},{"unit":"KWH","value":"1.10","phase":"l1"}]}]}',
      '{"connectorId":1,"meterValue":[{"timestamp":"2023-10-19T15:28:07Z","sampledValue":[{"value":"50","measurand":"Frequency"},{"unit":"kWh","value":"1.10","phase":"L1"}]}]}',
    ],
    [
      'misspelt-enums',
      'StopTransaction',
      '{"transactionId":1,"meterStop":2,"timestamp":"2023-10-19T15:28:07Z","reason":"EV Disconnected"}',
      '{"transactionId":1,"meterStop":2,"timestamp":"2023-10-19T15:28:07Z","reason":"EVDisconnected"}',
    ],
    [
      'meterValue-object',
      'MeterValues',
      '{"connectorId":1,"meterValue": {"timestamp":"2023-10-19T15:28:07Z","sampledValue":{"value":"1.10"}}}',
      '{"connectorId":1,"meterValue": [{"timestamp":"2023-10-19T15:28:07Z","sampledValue":[{"value":"1.10"}]}]}',
    ],
    [
      'reservationId-zero',
      'StartTransaction',
      '{"connectorId":1,"idTag":"A","meterStart":0,"reservationId":0,"timestamp":"2023-10-19T15:28:07Z"}',
      '{"connectorId":1,"idTag":"A","meterStart":0,"timestamp":"2023-10-19T15:28:07Z"}',
    ],
  ]
  for (const [leniency, action, sent, read] of rows) {
    const { call, leniencies } = repaired(action, sent, leniency)
    t.equal(call.payloadText, read, `${leniency} in ${action}`)
    t.same(call.payload, JSON.parse(read))
    t.same([...leniencies], [leniency])
    t.equal(checkCall(action, call.payload).ok, true, 'and then it fits')
    const others = LENIENCIES.filter(other => other !== leniency)
    t.equal(repaired(action, sent, ...others).call.payloadText, sent, 'the others do not touch it')
  }
  t.same(
    repaired(
      'MeterValues',
      '{"connectorId":1,"meterValue":{"timestamp":"2023-10-19T15:28:07","sampledValue":{"value":"1","unit":"hz"}}}',
      ...LENIENCIES,
    ).call.payload,
    { connectorId: 1, meterValue: [{ timestamp: '2023-10-19T15:28:07Z', sampledValue: [{ value: '1' }] }] },
    'all together',
  )
})

t.test('what fits, and what nobody can read, stays as it came', async t => {
  const fits =
    '{ "connectorId":1,"status":"Available","errorCode":"NoError","timestamp":"2023-10-19T15:28:07.000Z" }'
  t.equal(repaired('StatusNotification', fits, ...LENIENCIES).call.payloadText, fits)
  for (const text of ['2023-10-19', 'soon', '2023-10-19T15:28:07Z', '2023-10-19T15:28:07+02:00'])
    t.equal(completeTimestamp(text), undefined, text)
  fc.assert(
    fc.property(
      fc.constantFrom('MeterValues', 'StatusNotification', 'StartTransaction'),
      fc.json(),
      (action, text) => {
        const { call, leniencies } = repaired(action, text, ...LENIENCIES)
        return leniencies.size > 0 || call.payloadText === text
      },
    ),
    { numRuns: 300 },
  )
})

t.test('only the station that is named is lenient', async t => {
  const csms = await Csms.listen()
  csms.onCall = friendly()
  const site = siteOf({ stations: ['CP-1', 'CP-2'], csmsPort: csms.port })
  const config = siteConfigSchema.parse({
    ...site,
    stations: site.stations.map(station =>
      station.id === 'CP-1' ? { ...station, leniency: ['missing-subprotocol', 'misspelt-enums'] } : station,
    ),
  })
  const { edge } = await startEdge(config, new MemoryJournal())
  t.teardown(async () => {
    await edge.stop()
    await csms.stop()
  })
  const sent = '{"connectorId":1, "status":"available","errorCode":"NoError"}'
  const lenient = await connectStation(edge.port, 'CP-1', undefined, [])
  await lenient.call('BootNotification', BOOT)
  await lenient.call('StatusNotification', sent)
  const strict = await connectStation(edge.port, 'CP-2')
  await strict.call('BootNotification', BOOT)
  await strict.call('StatusNotification', sent)
  const seen = async (id: string) => (await (await csms.station(id)).next('StatusNotification')).text
  t.equal(await seen('CP-1'), sent.replace('available', 'Available'))
  t.equal(await seen('CP-2'), sent)
  t.equal(edge.counters.repairedCalls, 1)
  t.equal(await refusal(edge.port, 'CP-2', []), 400, 'no sub-protocol, no way in')
  t.equal(await refusal(edge.port, 'CP-1', ['ocpp2.0']), 400, 'a wrong one neither')
})

/** The HTTP status with which the upgrade is refused. */
async function refusal(port: number, id: string, protocols: string[]): Promise<number | undefined> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ocpp/${id}`, protocols)
  socket.on('error', () => {})
  const [, response] = await once(socket, 'unexpected-response')
  return response.statusCode
}
