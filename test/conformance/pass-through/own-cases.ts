/**
 * Rows of our own beside the plan: what a laboratory or a CPO asks next. Heartbeats, an action nobody knows, a stop of a
 * session that began without the CSMS, two profiles of one purpose cleared at once, a vendor's own schedule, and that an
 * answer given here outlives a power cut.
 */
import type { ConformanceCase, FeatureProfile } from '../case.js'
import { holds, same, text } from '../check.js'
import { allowed, type Bench, msg, type Rig, sn, TAGS } from './rig.js'

type Row = ConformanceCase<Bench>

const row = (id: string, title: string, profile: FeatureProfile, play: Row['play']): Row => ({
  id,
  title,
  profile,
  mark: '-',
  play,
})

const OUTAGE_MS = 60_000
const UNKNOWN = 'FlyToMoon'
/** Both ways of the worst line, and a look. */
const BEAT_WITHIN_S = 5

/** A session that Busbar has just answered for while the CSMS is away. */
async function startedAway(bench: Bench): Promise<Rig> {
  const rig = await bench.open({ settings: { AllowOfflineTxForUnknownId: 'true' } })
  await rig.uplink(false)
  rig.plugIn()
  rig.tag()
  await rig.answered('StartTransaction')
  return rig
}

const meanwhile = [...allowed('Preparing'), ...allowed('Charging'), ...allowed('SuspendedEVSE')]

export const OWN_CASES: readonly Row[] = [
  row('heartbeat', 'Heartbeats at the interval the CSMS gives', 'Core', async bench => {
    const rig = await bench.open({ unbooted: true })
    const everyS = rig.heartbeatS()
    await rig.sees(...rig.bootSteps())
    const boot = rig.log.frames.find(({ action, kind }) => action === 'BootNotification' && kind === 'result')
    await rig.pause((everyS + BEAT_WITHIN_S) * 1_000)
    const beatsS = rig.log.frames
      .filter(({ end, way, kind, action }) => `${end} ${way} ${kind} ${action}` === 'csms in call Heartbeat')
      .map(({ atMs }) => (atMs - (boot?.atMs ?? 0)) / 1_000)
    const isDue = beatsS.length === 1 && Math.abs((beatsS[0] ?? 0) - everyS) <= BEAT_WITHIN_S
    holds(isDue, `Heartbeats ${text(beatsS)} s after the boot, expected one after ${everyS} s`)
    const conf = await rig.command('GetConfiguration', { key: ['HeartbeatInterval'] })
    same(conf.configurationKey[0]?.value, `${everyS}`, 'HeartbeatInterval, s')
  }),
  row('unknown_action', 'An action that nobody knows, in both directions', 'Core', async bench => {
    const rig = await bench.open()
    rig.log.sayAsStation(`[2,"odd-1","${UNKNOWN}",{"by":"rocket"}]`)
    await rig.sees(msg(UNKNOWN, { by: 'rocket' }))
    await rig.settle()
    const answers = rig.log.frames.filter(frame => frame.end === 'station' && frame.id === 'odd-1')
    const codes = answers.filter(({ kind }) => kind === 'error').map(({ payload }) => payload)
    same(codes, ['NotImplemented'], 'what the station was answered, once')
    const outcome = await rig.send(UNKNOWN, { by: 'rocket' })
    holds(
      outcome.kind === 'error' && ['NotImplemented', 'NotSupported'].includes(outcome.code),
      `the CSMS was answered ${text(outcome)}`,
    )
  }),
  row('028_offline', 'Remote Stop of a session that began without the CSMS', 'Core', async bench => {
    const rig = await startedAway(bench)
    await rig.pause(OUTAGE_MS)
    rig.forget()
    await rig.uplink(true)
    await rig.seesAnyOrder(msg('StartTransaction', { idTag: TAGS.valid }), ...meanwhile)
    await rig.settle()
    const transactionId = rig.transactionId()
    await rig.answers('Accepted', 'RemoteStopTransaction', { transactionId })
    await rig.seesAnyOrder(
      msg('StopTransaction', { reason: 'Remote', transactionId }),
      sn('Finishing'),
      ...meanwhile,
    )
  }),
  row('067_purpose', 'Clear Charging Profile - two of one purpose at once', 'Smart Charging', async bench => {
    const rig = await bench.open()
    for (const stackLevel of [0, 1])
      await rig.answers('Accepted', 'SetChargingProfile', {
        connectorId: 1,
        csChargingProfiles: {
          chargingProfileId: stackLevel + 1,
          stackLevel,
          chargingProfilePurpose: 'TxDefaultProfile',
          chargingProfileKind: 'Relative',
          chargingSchedule: {
            chargingRateUnit: 'A',
            chargingSchedulePeriod: [{ startPeriod: 0, limit: 8 + stackLevel }],
          },
        },
      })
    const clear = { connectorId: 1, chargingProfilePurpose: 'TxDefaultProfile' }
    const composite = { connectorId: 1, duration: 60, chargingRateUnit: 'A' }
    const limits = async (): Promise<unknown> => {
      const conf = await rig.command('GetCompositeSchedule', composite)
      return conf.chargingSchedule.chargingSchedulePeriod.map((one: { limit: number }) => one.limit)
    }
    same(await limits(), [9], 'the higher level, A')
    await rig.answers('Accepted', 'ClearChargingProfile', clear)
    same(await limits(), [32], 'with both cleared, A')
    await rig.answers('Unknown', 'ClearChargingProfile', clear)
  }),
  row('silent_schedule', 'DataTransfer of a vendor: the silent hours of a WEMOB', 'Core', async bench => {
    const rig = await bench.open({ device: 'weg-wemob' })
    const { vendor } = rig.station
    const order = { vendorId: 'WEG', messageId: 'SilentModeSchedule' }
    const isSilent = (): boolean => vendor.isSilent()
    await rig.answers('Accepted', 'DataTransfer', { ...order, data: [{ startPeriod: 0, enable: 1 }] })
    holds(isSilent(), 'the station is not silent')
    await rig.answers('Rejected', 'DataTransfer', { ...order, data: [{ startPeriod: 86_401, enable: 0 }] })
    holds(isSilent(), 'a schedule that was refused holds')
    await rig.answers('Accepted', 'DataTransfer', order)
    holds(!isSilent(), 'the station is still silent')
  }),
  row('durable', 'What was answered without the CSMS outlives a power cut', 'Core', async bench => {
    const rig = await startedAway(bench)
    await rig.powerCut()
    await rig.pause(OUTAGE_MS)
    rig.forget()
    await rig.uplink(true)
    await rig.seesAnyOrder(msg('StartTransaction', { idTag: TAGS.valid }), ...meanwhile)
    rig.tag()
    await rig.seesAnyOrder(
      msg('StopTransaction', { reason: 'Local', transactionId: rig.transactionId() }),
      ...allowed('Finishing'),
      ...meanwhile,
    )
  }),
]
