/**
 * Core as the CSMS sees it through Busbar: sessions that end, resets, unlocking, configuration, power (seed 002
 * Appendix C rows 7-11, 19-33, 41-46, 54-58; sequences of facts/ocpp16.md §5).
 */
import type { ConformanceCase, Mark } from '../case.js'
import { type Fields, holds, same, text } from '../check.js'
import { allowed, auth, type Bench, msg, type Rig, type RigOptions, sn, TAGS } from './rig.js'

type Row = ConformanceCase<Bench>

const row = (id: string, title: string, mark: Mark, play: Row['play']): Row => ({
  id,
  title,
  profile: 'Core',
  mark,
  play,
})

const SOCKET: RigOptions = { fixedCable: false }
const A_WHILE_MS = 10_000

/** Stop and SN(Finishing), in either order. */
async function ended(rig: Rig, fields: Readonly<Record<string, unknown>>): Promise<void> {
  await rig.seesAnyOrder(msg('StopTransaction', fields), sn('Finishing'), ...allowed('SuspendedEV'))
  await rig.settle()
}

/** The same where the cable is free already. */
function endedFree(rig: Rig, fields: Readonly<Record<string, unknown>>): Promise<void> {
  return rig.seesAnyOrder(msg('StopTransaction', fields), ...allowed('Finishing'), sn('Available'))
}

async function unpluggedAndFree(rig: Rig): Promise<void> {
  rig.connector().unplug()
  await rig.sees(sn('Available'))
}

function reset(id: string, title: string, type: 'Hard' | 'Soft'): Row {
  return row(id, title, 'M', async bench => {
    const rig = await bench.open()
    await rig.answers('Accepted', 'ChangeAvailability', { connectorId: 0, type: 'Inoperative' })
    await rig.seesAnyOrder(sn('Unavailable', 0), sn('Unavailable', 1))
    await rig.answers('Accepted', 'Reset', { type })
    await rig.sees(...rig.bootSteps('Unavailable'))
    await rig.answers('Accepted', 'ChangeAvailability', { connectorId: 0, type: 'Operative' })
    await rig.seesAnyOrder(sn('Available', 0), sn('Available', 1))
  })
}

/** A hard reset may cut what the station has to tell: it tells it again after its boot. */
const hardReset = row('015', 'Hard Reset With Transaction', 'M', async bench => {
  const rig = await bench.open()
  await rig.charging()
  await rig.answers('Accepted', 'Reset', { type: 'Hard' })
  rig.check.hadOutage = true
  await rig.seesAnyOrder(
    { ...msg('StopTransaction', { reason: 'HardReset' }), isOptional: true },
    msg('StopTransaction', { reason: 'HardReset' }),
    ...allowed('Finishing'),
    ...rig.bootSteps('Finishing'),
  )
})

const softReset = row('016', 'Soft Reset With Transaction', 'M', async bench => {
  const rig = await bench.open()
  await rig.charging()
  await rig.answers('Accepted', 'Reset', { type: 'Soft' })
  await ended(rig, { reason: 'SoftReset' })
  await rig.sees(...rig.bootSteps('Finishing'))
})

