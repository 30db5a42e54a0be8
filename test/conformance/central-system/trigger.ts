/** Remote Trigger (seed 002 Appendix C rows 87, 88; sequences of facts/ocpp16.md §5). */
import type { ConformanceCase, Mark } from '../case.js'
import type { Rig } from './rig.js'
import { status } from './rig.js'
import { boot, booted, notify } from './states.js'

type Row = ConformanceCase<Rig>

const row = (id: string, title: string, mark: Mark, play: Row['play']): Row => ({
  id,
  title,
  profile: 'Remote Trigger',
  mark,
  play,
})

/** What the station sends once it has accepted the trigger. */
const TRIGGERED: readonly (readonly [string, (rig: Rig) => Promise<unknown>])[] = [
  ['MeterValues', meterValues],
  ['Heartbeat', ({ station }) => station.call('Heartbeat', {})],
  ['StatusNotification', rig => notify(rig, 'Available')],
  [
    'DiagnosticsStatusNotification',
    ({ station }) => station.call('DiagnosticsStatusNotification', { status: 'Idle' }),
  ],
  [
    'FirmwareStatusNotification',
    ({ station }) => station.call('FirmwareStatusNotification', { status: 'Idle' }),
  ],
  ['BootNotification', boot],
]

export const TRIGGER_CASES: readonly Row[] = [
  row('054', 'Trigger Message', 'M', async rig => {
    await booted(rig)
    for (const [requestedMessage, send] of TRIGGERED) {
      await rig.order({
        action: 'TriggerMessage',
        payload: { requestedMessage },
        answer: status('Accepted'),
        fixed: ['requestedMessage'],
      })
      await send(rig)
    }
  }),
  row('055', 'Trigger Message - Rejected', 'O', async rig => {
    await booted(rig)
    await rig.order({
      action: 'TriggerMessage',
      payload: { requestedMessage: 'MeterValues', connectorId: 2 },
      answer: status('Rejected'),
      fixed: ['requestedMessage', 'connectorId'],
    })
  }),
]

function meterValues({ station }: Rig): Promise<unknown> {
  const measurand = 'Energy.Active.Import.Register'
  return station.call('MeterValues', {
    connectorId: 1,
    meterValue: [
      {
        timestamp: station.timestamp(),
        sampledValue: [{ value: '1000', context: 'Trigger', measurand, unit: 'Wh' }],
      },
    ],
  })
}
