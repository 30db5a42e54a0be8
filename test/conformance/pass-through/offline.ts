/**
 * What the CSMS sees of a station that went on without it: one that was offline and came back, whether the line broke
 * above Busbar or below it (seed 002 Appendix C rows 48-53; sequences of facts/ocpp16.md §5).
 */
import type { ConformanceCase, Mark } from '../case.js'
import { holds, same } from '../check.js'
import { allowed, type Bench, msg, type Rig, type RigOptions, type Step, sn, TAGS } from './rig.js'

type Row = ConformanceCase<Bench>

const row = (id: string, title: string, mark: Mark, play: Row['play']): Row => ({
  id,
  title,
  profile: 'Core',
  mark,
  play,
})

const OUTAGE_MS = 60_000
const ANY_TAG = { AllowOfflineTxForUnknownId: 'true' }

/** The CSMS is away while `during` happens; the line above Busbar breaks, and the station never notices. */
async function outage(rig: Rig, during: () => void | Promise<void>): Promise<void> {
  await rig.uplink(false)
  await during()
  await rig.pause(OUTAGE_MS)
  rig.forget()
  await rig.uplink(true)
}

async function startedOffline(bench: Bench, idTag: string, settings: RigOptions['settings']): Promise<Rig> {
  const rig = await bench.open({ settings: { ...ANY_TAG, ...settings } })
  await outage(rig, () => {
    rig.plugIn()
    rig.tag(idTag)
  })
  return rig
}

/** Seconds between samples in the order the CSMS got them; one that was sent again counts once. */
function samplingS(rig: Rig): readonly number[] {
  const times = rig.background('MeterValues').map(({ meterValue }) => Date.parse(meterValue[0].timestamp))
  const timesMs = [...new Set(times)]
  return timesMs.slice(1).map((atMs, index) => Math.round((atMs - (timesMs[index] ?? 0)) / 1000))
}

/** The state of now may come before or among what was kept. */
const meanwhile = (): readonly Step[] => [
  ...allowed('Preparing'),
  ...allowed('Charging'),
  ...allowed('SuspendedEVSE'),
]

export const OFFLINE_CASES: readonly Row[] = [
  row('036', 'Connection Loss During Transaction', 'M', async bench => {
    const rig = await bench.open({ settings: { MeterValueSampleInterval: '10' } })
    await rig.charging()
    await outage(rig, () => {})
    await rig.pause(OUTAGE_MS)
    const stepsS = samplingS(rig)
    holds(stepsS.length >= 11, `${stepsS.length + 1} samples came`)
    // the station's clock follows the answers to its Heartbeats, which take a second on the worst line
    holds(
      stepsS.every(stepS => stepS >= 9 && stepS <= 11),
      `seconds between samples, in the order the CSMS got them: ${stepsS.join()}`,
    )
  }),
  row('037_1', 'Offline Start Transaction - Valid IdTag', 'C', async bench => {
    const rig = await startedOffline(bench, TAGS.valid, {})
    await rig.seesAnyOrder(msg('StartTransaction', { idTag: TAGS.valid }), ...meanwhile())
    await rig.pause(OUTAGE_MS)
    holds(rig.connector().transaction() !== undefined, 'the transaction goes on')
  }),
  row('037_2', 'Offline Start Transaction - Invalid IdTag, goes on without energy', 'C', async bench => {
    const rig = await startedOffline(bench, TAGS.invalid, {
      StopTransactionOnInvalidId: 'false',
      MaxEnergyOnInvalidId: '0',
    })
    await rig.seesAnyOrder(msg('StartTransaction', { idTag: TAGS.invalid }), ...meanwhile())
    await rig.pause(OUTAGE_MS)
    holds(rig.connector().transaction() !== undefined, 'the transaction goes on')
    same(rig.connector().pilotA(), 0, 'the pilot of a refused session, A')
  }),
  row('037_3', 'Offline Start Transaction - Invalid IdTag, stops', 'C', async bench => {
    const rig = await startedOffline(bench, TAGS.invalid, { StopTransactionOnInvalidId: 'true' })
    await rig.seesAnyOrder(msg('StartTransaction', { idTag: TAGS.invalid }), ...meanwhile())
    await rig.seesAnyOrder(
      msg('StopTransaction', { reason: 'DeAuthorized' }),
      sn('Finishing'),
      ...meanwhile(),
    )
  }),
  row('038', 'Offline Stop Transaction', 'C', async bench => {
    const rig = await bench.open()
    const transactionId = await rig.charging()
    await outage(rig, () => rig.tag())
    await rig.seesAnyOrder(
      msg('StopTransaction', { reason: 'Local', transactionId }),
      ...allowed('Finishing'),
    )
  }),
  row('039', 'Offline Transaction', 'C', async bench => {
    const rig = await bench.open({ settings: ANY_TAG })
    await outage(rig, async () => {
      rig.plugIn()
      rig.tag()
      await rig.pause(OUTAGE_MS)
      rig.tag()
    })
    await rig.seesAnyOrder(msg('StartTransaction', { idTag: TAGS.valid }), ...allowed('Finishing'))
    await rig.seesAnyOrder(
      msg('StopTransaction', { reason: 'Local', transactionId: rig.transactionId() }),
      ...allowed('Finishing'),
    )
  }),
  row('036_line', 'Connection Loss During Transaction - between station and Busbar', '-', async bench => {
    const rig = await bench.open({ settings: { MeterValueSampleInterval: '10' } })
    await rig.charging()
    rig.check.hadOutage = true
    rig.station.setReachable(false)
    await rig.pause(OUTAGE_MS)
    rig.station.setReachable(true)
    await rig.pause(OUTAGE_MS)
    const stepsS = samplingS(rig)
    holds(
      stepsS.every(stepS => stepS >= 9 && stepS <= 11),
      `seconds between samples, in the order the CSMS got them: ${stepsS.join()}`,
    )
    await rig.quiet(0, 'StartTransaction', 'BootNotification')
  }),
]
