/**
 * Which of a station's MeterValues the CSMS is to get, where the station samples more often than the CSMS asked
 * (proxy rule 4): those nearest to the times the CSMS would have had them. Everything that is not a plain periodic
 * sample always passes. OCPP 1.6 §3.16.3, §7.35.
 */
import { listAt, textAt, timeAt } from '../fields.js'

/** The station's own time of the newest sample, when all in the message are periodic; undefined = pass it on. */
export function periodicSampleMs(payload: unknown): number | undefined {
  let newestMs: number | undefined
  for (const value of listAt(payload, 'meterValue')) {
    const samples = listAt(value, 'sampledValue')
    const isPeriodic = samples.every(sample => (textAt(sample, 'context') ?? PERIODIC) === PERIODIC)
    const atMs = timeAt(value, 'timestamp')
    if (!isPeriodic || samples.length === 0 || atMs === undefined) return undefined
    newestMs = Math.max(newestMs ?? atMs, atMs)
  }
  return newestMs
}

const PERIODIC = 'Sample.Periodic'

export interface SampleTimes {
  readonly sampleMs: number
  /** The sample before on the same connector; undefined when none was seen. */
  readonly previousMs: number | undefined
  /** When the CSMS's intervals begin: the start of the transaction. */
  readonly anchorMs: number
}

/** True when a due time of the CSMS's interval lies nearer to this sample than to the one before. */
export function isDue(
  times: SampleTimes,
  sampling: { readonly stationIntervalS: number; readonly csmsIntervalS: number },
): boolean {
  const { csmsIntervalS, stationIntervalS } = sampling
  if (csmsIntervalS === 0) return false
  const stepMs = stationIntervalS * 1000
  const dueMs = csmsIntervalS * 1000
  const previousMs = times.previousMs ?? times.sampleMs - stepMs
  const turn = (ms: number): number => Math.floor((ms - times.anchorMs + stepMs / 2) / dueMs)
  return turn(times.sampleMs) > Math.max(0, turn(previousMs))
}
