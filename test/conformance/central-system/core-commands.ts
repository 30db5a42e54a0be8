/**
 * Core, what the Central System commands: remote start and stop, reset, unlock, configuration, DataTransfer and their
 * refusals (seed 002 Appendix C rows 16-31, 39-43, 54-62; sequences of facts/ocpp16.md §5).
 */
import type { ConformanceCase, Mark } from '../case.js'
import { callError, type Order, type Rig, status } from './rig.js'
import { authorize, booted, charging, ended, notify, rebooted, start } from './states.js'

type Row = ConformanceCase<Rig>

const CONNECTION_TIMEOUT_MS = 30_000

const row = (id: string, title: string, mark: Mark, play: Row['play']): Row => ({
  id,
  title,
  profile: 'Core',
  mark,
  play,
})

const remoteStart = ({ tags }: Rig, answer: Order['answer'], connectorId = 1): Order => ({
  action: 'RemoteStartTransaction',
  payload: { connectorId, idTag: tags.valid },
  answer,
  fixed: connectorId === 1 ? [] : ['connectorId'],
})

const remoteStop = (transactionId: number, answer: Order['answer']): Order => ({
  action: 'RemoteStopTransaction',
  payload: { transactionId },
  answer,
  fixed: ['transactionId'],
})

const reset = (type: 'Hard' | 'Soft'): Order => ({
  action: 'Reset',
  payload: { type },
  answer: status('Accepted'),
  fixed: ['type'],
})

const unlock = (answer: string, connectorId = 1): Order => ({
  action: 'UnlockConnector',
  payload: { connectorId },
  answer: status(answer),
})

const change = (key: string, value: string, answer: string): Order => ({
  action: 'ChangeConfiguration',
  payload: { key, value },
  answer: status(answer),
})

/** One order to a station that idles. */
const ordered =
  (order: (rig: Rig) => Order) =>
  async (rig: Rig): Promise<void> => {
    await booted(rig)
    await rig.order(order(rig))
  }

const FULL_LIST = {
  listVersion: 1,
  updateType: 'Full',
  localAuthorizationList: [{ idTag: 'TAG-LISTED', idTagInfo: { status: 'Accepted' } }],
}