export const CORE_STOP_CASES: readonly Row[] = [
  row('068', 'Stop Transaction - IdTag Stop equals IdTag Start', 'C', async bench => {
    const rig = await bench.open()
    await rig.charging()
    rig.tag(TAGS.other)
    await rig.sees(auth(TAGS.other))
    await rig.quiet(A_WHILE_MS, 'StopTransaction')
    rig.tag()
    await ended(rig, { reason: 'Local', idTag: TAGS.valid })
    await unpluggedAndFree(rig)
  }),
  row('069', 'Stop Transaction - ParentIdTag Stop equals ParentIdTag Start', 'C', async bench => {
    const rig = await bench.open()
    await rig.charging()
    rig.tag(TAGS.sibling)
    await rig.sees(auth(TAGS.sibling))
    await ended(rig, { reason: 'Local', idTag: TAGS.sibling })
    await unpluggedAndFree(rig)
  }),
  row('005_1', 'EV Side Disconnected - stop and unlock', 'C', async bench => {
    const rig = await bench.open({
      ...SOCKET,
      settings: { StopTransactionOnEVSideDisconnect: 'true', UnlockConnectorOnEVSideDisconnect: 'true' },
    })
    await rig.charging()
    rig.connector().unplug()
    await endedFree(rig, { reason: 'EVDisconnected' })
  }),
  row('005_2', 'EV Side Disconnected - stop, stays locked', 'C', async bench => {
    const rig = await bench.open({
      ...SOCKET,
      settings: { StopTransactionOnEVSideDisconnect: 'true', UnlockConnectorOnEVSideDisconnect: 'false' },
    })
    await rig.charging()
    rig.connector().unplug()
    // nothing stays locked of a cable that is the station's own
    if (rig.options.fixedCable === true) {
      await endedFree(rig, { reason: 'EVDisconnected' })
      return
    }
    await ended(rig, { reason: 'EVDisconnected' })
    await rig.answers('Unlocked', 'UnlockConnector', { connectorId: 1 })
    await rig.sees(sn('Available'))
  }),
  row('005_3', 'EV Side Disconnected - transaction goes on', 'C', async bench => {
    const rig = await bench.open({
      ...SOCKET,
      settings: { StopTransactionOnEVSideDisconnect: 'false', UnlockConnectorOnEVSideDisconnect: 'false' },
    })
    const transactionId = await rig.charging()
    rig.connector().unplug()
    await rig.sees(sn('SuspendedEV'))
    await rig.answers('Accepted', 'RemoteStopTransaction', { transactionId })
    await (rig.options.fixedCable === true ? endedFree : ended)(rig, { reason: 'Remote' })
  }),
  row('012', 'Remote Stop Charging Session', 'M', async bench => {
    const rig = await bench.open()
    const transactionId = await rig.charging()
    await rig.answers('Accepted', 'RemoteStopTransaction', { transactionId })
    await ended(rig, { reason: 'Remote', transactionId })
    await unpluggedAndFree(rig)
  }),
  reset('013', 'Hard Reset Without Transaction', 'Hard'),
  reset('014', 'Soft Reset Without Transaction', 'Soft'),
  hardReset,
  softReset,
  row('017_1', 'Unlock Connector - no transaction, socket', 'C', async bench => {
    const rig = await bench.open(SOCKET)
    await rig.answers('Unlocked', 'UnlockConnector', { connectorId: 1 })
  }),
  row('017_2', 'Unlock Connector - no transaction, fixed cable', 'C', async bench => {
    const rig = await bench.open()
    await rig.answers('NotSupported', 'UnlockConnector', { connectorId: 1 })
  }),
  row('018_1', 'Unlock Connector - with transaction, socket', 'C', async bench => {
    const rig = await bench.open(SOCKET)
    await rig.charging()
    await rig.answers('Unlocked', 'UnlockConnector', { connectorId: 1 })
    await ended(rig, { reason: 'UnlockCommand' })
    await unpluggedAndFree(rig)
  }),
  row('018_2', 'Unlock Connector - with transaction, fixed cable', 'C', async bench => {
    const rig = await bench.open()
    await rig.charging()
    await rig.answers('NotSupported', 'UnlockConnector', { connectorId: 1 })
    await rig.quiet(A_WHILE_MS, 'StopTransaction')
  }),
  row('019', 'Retrieve Configuration', 'M', async bench => {
    const rig = await bench.open()
    const conf = await rig.command('GetConfiguration', {})
    const keys: ReadonlyMap<string, Fields> = new Map(
      conf.configurationKey.map((entry: Fields) => [entry.key, entry]),
    )
    same(keys.get('NumberOfConnectors')?.readonly, true, 'NumberOfConnectors.readonly')
    // Busbar has set these otherwise; the CSMS reads what the station had before.
    for (const key of ['MeterValueSampleInterval', 'MeterValuesSampledData'])
      same(keys.get(key)?.value, rig.keyOf(key)?.default, key)
    holds(keys.size > 25, `GetConfiguration gave ${keys.size} keys`)
  }),
  row('021', 'Change/Set Configuration', 'M', async bench => {
    const rig = await bench.open()
    const change = { key: 'MeterValueSampleInterval', value: '60' }
    await rig.answers('Accepted', 'ChangeConfiguration', change)
    await rig.pause(A_WHILE_MS)
    const conf = await rig.command('GetConfiguration', { key: [change.key] })
    same(conf.configurationKey[0]?.value, '60', 'what the CSMS reads after its change')
  }),
  row('070', 'Sampled Meter Values', 'M', async bench => {
    const rig = await bench.open()
    const isFixed = rig.keyOf('MeterValuesSampledData')?.access === 'R'
    const more = isFixed ? [] : ['Power.Active.Import']
    const asked = ['Energy.Active.Import.Register', ...more]
    await rig.answers(isFixed ? 'Rejected' : 'Accepted', 'ChangeConfiguration', {
      key: 'MeterValuesSampledData',
      value: asked.join(','),
    })
    await rig.answers('Accepted', 'ChangeConfiguration', { key: 'MeterValueSampleInterval', value: '60' })
    await rig.charging()
    await rig.pause(200_000)
    const values = rig.background('MeterValues')
    const timesS = values.map(({ meterValue }) => Date.parse(meterValue[0].timestamp) / 1000)
    const stepsS = timesS.slice(1).map((atS, index) => Math.round(atS - (timesS[index] ?? 0)))
    same(stepsS, [60, 60], 'seconds between the samples the CSMS got')
    for (const { meterValue } of values) {
      const sampled: readonly Fields[] = meterValue[0].sampledValue
      const has = (name: string): boolean =>
        sampled.some(({ measurand, context }) => measurand === name && context === 'Sample.Periodic')
      holds(asked.every(has), `a sample without a measurand that was asked for: ${text(sampled)}`)
    }
  }),
  row('071', 'Clock-Aligned Meter Values', 'M', async bench => {
    const rig = await bench.open()
    const key = 'ClockAlignedDataInterval'
    const leastS = Math.max(60, ...(rig.keyOf(key)?.ranges ?? []).map(([from]) => from))
    await rig.answers('Accepted', 'ChangeConfiguration', { key, value: `${leastS}` })
    await rig.charging()
    await rig.pause((3 * leastS + 20) * 1_000)
    const aligned = rig
      .background('MeterValues')
      .filter(({ meterValue }) => meterValue[0].sampledValue[0].context === 'Sample.Clock')
    holds(aligned.length >= 3, `${aligned.length} clock-aligned values came`)
    for (const { meterValue } of aligned)
      same(
        Date.parse(meterValue[0].timestamp) % (leastS * 1_000),
        0,
        `ms past ${leastS} s of ${meterValue[0].timestamp}`,
      )
  }),
  row('028', 'Remote Stop Transaction - Rejected', 'M', async bench => {
    const rig = await bench.open()
    const transactionId = await rig.charging()
    await rig.answers('Rejected', 'RemoteStopTransaction', { transactionId: transactionId + 1 })
    await rig.quiet(A_WHILE_MS, 'StopTransaction')
  }),
  row('030', 'Unlock Connector - Unlock Failure', 'O', async bench => {
    const rig = await bench.open(SOCKET)
    rig.station.unlockFails = true
    await rig.answers('UnlockFailed', 'UnlockConnector', { connectorId: 1 })
  }),
  row('031', 'Unlock Connector - Unknown Connector', 'M', async bench => {
    const rig = await bench.open(SOCKET)
    await rig.answers('NotSupported', 'UnlockConnector', { connectorId: 2 })
  }),
  row('032_1', 'Power Failure - Stop Transaction before going down', 'C', async bench => {
    const rig = await bench.open()
    await rig.charging()
    rig.station.powerFailing()
    await ended(rig, { reason: 'PowerLoss' })
    rig.station.powerOff()
    await rig.pause(A_WHILE_MS)
    rig.station.powerOn()
    await rig.sees(...rig.bootSteps('Finishing'))
  }),
  row('032_2', 'Power Failure - Stop Transaction after boot', 'C', async bench => {
    const rig = await bench.open()
    await rig.charging()
    rig.station.powerOff()
    await rig.pause(A_WHILE_MS)
    rig.station.powerOn()
    const [boot, ...statuses] = rig.bootSteps('Finishing')
    if (boot !== undefined) await rig.sees(boot)
    await rig.seesAnyOrder(...statuses, msg('StopTransaction', { reason: 'PowerLoss' }))
  }),
  row('034', 'Power Failure with Unavailable Status', 'M', async bench => {
    const rig = await bench.open()
    await rig.answers('Accepted', 'ChangeAvailability', { connectorId: 0, type: 'Inoperative' })
    await rig.seesAnyOrder(sn('Unavailable', 0), sn('Unavailable', 1))
    await rig.settle()
    rig.station.powerOff()
    await rig.pause(A_WHILE_MS)
    rig.station.powerOn()
    await rig.sees(...rig.bootSteps('Unavailable'))
  }),
  row('040_1', 'Configuration Keys - Unknown', 'M', async bench => {
    const rig = await bench.open()
    await rig.answers('NotSupported', 'ChangeConfiguration', { key: 'Testing', value: 'true' })
  }),
  row('040_2', 'Configuration Keys - Incorrect Value', 'M', async bench => {
    const rig = await bench.open()
    await rig.answers('Rejected', 'ChangeConfiguration', { key: 'MeterValueSampleInterval', value: '-1' })
  }),
  row('062', 'Data Transfer to a Charge Point', 'M', async bench => {
    const rig = await bench.open()
    const conf = await rig.command('DataTransfer', { vendorId: 'Busbar', messageId: 'Test', data: 'x' })
    const refusals = ['Rejected', 'UnknownVendorId', 'UnknownMessageId']
    holds(refusals.includes(conf.status), `DataTransfer was answered ${text(conf)}`)
  }),
  row('064', 'Data Transfer to a Central System', 'O', async bench => {
    const rig = await bench.open()
    rig.csms.answerWith('DataTransfer', () => ({ kind: 'result', payload: { status: 'UnknownVendorId' } }))
    const payload = { vendorId: 'Vendor', messageId: 'Health', data: '{"a":1}' }
    rig.station.transferData(payload)
    await rig.sees(msg('DataTransfer', payload))
  }),
]
