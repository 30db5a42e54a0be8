/** What a station is told by Busbar alone when its CALL does not fit: the 1.6 error codes, and life goes on. */
import fc from 'fast-check'
import t from 'tap'
import { BOOT, connectStation, MemoryJournal, siteOf, start, startEdge } from '../both-sides.js'

t.test('CALLs that are answered here', async t => {
  const { edge } = await startEdge(siteOf({ stations: ['CP-1', 'CP-2'] }), new MemoryJournal())
  t.teardown(() => edge.stop())
  const station = await connectStation(edge.port, 'CP-1')
  const rows = [
    ['NoSuchAction', '{}', 'NotImplemented'],
    ['constructor', '{}', 'NotImplemented'],
    ['Reset', '{"type":"Soft"}', 'NotSupported'],
    ['BootNotification', '{"chargePointModel":"M"}', 'OccurenceConstraintViolation'],
    ['BootNotification', '{"chargePointVendor":7,"chargePointModel":"M"}', 'TypeConstraintViolation'],
    [
      'BootNotification',
      `{"chargePointVendor":"${'v'.repeat(21)}","chargePointModel":"M"}`,
      'PropertyConstraintViolation',
    ],
    [
      'StatusNotification',
      '{"connectorId":1,"errorCode":"Error","status":"Available"}',
      'PropertyConstraintViolation',
    ],
    ['Heartbeat', '{"extra":1}', 'FormationViolation'],
  ] as const
  for (const [action, payload, code] of rows) {
    const answer = await station.call(action, payload)
    t.match(answer, new RegExp(`^"${code}","`), `${action} ${payload.slice(0, 60)}`)
  }
  t.match(
    await station.call('BootNotification', BOOT),
    /^\{"status":"Accepted"/,
    'the next good one is served',
  )
  t.match(
    await station.call('StartTransaction', start()),
    /"transactionId":1500000000/,
    'a transaction begins',
  )
  t.match(
    await station.call('StopTransaction', '{"transactionId":"odd","meterStop":"x"}'),
    /^\{/,
    'a transaction message is never refused for its content',
  )
})

t.test('no payload ends a session', async t => {
  const { edge } = await startEdge(siteOf({ stations: ['CP-1', 'CP-2'] }), new MemoryJournal())
  t.teardown(() => edge.stop())
  const station = await connectStation(edge.port, 'CP-1')
  const other = await connectStation(edge.port, 'CP-2')
  const actions = [
    'Authorize',
    'Heartbeat',
    'StatusNotification',
    'DataTransfer',
    'MeterValues',
    'StopTransaction',
    'x',
  ]
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...actions),
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 })),
      async (action, payload) => {
        const answer = await station.call(action, JSON.stringify(payload))
        return answer.length > 0
      },
    ),
    { numRuns: 300 },
  )
  t.match(await station.call('Heartbeat', '{}'), /currentTime/, 'it is still served')
  t.match(await other.call('Heartbeat', '{}'), /currentTime/, 'and so is the other')
})
