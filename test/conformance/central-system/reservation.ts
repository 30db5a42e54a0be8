/**
 * Reservation of a connector and of the whole station (seed 002 Appendix C rows 73-86 and the newer 048_1, 050_1, 050_4;
 * sequences of facts/ocpp16.md §5).
 */
import type { ConformanceCase, Mark } from '../case.js'
import { type Fields, same } from '../check.js'
import { type Rig, status } from './rig.js'
import { authorize, booted, ended, notify, start } from './states.js'

type Row = ConformanceCase<Rig>

const row = (id: string, title: string, mark: Mark, play: Row['play']): Row => ({
  id,
  title,
  profile: 'Reservation',
  mark,
  play,
})

const RESERVATION_ID = 17
const LASTS_MS = 120_000
/** A Central System whose reservations last longer is not waited for. */
const LONGEST_WAIT_MS = 300_000

export const RESERVATION_CASES: readonly Row[] = [
  row('046', 'Reservation of a Connector - Local start transaction', 'M', async rig => {
    await booted(rig)
    await useReserved(rig, await reserve(rig))
  }),
  row('047', 'Reservation of a Connector - Expire', 'M', async rig => {
    await booted(rig)
    const { expiryDate } = await reserve(rig)
    await notify(rig, 'Reserved')
    const leftMs = Date.parse(expiryDate) - rig.station.wallMs()
    await rig.station.pause(Math.min(LONGEST_WAIT_MS, Math.max(0, leftMs)))
    await notify(rig, 'Available')
  }),
  row('048_1', 'Reservation of a Connector - Faulted', '-', async rig => {
    await booted(rig, 'Faulted')
    await reserve(rig, { answer: 'Faulted' })
  }),
  row('048_2', 'Reservation of a Connector - Occupied', 'O', async rig => {
    await booted(rig)
    await notify(rig, 'Preparing')
    await reserve(rig, { answer: 'Occupied' })
  }),
  row('048_3', 'Reservation of a Connector - Unavailable', 'O', async rig => {
    await booted(rig)
    await rig.order({
      action: 'ChangeAvailability',
      payload: { connectorId: 1, type: 'Inoperative' },
      answer: status('Accepted'),
      fixed: ['type'],
    })
    await notify(rig, 'Unavailable')
    await reserve(rig, { answer: 'Unavailable' })
  }),
  row('048_4', 'Reservation of a Connector - Rejected', 'M', async rig => {
    await booted(rig)
    await reserve(rig, { answer: 'Rejected' })
  }),
  row('049', 'Reservation of a Charge Point - Transaction', 'M', async rig => {
    await booted(rig)
    await useReserved(rig, await reserve(rig, { connectorId: 0 }))
  }),
  row('050_1', 'Reservation of a Charge Point - Faulted', '-', async rig => {
    await booted(rig, 'Faulted')
    await reserve(rig, { connectorId: 0, answer: 'Faulted' })
  }),
  row('050_4', 'Reservation of a Charge Point - Rejected', '-', async rig => {
    await booted(rig)
    await reserve(rig, { connectorId: 0, answer: 'Rejected' })
  }),
  row('051', 'Cancel Reservation', 'M', async rig => {
    await booted(rig)
    const { reservationId } = await reserve(rig)
    await notify(rig, 'Reserved')
    await rig.order({
      action: 'CancelReservation',
      payload: { reservationId },
      answer: status('Accepted'),
      fixed: ['reservationId'],
    })
    await notify(rig, 'Available')
  }),
  row('052', 'Cancel Reservation - Rejected', 'O', async rig => {
    await booted(rig)
    await rig.order({
      action: 'CancelReservation',
      payload: { reservationId: RESERVATION_ID + 1 },
      answer: status('Rejected'),
    })
  }),
  row('053', 'Use a reserved Connector with parentIdTag', 'O', async rig => {
    await booted(rig)
    await rig.knowTags()
    const { parentIdTag, reservationId } = await reserve(rig, { parentIdTag: rig.tags.parent })
    await notify(rig, 'Reserved')
    const idTag = rig.tags.sibling
    const info = await authorize(rig, idTag)
    same(info.parentIdTag, parentIdTag, 'parentIdTag in Authorize.conf')
    await notify(rig, 'Preparing')
    const transactionId = await start(rig, { idTag, reservationId })
    await notify(rig, 'Charging')
    await ended(rig, { transactionId, reason: 'Local', idTag })
  }),
]

interface Reserve {
  readonly connectorId?: number
  readonly parentIdTag?: string
  readonly answer?: string
}

/** <ReserveNow; gives the payload the station got. */
function reserve(rig: Rig, how: Reserve = {}): Promise<Fields> {
  const { station, tags } = rig
  const { connectorId = 1, parentIdTag, answer = 'Accepted' } = how
  return rig.order({
    action: 'ReserveNow',
    payload: {
      connectorId,
      expiryDate: station.timestamp(-LASTS_MS),
      idTag: tags.valid,
      reservationId: RESERVATION_ID,
      ...(parentIdTag !== undefined && { parentIdTag }),
    },
    answer: status(answer),
    fixed: ['connectorId'],
  })
}

/** >SN(Reserved), then the reserved tag charges. */
async function useReserved(rig: Rig, { idTag, reservationId }: Fields): Promise<void> {
  await notify(rig, 'Reserved')
  await authorize(rig, idTag)
  await notify(rig, 'Preparing')
  const transactionId = await start(rig, { idTag, reservationId })
  await notify(rig, 'Charging')
  await ended(rig, { transactionId, reason: 'Local', idTag })
}
