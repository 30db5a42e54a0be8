/**
 * What one measurement by a station tells of a connector: the phases in use, whether a lower is proven, whether the
 * station obeys, what the car leaves unused. The meter is the proof, not the station's Accepted (control rules 9, 14, 16).
 */
import { expired, newestWrite, proven } from '../allocation/booking.js'
import { reclaim } from '../allocation/reclaim.js'
import type { SiteProfile } from '../config/site-profile.js'
import type { StationSample } from '../events.js'
import { type ConnectorReading, readSample } from '../measuring/measured.js'
import { PHASE_INDEXES } from '../site/phases.js'
import { bookedA, type ConnectorControl, freshReading } from './connector.js'

/** A phase without current in samples over this long, while the car charges, is taken as unused (control rule 16). */
const UNUSED_AFTER_MS = 30_000
/** A draw above the offer for this long after the station accepted it: the station does not obey. */
const DISOBEYS_AFTER_MS = 15_000
/** Above metering error and ripple. */
const DISOBEYS_BY_A = 1.5
/** Seen obeying for this long, it is trusted again. */
const OBEYS_AFTER_MS = 30_000

/** One measurement by the station: amps, phases in use, proof of a lower, obedience, reclaim. */
export function measure(
  connector: ConnectorControl,
  sample: StationSample,
  at: {
    readonly nowMs: number
    readonly nominalVoltageV: number
    readonly siteVoltageV: number | undefined
    readonly connected: boolean
    /** Somebody else than the station sees at once when a phase is taken back. */
    readonly metered: boolean
    readonly profile: SiteProfile
  },
): void {
  const { nowMs } = at
  const read = readSample(sample, {
    connector: connector.config,
    nominalVoltageV: at.nominalVoltageV,
    ...(at.siteVoltageV !== undefined && { siteVoltageV: at.siteVoltageV }),
    bookedA: bookedA(connector, at.connected, nowMs),
    monoMs: nowMs,
    ...(connector.mark !== undefined && { mark: connector.mark }),
  })
  connector.mark = read.mark
  if (sample.energyWh !== undefined && connector.transaction !== undefined) {
    // A register that starts at 0 again gives no energy back.
    const energyWh = Math.max(
      connector.transaction.energyWh,
      sample.energyWh - connector.transaction.meterStartWh,
    )
    connector.transaction = { ...connector.transaction, energyWh }
  }
  if (read.reading === undefined) return
  connector.reading = read.reading
  learnPhases(connector, read.reading, at)
  watchObedience(connector, nowMs)
  settleChains(connector, nowMs)
  connector.reclaim = reclaim(
    connector.reclaim,
    {
      offeredA: connector.offerA,
      measuredA: mostDrawnA(connector, read.reading),
      minA: connector.model.smartCharging.minCurrentA,
      maxA: connector.config.maxCurrentA,
      nowMonoMs: nowMs,
    },
    at.profile.reclaim,
  )
}

/**
 * A phase is freed when it was reported unused for long enough while the car charges on another, and taken back when
 * it is used, not reported, or when the car has changed its phases: then all of them count until seen (control rule 16).
 */
function learnPhases(
  connector: ConnectorControl,
  { used }: ConnectorReading,
  at: { readonly nowMs: number; readonly metered: boolean },
): void {
  const { wired, phases, phaseIdleSinceMs } = connector
  // A sample without any phase, of energy say, is no silence about them.
  if (connector.transaction === undefined || used.every(phase => phase !== true && phase !== false)) return
  const charging = PHASE_INDEXES.some(index => wired[index] && used[index] === true)
  if (!charging) {
    // Paused: what was freed stays so until the car shows which phases it takes.
    for (const index of PHASE_INDEXES) if (phases[index]) phaseIdleSinceMs[index] = undefined
    return
  }
  const freed = PHASE_INDEXES.filter(index => wired[index] && !phases[index])
  const switched = PHASE_INDEXES.some(
    index =>
      (freed.includes(index) && used[index] !== false) ||
      (freed.length > 0 && wired[index] && used[index] === false && phaseIdleSinceMs[index] === undefined),
  )
  const next: [boolean, boolean, boolean] = switched ? [...wired] : [...phases]
  for (const index of PHASE_INDEXES) {
    if (!wired[index]) continue
    if (used[index] !== false) phaseIdleSinceMs[index] = undefined
    else {
      const since = switched ? at.nowMs : (phaseIdleSinceMs[index] ?? at.nowMs)
      phaseIdleSinceMs[index] = since
      if (at.metered && at.nowMs - since >= UNUSED_AFTER_MS) next[index] = false
    }
  }
  connector.phases = next
}

/** The most the car draws on any phase it may use; undefined when one of them is unknown. */
function mostDrawnA(connector: ConnectorControl, reading: ConnectorReading): number | undefined {
  let mostA = 0
  for (const index of PHASE_INDEXES) {
    if (!connector.phases[index]) continue
    const upperA = reading.upperA[index]
    if (upperA === undefined || reading.used[index] === undefined) return undefined
    mostA = Math.max(mostA, upperA)
  }
  return mostA
}

/** The meter is the proof, not the station's Accepted. */
function watchObedience(connector: ConnectorControl, nowMs: number): void {
  const reading = freshReading(connector, nowMs)
  const offered = newestWrite(connector.live)
  if (reading === undefined || offered?.acceptedMs === undefined) return
  const over =
    Math.max(...reading.lowerA) > offered.offerA + DISOBEYS_BY_A &&
    nowMs - offered.acceptedMs >= DISOBEYS_AFTER_MS
  connector.overSinceMs = over ? (connector.overSinceMs ?? nowMs) : undefined
  connector.underSinceMs = over ? undefined : (connector.underSinceMs ?? nowMs)
  if (over) connector.disobeys = true
  else if (nowMs - (connector.underSinceMs ?? nowMs) >= OBEYS_AFTER_MS) connector.disobeys = false
}

/** Drops writes that are proven over or have run out. */
export function settleChains(connector: ConnectorControl, nowMs: number): void {
  const last = newestWrite(connector.live)
  // What ran out was given to others: taking it back is a raise and has to find room.
  if (last !== undefined && nowMs >= last.leaseEndMs)
    connector.offerA = Math.min(connector.offerA, last.failSafeA)
  const reading = freshReading(connector, nowMs)
  const drawnA = reading === undefined ? undefined : mostDrawnA(connector, reading)
  const obeysUnseen = connector.model.smartCharging.obeysUnseen
  const proof = {
    obeysUnseen,
    // A reading that cannot bound the draw proves nothing, and is no sample for a model known to obey.
    ...(reading !== undefined && drawnA !== undefined && { drawnA, sampleMs: reading.monoMs }),
  }
  connector.live = expired(proven(connector.live, nowMs, proof), nowMs)
  connector.idle = expired(
    proven(connector.idle, nowMs, { obeysUnseen: obeysUnseen || connector.transaction === undefined }),
    nowMs,
  )
}