export const CORE_COMMAND_CASES: readonly Row[] = [
  row('010', 'Remote Start Charging Session - Cable Plugged in First', 'M', async rig => {
    await booted(rig)
    await notify(rig, 'Preparing')
    const { idTag } = await rig.order(remoteStart(rig, status('Accepted')))
    await authorize(rig, idTag)
    const transactionId = await start(rig, { idTag })
    await notify(rig, 'Charging')
    await ended(rig, { transactionId, reason: 'Local', idTag })
  }),
  row('011_1', 'Remote Start Charging Session - Remote Start First', 'M', async rig => {
    await booted(rig)
    const { idTag } = await rig.order(remoteStart(rig, status('Accepted')))
    await authorize(rig, idTag)
    await notify(rig, 'Preparing')
    const transactionId = await start(rig, { idTag })
    await notify(rig, 'Charging')
    await ended(rig, { transactionId, reason: 'Local', idTag })
  }),
  row('011_2', 'Remote Start Charging Session - connection timeout', 'M', async rig => {
    await booted(rig)
    const { idTag } = await rig.order(remoteStart(rig, status('Accepted')))
    await authorize(rig, idTag)
    await notify(rig, 'Preparing')
    await rig.station.pause(CONNECTION_TIMEOUT_MS)
    await notify(rig, 'Available')
  }),
  row('012', 'Remote Stop Charging Session', 'M', async rig => {
    await booted(rig)
    const transactionId = await charging(rig)
    await rig.order(remoteStop(transactionId, status('Accepted')))
    await ended(rig, { transactionId, reason: 'Remote' })
  }),
  row('013', 'Hard Reset Without transaction', 'M', async rig => {
    await booted(rig)
    await rig.order(reset('Hard'))
    await rebooted(rig)
  }),
  row('014', 'Soft Reset Without Transaction', 'M', async rig => {
    await booted(rig)
    await rig.order(reset('Soft'))
    await rebooted(rig)
  }),
  row(
    '017_1',
    'Unlock connector - no charging session running (Not fixed cable)',
    'M',
    ordered(() => unlock('Unlocked')),
  ),
  row(
    '017_2',
    'Unlock connector - no charging session running (Fixed cable)',
    'M',
    ordered(() => unlock('NotSupported')),
  ),
  row('018_1', 'Unlock Connector - With Charging Session (Not fixed cable)', '-', async rig => {
    await booted(rig)
    const transactionId = await charging(rig)
    await rig.order(unlock('Unlocked'))
    await ended(rig, { transactionId, reason: 'UnlockCommand' })
  }),
  row(
    '019_1',
    'Retrieve all configuration keys',
    'M',
    ordered(() => ({
      action: 'GetConfiguration',
      payload: {},
      answer: {
        kind: 'result',
        payload: {
          configurationKey: [
            { key: 'HeartbeatInterval', readonly: false, value: '300' },
            { key: 'NumberOfConnectors', readonly: true, value: '1' },
          ],
        },
      },
    })),
  ),
  row(
    '019_2',
    'Retrieve specific configuration key',
    'M',
    ordered(() => ({
      action: 'GetConfiguration',
      payload: { key: ['SupportedFeatureProfiles'] },
      answer: {
        kind: 'result',
        payload: {
          configurationKey: [
            { key: 'SupportedFeatureProfiles', readonly: true, value: 'Core,SmartCharging' },
          ],
        },
      },
      fixed: ['key'],
    })),
  ),
  row(
    '021',
    'Change/set Configuration',
    'M',
    ordered(() => ({ ...change('MeterValueSampleInterval', '60', 'Accepted'), fixed: ['key'] })),
  ),
  row('043_1', 'Send Local Authorization List - NotSupported', 'O', async rig => {
    await booted(rig)
    const order = { action: 'SendLocalList', payload: FULL_LIST }
    await rig.order({ ...order, answer: status('NotSupported') })
    await rig.order({ ...order, answer: callError('NotSupported') })
    // What the station did not take says nothing about tags: with no list kept everybody is welcome.
    if (rig.isBusbar) await authorize(rig, rig.tags.valid)
  }),
  row('042_1', 'Get Local List Version (not supported)', 'O', async rig => {
    await booted(rig)
    const order = { action: 'GetLocalListVersion', payload: {} }
    await rig.order({ ...order, answer: { kind: 'result', payload: { listVersion: -1 } } })
    await rig.order({ ...order, answer: callError('NotSupported') })
  }),
  row('026', 'Remote Start Charging Session - Rejected', 'M', async rig => {
    await booted(rig)
    const transactionId = await charging(rig)
    await rig.order(remoteStart(rig, status('Rejected')))
    await ended(rig, { transactionId, reason: 'Local', idTag: rig.tags.valid })
  }),
  row('027', 'Remote Start Transaction - connector id 0', '-', async rig => {
    await booted(rig)
    await rig.order(remoteStart(rig, status('Rejected'), 0))
    await rig.order(remoteStart(rig, callError('PropertyConstraintViolation'), 0))
  }),
  row('028', 'Remote Stop Transaction - Rejected', 'O', async rig => {
    await booted(rig)
    const transactionId = await charging(rig)
    await rig.refused('RemoteStopTransaction', { transactionId: transactionId + 1_000 })
    await rig.order(remoteStop(transactionId, status('Rejected')))
    await ended(rig, { transactionId, reason: 'Local', idTag: rig.tags.valid })
  }),
  row(
    '030',
    'Unlock Connector - Unlock Failure',
    'M',
    ordered(() => unlock('UnlockFailed')),
  ),
  row(
    '031',
    'Unlock Connector - Unknown Connector',
    'O',
    ordered(() => ({ ...unlock('NotSupported', 2), fixed: ['connectorId'] })),
  ),
  row(
    '040_1',
    'Configuration keys',
    'O',
    ordered(() => change('Testing', 'true', 'NotSupported')),
  ),
  row(
    '040_2',
    'Configuration Keys',
    'O',
    ordered(() => change('MeterValueSampleInterval', '-1', 'Rejected')),
  ),
  row('062', 'Data Transfer to a Charge Point', 'O', async rig => {
    await booted(rig)
    const payload = { vendorId: 'org.example.conformance', messageId: 'Message', data: 'Data' }
    for (const answer of ['Rejected', 'UnknownVendorId', 'UnknownMessageId'])
      await rig.order({ action: 'DataTransfer', payload, answer: status(answer) })
  }),
]
