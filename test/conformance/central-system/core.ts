/**
 * Core, what the station does by itself: boot, sessions, refused tags, power and line failures (seed 002 Appendix C
 * rows 2-14, 35-38, 44-53; sequences of facts/ocpp16.md §5). What the Central System commands is in core-commands.ts.
 */
import type { ConformanceCase, Mark } from '../case.js'
import { holds } from '../check.js'
import { type Rig, status } from './rig.js'
import { authorize, boot, booted, charging, ended, notify, rebooted, start, stop } from './states.js'

type Row = ConformanceCase<Rig>

/** A ConnectionTimeOut, an outage, a wait between two steps. */
const WAIT_MS = 30_000
const HEARTBEATS = 3
const OUTAGE_MS = 60_000
/** Both clocks are set by somebody; a minute off is no clock. */
const CLOCKS_APART_MS = 60_000

const row = (id: string, title: string, mark: Mark, play: Row['play']): Row => ({
  id,
  title,
  profile: 'Core',
  mark,
  play,
})

export const CORE_CASES: readonly Row[] = [
  row('002', 'Cold Boot Charge Point - Pending', 'O', {
    notApplicable:
      'a configured station is accepted at once and any other is refused at the upgrade: without a CSMS nobody would end a Pending',
  }),
  row('000_BOOT', 'Send Boot Notification to Central System', 'M', async rig => {
    await rig.station.connect()
    const { interval, currentTime } = await boot(rig)
    closeTo(rig, currentTime)
    await notify(rig, 'Available', { connectorId: 0 })
    await notify(rig, 'Available')
    for (let beat = 0; beat < HEARTBEATS; beat++) {
      await rig.station.pause(Math.min(interval * 1000, WAIT_MS))
      closeTo(rig, (await rig.station.call('Heartbeat', {})).currentTime)
    }
  }),
  row('unknown_action', 'A CALL of an action that nobody knows', '-', async rig => {
    await booted(rig)
    const outcome = await rig.station.odd('FlyToMoon', { by: 'rocket' })
    holds(
      outcome.kind === 'error' && ['NotImplemented', 'NotSupported'].includes(outcome.code),
      `it ended as ${JSON.stringify(outcome)}`,
    )
    closeTo(rig, (await rig.station.call('Heartbeat', {})).currentTime)
  }),
  row('003', 'Regular Charging Session - Plugin First', 'M', async rig => {
    await booted(rig)
    await notify(rig, 'Preparing')
    await authorize(rig, rig.tags.valid)
    const transactionId = await start(rig, { idTag: rig.tags.valid })
    await notify(rig, 'Charging')
    await ended(rig, { transactionId, reason: 'Local', idTag: rig.tags.valid })
  }),
  row('004_1', 'Regular Charging Session - Identification First', 'M', async rig => {
    await booted(rig)
    const transactionId = await charging(rig)
    await ended(rig, { transactionId, reason: 'Local', idTag: rig.tags.valid })
  }),
  row('004_2', 'Regular Charging Session - Identification First - ConnectionTimeOut', 'M', async rig => {
    await booted(rig)
    await authorize(rig, rig.tags.valid)
    await notify(rig, 'Preparing')
    await rig.station.pause(WAIT_MS)
    await notify(rig, 'Available')
  }),
  row('005_1', 'EV Side Disconnected', 'M', async rig => {
    await booted(rig)
    const transactionId = await charging(rig)
    await notify(rig, 'SuspendedEV')
    await ended(rig, { transactionId, reason: 'EVDisconnected' })
  }),
  row('007', 'Regular Start Charging Session - Cached Id', 'M', async rig => {
    await booted(rig)
    await notify(rig, 'Preparing')
    const transactionId = await start(rig, { idTag: rig.tags.valid })
    await notify(rig, 'Charging')
    await ended(rig, { transactionId, reason: 'Local' })
  }),
  row('061', 'Clear Authorization Data in Authorization Cache', 'M', async rig => {
    await booted(rig)
    await rig.order({ action: 'ClearCache', payload: {}, answer: status('Accepted') })
    await rig.order({ action: 'ClearCache', payload: {}, answer: status('Rejected') })
  }),
  row('023_1', 'Start Charging Session - Authorize invalid', 'M', async rig => {
    await booted(rig)
    await rig.knowTags()
    await notify(rig, 'Preparing')
    await authorize(rig, rig.tags.invalid, 'Invalid')
    await notify(rig, 'Available')
  }),
  row('023_2', 'Start Charging Session - Authorize expired', 'M', async rig => {
    await booted(rig)
    await rig.knowTags()
    await notify(rig, 'Preparing')
    await authorize(rig, rig.tags.expired, 'Expired')
    await notify(rig, 'Available')
  }),
  row('023_3', 'Start Charging Session - Authorize blocked', 'M', async rig => {
    await booted(rig)
    await rig.knowTags()
    await notify(rig, 'Preparing')
    await authorize(rig, rig.tags.blocked, 'Blocked')
    await notify(rig, 'Available')
  }),
  row('024', 'Start Charging Session Lock Failure', 'M', async rig => {
    await booted(rig)
    await authorize(rig, rig.tags.valid)
    await notify(rig, 'Preparing')
    await notify(rig, 'Faulted', { errorCode: 'ConnectorLockFailure' })
  }),
  row('041', 'Fault State', '-', async rig => {
    await booted(rig)
    await notify(rig, 'Faulted', { errorCode: 'GroundFailure' })
    await rig.station.pause(WAIT_MS)
    await notify(rig, 'Available')
  }),
  row(
    '032_1',
    'Power failure boot charging point - configured to stop transaction(s) before going down',
    'M',
    async rig => {
      await booted(rig)
      const transactionId = await charging(rig)
      await rebooted(rig, 'Finishing')
      await stop(rig, { transactionId, reason: 'PowerLoss', agoMs: OUTAGE_MS / 2 })
      await notify(rig, 'Available')
    },
  ),
  row('037_1', 'Offline Start Transaction', 'M', async rig => {
    await booted(rig)
    await rig.knowTags()
    await offline(rig)
    const transactionId = await start(rig, { idTag: rig.tags.valid, agoMs: OUTAGE_MS / 2 })
    await notify(rig, 'Charging')
    await ended(rig, { transactionId, reason: 'Local', idTag: rig.tags.valid })
  }),
  row('037_3', 'Offline Start Transaction', 'M', async rig => {
    await booted(rig)
    await rig.knowTags()
    await offline(rig)
    const transactionId = await start(rig, {
      idTag: rig.tags.invalid,
      agoMs: OUTAGE_MS / 2,
      expected: 'Invalid',
    })
    await notify(rig, 'Charging')
    await ended(rig, { transactionId, reason: 'DeAuthorized' })
  }),
  row('039', 'Offline Transaction', 'M', async rig => {
    await booted(rig)
    await rig.knowTags()
    await offline(rig)
    const { valid } = rig.tags
    const transactionId = await start(rig, { idTag: valid, agoMs: OUTAGE_MS / 2 })
    await stop(rig, { transactionId, reason: 'Local', idTag: valid, agoMs: OUTAGE_MS / 4 })
    await notify(rig, 'Finishing')
    await notify(rig, 'Available')
  }),
  row('064', 'Data Transfer to a Central System', 'M', async rig => {
    await booted(rig)
    const { status: found } = await rig.station.call('DataTransfer', {
      vendorId: 'org.example.conformance',
      messageId: 'Message',
      data: 'Data',
    })
    // Only an answer is needed; Accepted draws a warning from the test tool.
    holds(found !== 'Accepted', 'a vendor nobody knows was Accepted')
  }),
]

function closeTo({ station }: Rig, currentTime: string): void {
  const apartMs = Math.abs(Date.parse(currentTime) - station.wallMs())
  holds(apartMs < CLOCKS_APART_MS, `currentTime ${currentTime} is ${apartMs / 1000} s off`)
}

/** The line is lost and comes back; the station has not rebooted and sends no BootNotification. */
async function offline({ station }: Rig): Promise<void> {
  station.cut()
  await station.pause(OUTAGE_MS)
  await station.connect()
}
