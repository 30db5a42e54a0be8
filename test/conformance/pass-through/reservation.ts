/** Reservation and Remote Trigger through Busbar (seed 002 Appendix C rows 73-88; facts/ocpp16.md §5). */
import type { ConformanceCase, FeatureProfile, Mark } from '../case.js'
import { allowed, auth, type Bench, msg, type Rig, sn, TAGS } from './rig.js'

type Row = ConformanceCase<Bench>

const row =
  (profile: FeatureProfile) =>
  (id: string, title: string, mark: Mark, play: Row['play']): Row => ({ id, title, profile, mark, play })
const reservation = row('Reservation')
const trigger = row('Remote Trigger')

const ZERO = { settings: { ReserveConnectorZeroSupported: 'true' } }
const RESERVATION_ID = 9

function reserve(connectorId = 1, more: object = {}) {
  return {
    connectorId,
    expiryDate: '2026-01-14T09:00:00Z',
    idTag: TAGS.valid,
    reservationId: RESERVATION_ID,
    ...more,
  }
}

async function reserved(rig: Rig, request: object = reserve()): Promise<void> {
  await rig.answers('Accepted', 'ReserveNow', request)
  await rig.sees(sn('Reserved'))
}

async function startedWithReservation(rig: Rig, idTag: string): Promise<void> {
  await rig.seesAnyOrder(...allowed('Available'), sn('Preparing'))
  rig.plugIn()
  await rig.started({ idTag, reservationId: RESERVATION_ID })
}

async function inoperative(rig: Rig): Promise<void> {
  await rig.answers('Accepted', 'ChangeAvailability', { connectorId: 0, type: 'Inoperative' })
  await rig.seesAnyOrder(sn('Unavailable', 0), sn('Unavailable', 1))
}

export const RESERVATION_CASES: readonly Row[] = [
  reservation('046_1', 'Reservation of a Connector - Local start transaction', 'C', async bench => {
    const rig = await bench.open()
    await reserved(rig)
    rig.tag(TAGS.other)
    await rig.quiet(5_000, 'Authorize', 'StartTransaction')
    rig.tag()
    await rig.sees(auth())
    await startedWithReservation(rig, TAGS.valid)
  }),
  reservation('046_2', 'Reservation of a Connector - Remote start transaction', 'M', async bench => {
    const rig = await bench.open()
    await reserved(rig)
    await rig.answers('Accepted', 'RemoteStartTransaction', { idTag: TAGS.valid, connectorId: 1 })
    await rig.sees(auth())
    await startedWithReservation(rig, TAGS.valid)
  }),
  reservation('047', 'Reservation of a Connector - Expire', 'M', async bench => {
    const rig = await bench.open()
    const expiryDate = new Date(rig.station.wallMs() + 60_000).toISOString()
    await reserved(rig, reserve(1, { expiryDate }))
    await rig.sees(sn('Available'))
  }),
  reservation('048_1', 'Reservation of a Connector - Faulted', '-', async bench => {
    const rig = await bench.open()
    rig.connector().setFault('GroundFailure')
    await rig.sees(sn('Faulted', 1, 'GroundFailure'))
    await rig.answers('Faulted', 'ReserveNow', reserve())
  }),
  reservation('048_2', 'Reservation of a Connector - Occupied', 'M', async bench => {
    const rig = await bench.open()
    rig.plugIn()
    await rig.sees(sn('Preparing'))
    await rig.answers('Occupied', 'ReserveNow', reserve())
  }),
  reservation('048_3', 'Reservation of a Connector - Unavailable', 'M', async bench => {
    const rig = await bench.open()
    await inoperative(rig)
    await rig.answers('Unavailable', 'ReserveNow', reserve())
  }),
  reservation('048_4', 'Reservation of a Connector - Rejected', 'O', async bench => {
    const rig = await bench.open()
    await rig.answers('Rejected', 'ReserveNow', reserve(0))
  }),
  reservation('049', 'Reservation of a Charge Point - Transaction', 'M', async bench => {
    const rig = await bench.open(ZERO)
    await reserved(rig, reserve(0))
    rig.tag()
    await rig.sees(auth())
    await startedWithReservation(rig, TAGS.valid)
  }),
  reservation('050_2', 'Reservation of a Charge Point - Occupied', 'M', async bench => {
    const rig = await bench.open(ZERO)
    rig.plugIn()
    await rig.sees(sn('Preparing'))
    await rig.answers('Occupied', 'ReserveNow', reserve(0))
  }),
  reservation('050_3', 'Reservation of a Charge Point - Unavailable', 'M', async bench => {
    const rig = await bench.open(ZERO)
    await inoperative(rig)
    await rig.answers('Unavailable', 'ReserveNow', reserve(0))
  }),
  reservation('051', 'Cancel Reservation', 'M', async bench => {
    const rig = await bench.open()
    await reserved(rig)
    await rig.answers('Accepted', 'CancelReservation', { reservationId: RESERVATION_ID })
    await rig.sees(sn('Available'))
  }),
  reservation('052', 'Cancel Reservation - Rejected', 'M', async bench => {
    const rig = await bench.open()
    await reserved(rig)
    await rig.answers('Rejected', 'CancelReservation', { reservationId: RESERVATION_ID + 1 })
    await rig.quiet(5_000)
  }),
  ...(['053_1', '053_2'] as const).map(id =>
    reservation(
      id,
      `Use a Reserved Connector with parentIdTag - ${id === '053_1' ? 'Local' : 'Remote'}`,
      'M',
      async bench => {
        const rig = await bench.open()
        await reserved(rig, reserve(1, { parentIdTag: 'GROUP-1' }))
        if (id === '053_1') rig.tag(TAGS.sibling)
        else await rig.answers('Accepted', 'RemoteStartTransaction', { idTag: TAGS.sibling, connectorId: 1 })
        await rig.sees(auth(TAGS.sibling))
        await startedWithReservation(rig, TAGS.sibling)
      },
    ),
  ),
]

export const TRIGGER_CASES: readonly Row[] = [
  trigger('054', 'Trigger Message', 'M', async bench => {
    const rig = await bench.open()
    const asked = [
      ['MeterValues', {}],
      ['Heartbeat', {}],
      ['StatusNotification', { connectorId: 1, status: 'Available' }],
      ['DiagnosticsStatusNotification', { status: 'Idle' }],
      ['FirmwareStatusNotification', { status: 'Idle' }],
    ] as const
    for (const [requestedMessage, fields] of asked) {
      await rig.answers('Accepted', 'TriggerMessage', { requestedMessage, connectorId: 1 })
      await rig.sees(msg(requestedMessage, fields))
    }
    await rig.answers('Accepted', 'TriggerMessage', { requestedMessage: 'BootNotification' })
    await rig.sees(msg('BootNotification', {}))
  }),
  trigger('054_ext', 'Extended Trigger Message', '-', async bench => {
    const rig = await bench.open()
    await rig.answers('Accepted', 'ExtendedTriggerMessage', { requestedMessage: 'LogStatusNotification' })
    await rig.sees(msg('LogStatusNotification', { status: 'Idle' }))
  }),
  trigger('055', 'Trigger Message - Rejected', 'M', async bench => {
    const rig = await bench.open()
    await rig.answers('Rejected', 'TriggerMessage', { requestedMessage: 'MeterValues', connectorId: 2 })
    await rig.quiet(5_000, 'MeterValues')
  }),
]
