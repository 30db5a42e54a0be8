import t from 'tap'
import {
  acknowledgeStatus,
  dueStatuses,
  MAX_MISSED_FAULTS,
  noteStatus as noteOnly,
  oweStatus,
  type StatusRecord,
  statusNoticeOf,
} from '../../../src/core/station/status-memory.js'

const notice = (status: string, errorCode = 'NoError', at = 'T0') => {
  const payload = { status, errorCode, timestamp: at }
  return statusNoticeOf(payload, JSON.stringify(payload))
}

const owed = (record: StatusRecord): string[] =>
  dueStatuses(record).map(due => String(JSON.parse(due.signature)[0] ?? ''))

/** Said by the station, and answered by Busbar. */
const noteStatus = (...said: Parameters<typeof noteOnly>) => oweStatus(noteOnly(...said), said[2])

t.test('a status is owed when it differs from the acknowledged one', async t => {
  let record = noteStatus(undefined, 1, notice('Available'))
  t.same(owed(record), ['Available'])
  record = acknowledgeStatus(record, notice('Available'))
  t.same(owed(record), [])
  record = noteStatus(record, 1, notice('Preparing'))
  record = noteStatus(record, 1, notice('Available', 'NoError', 'T9'))
  t.same(owed(record), [], 'there and back again, only the time differs')
})

t.test('faults that came and went are owed in order, then the present state', async t => {
  let record = acknowledgeStatus(noteStatus(undefined, 1, notice('Available')), notice('Available'))
  for (const [status, code] of [
    ['Faulted', 'GroundFailure'],
    ['Available', 'NoError'],
    ['Faulted', 'OverVoltage'],
    ['Available', 'NoError'],
  ] as const)
    record = noteStatus(record, 1, notice(status, code))
  t.same(owed(record), ['Faulted', 'Faulted', 'Available'])
  for (const due of dueStatuses(record)) record = acknowledgeStatus(record, due)
  t.same(owed(record), [])
})

t.test('a flapping connector stays bounded', async t => {
  let record = noteStatus(undefined, 1, notice('Available'))
  for (let i = 0; i < 3 * MAX_MISSED_FAULTS; i++) {
    record = noteStatus(record, 1, notice('Faulted', `E${i}`))
    record = noteStatus(record, 1, notice('Available'))
  }
  t.equal(record.missedFaults.length, MAX_MISSED_FAULTS)
})

t.test('what the station was not answered for, it repeats by itself: nothing is owed', async t => {
  const record = noteOnly(undefined, 1, notice('Charging'))
  t.same(dueStatuses(record), [])
  t.same(
    dueStatuses(oweStatus(record, notice('Charging', 'NoError', 'another'))),
    [],
    'another is not this one',
  )
  t.equal(dueStatuses(oweStatus(record, record.latest)).length, 1)
})
