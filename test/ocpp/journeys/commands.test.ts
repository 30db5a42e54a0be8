/** An operator's commands, and the keys nobody may change from above: over real sockets, with and without a CSMS. */
import t, { type Test } from 'tap'
import { judgeChange } from '../../../src/core/policy/guarded-keys.js'
import {
  BOOT,
  Csms,
  connectStation,
  friendly,
  MemoryJournal,
  siteOf,
  start,
  startEdge,
} from '../both-sides.js'

async function depot(t: Test) {
  const csms = await Csms.listen()
  csms.onCall = friendly(7_000)
  const running = await startEdge(siteOf({ stations: ['CP-1'], csmsPort: csms.port }), new MemoryJournal())
  t.teardown(async () => {
    await running.edge.stop()
    await csms.stop()
  })
  const station = await connectStation(running.edge.port, 'CP-1')
  const upstream = await csms.station('CP-1')
  await station.call('BootNotification', BOOT)
  return { ...running, csms, station, upstream }
}

const textOf = (outcome: { kind: string; payloadText?: string; code?: string }): string =>
  outcome.kind === 'result' ? (outcome.payloadText ?? '') : (outcome.code ?? outcome.kind)

t.test('a command reaches the station, its answer the operator, and the CSMS sees neither', async t => {
  const { edge, station, upstream } = await depot(t)
  station.onCall = call => (call.action === 'Reset' ? '{"status":"Accepted"}' : undefined)
  t.equal(textOf(await edge.command('CP-1', 'Reset', { type: 'Soft' })), '{"status":"Accepted"}')
  t.notOk(
    upstream.calls.some(call => call.action === 'Reset'),
    'nothing of it went up',
  )
})

t.test('rule 8: charging profiles go to the desk, never to the station', async t => {
  const { edge, desk, station } = await depot(t)
  const csChargingProfiles = {
    chargingProfileId: 1,
    stackLevel: 0,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingProfileKind: 'Absolute',
    chargingSchedule: { chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }] },
  }
  await edge.command('CP-1', 'SetChargingProfile', { connectorId: 1, csChargingProfiles })
  t.match(desk.asked, [{ stationId: 'CP-1' }])
  t.notOk(station.calls.some(call => call.action === 'SetChargingProfile'))
})

t.test('transaction ids of an operator are the ones the station knows', async t => {
  const { edge, csms, station } = await depot(t)
  csms.onCall = call =>
    call.action === 'StartTransaction'
      ? '{"transactionId":-5,"idTagInfo":{"status":"Accepted"}}'
      : friendly()(call)
  const conf = JSON.parse(await station.call('StartTransaction', start())) as { transactionId: number }
  t.ok(conf.transactionId > 0, 'the station was given an id of the reserved block')
  station.onCall = () => '{"status":"Accepted"}'
  t.equal(
    textOf(await edge.command('CP-1', 'RemoteStopTransaction', { transactionId: conf.transactionId })),
    '{"status":"Accepted"}',
  )
  t.equal(
    textOf(await edge.command('CP-1', 'RemoteStopTransaction', { transactionId: -5 })),
    '{"status":"Rejected"}',
  )
})

t.test('what does not fit is not sent, and says where', async t => {
  const { edge, station } = await depot(t)
  t.match(edge.commandFault('CP-1', 'Reset', { type: 'Sideways' }), {
    kind: 'unfit',
    code: 'PropertyConstraintViolation',
    path: '/type',
  })
  t.match(edge.commandFault('CP-1', 'Reset', {}), { code: 'OccurenceConstraintViolation' })
  t.match(edge.commandFault('CP-1', 'constructor', {}), { code: 'NotImplemented' })
  t.match(edge.commandFault('CP-1', 'StartTransaction', {}), { code: 'NotSupported' })
  t.match(edge.commandFault('CP-9', 'Reset', { type: 'Soft' }), { kind: 'unknown-station' })
  t.equal((await edge.command('CP-1', 'Reset', { type: 'Sideways' })).kind, 'error')
  t.equal((await edge.command('CP-9', 'Reset', { type: 'Soft' })).kind, 'closed')
  t.notOk(station.calls.some(call => call.action === 'Reset'))
})

t.test('a station that goes away in between is told as such', async t => {
  const { edge, station } = await depot(t)
  const outcome = edge.command('CP-1', 'ClearCache', {})
  await station.next('ClearCache')
  station.socket.terminate()
  t.equal((await outcome).kind, 'closed')
})

t.test('a key that re-homes a station is refused to CSMS and operator alike (CS4)', async t => {
  const { edge, station, upstream } = await depot(t)
  const change = { key: 'SecurityProfile', value: '2' }
  t.equal(textOf(await edge.command('CP-1', 'ChangeConfiguration', change)), '{"status":"Rejected"}')
  t.equal(await upstream.call('ChangeConfiguration', JSON.stringify(change)), '{"status":"Rejected"}')
  t.notOk(station.calls.some(call => call.action === 'ChangeConfiguration'))
})

t.test('which keys are refused, which are written down', async t => {
  const keys = {
    affectsLimits: ['SilentMode', 'SilentModeSchedule'],
    connection: ['SecurityProfile', 'AuthorizationKey'],
  }
  const context = { by: 'csms', leastProfile: 1, doors: new Set([0, 1, 2]) } as const
  const rows = [
    ['ChangeConfiguration', { key: 'HeartbeatInterval', value: '60' }, false, 'pass'],
    ['ChangeConfiguration', { key: 'securityprofile', value: '1' }, false, 'refuse'],
    ['ChangeConfiguration', { key: 'SilentMode', value: 'true' }, false, 'audit'],
    ['ChangeConfiguration', { key: 'AuthorizationKey', value: '00' }, true, 'password'],
    ['DataTransfer', { vendorId: 'WEG', messageId: 'AuthorizationKey' }, true, 'refuse'],
    ['ChangeConfiguration', { key: 'AuthorizationKey', value: '00' }, false, 'pass'],
    ['DataTransfer', { vendorId: 'WEG', messageId: 'SilentModeSchedule', data: [] }, false, 'audit'],
    ['DataTransfer', { vendorId: 'WEG' }, false, 'pass'],
    ['Reset', { type: 'Soft' }, false, 'pass'],
    ['ChangeConfiguration', 'no object', false, 'pass'],
  ] as const
  for (const [action, payload, holdsPassword, kind] of rows) {
    t.equal(
      judgeChange({ action, payload }, keys, { ...context, judgesPassword: holdsPassword }).kind,
      kind,
      `${action} ${JSON.stringify(payload)}`,
    )
  }
  const raised = (value: string, by: 'csms' | 'operator') =>
    judgeChange({ action: 'ChangeConfiguration', payload: { key: 'SecurityProfile', value } }, keys, {
      ...context,
      by,
      judgesPassword: false,
    }).kind
  t.equal(raised('2', 'operator'), 'audit', 'an operator raises it to a profile that has a port')
  t.equal(raised('3', 'operator'), 'refuse', 'no port for it')
  for (const value of ['0', '1', '2 ', 'x', ''])
    t.equal(raised(value, 'operator'), 'refuse', `never to "${value}" (084)`)
  t.equal(raised('2', 'csms'), 'refuse', 'the profile of its link to the CSMS stands in the configuration')
})
