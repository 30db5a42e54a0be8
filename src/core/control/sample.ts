/**
 * What one measurement by a station tells of a connector: the phases in use, whether a lower is proven, whether the
 * station obeys, what the car leaves unused. The meter is the proof, not the station's Accepted (control rules 9, 14, 16).
 */
import {
  type LowerProof,
  newestAccepted,
  newestWrite,
  PROOF_AFTER_MS,
  PROOF_TOLERANCE_A,
  settled,
} from '../allocation/booking.js'
import { reclaim } from '../allocation/reclaim.js'
import type { SiteProfile } from '../config/site-profile.js'
import type { StationSample } from '../events.js'
import type { CarPhases } from '../measuring/car-phases.js'
import { counted, ratedPowerW } from '../measuring/energy-count.js'
import { type ConnectorReading, readSample } from '../measuring/measured.js'
import type { ConductorsSeen } from '../measuring/wiring-seen.js'
import { type PerPhase, PHASE_INDEXES } from '../site/phases.js'
import { type ConnectorControl, freshReading } from './connector.js'
import { bookedOfferA, clockEvidence, inForceA } from './evidence.js'
import { followPower } from './follow-power.js'
import type { StationControl } from './station.js'

/** A phase without current in samples over this long, while the car charges, is taken as unused (control rule 16). */
const UNUSED_AFTER_MS = 30_000
/** What a register showed before is no part of its best estimate after this. */
const SETTLED_MS = 60_000
/** A draw above all offers by more than rounding. */
const EXCEEDS_BY_A = 0.1
/** A draw above the offer for this long after the station accepted it: the station does not obey. */
const DISOBEYS_AFTER_MS = 15_000
/** Above metering error and ripple. */
const DISOBEYS_BY_A = 1.5
/** Seen obeying for this long, it is trusted again. */
const OBEYS_AFTER_MS = 30_000

/** One measurement by the station: amps, phases in use, proof of a lower, obedience, reclaim. */
export function measure(
  connector: ConnectorControl,
  station: StationControl,
  sample: StationSample,
  at: {
    readonly nowMs: number
    readonly nominalVoltageV: number
    readonly siteVoltageV: number | undefined
    /** Where its conductors were seen to hang. */
    readonly seen: ConductorsSeen
    /** Somebody else than the station sees at once when a phase is taken back. */
    readonly metered: boolean
    readonly profile: SiteProfile
  },
): void {
  const { nowMs } = at
  const inForceNowA = bookedOfferA(connector, station, nowMs)
  const { dc } = connector.model
  const read = readSample(hasLostItsScale(connector) ? withoutRegister(sample) : sample, {
    ...(dc !== undefined && { dcEfficiency: dc.efficiency }),
    connector: connector.config,
    nominalVoltageV: at.nominalVoltageV,
    ...(at.siteVoltageV !== undefined && { siteVoltageV: at.siteVoltageV }),
    seen: at.seen,
    bookedA: inForceNowA,
    ...settledOffer(connector, nowMs),
    monoMs: nowMs,
    ...(connector.mark !== undefined && { mark: connector.mark }),
  })
  const seemed = connector.carPhases?.count ?? connector.carPhases?.seemed?.count
  const ownSpanMs = spanOf(connector.mark?.stationWallMs, sample.stationWallMs)
  connector.mark = read.mark
  if (connector.transaction !== undefined) connector.carPhases = read.carPhases ?? connector.carPhases
  if (sample.energyWh !== undefined && connector.transaction !== undefined) {
    const ratedW = ratedPowerW(connector.config, at.nominalVoltageV)
    const value = { registerWh: sample.energyWh, atMs: nowMs, ownSpanMs }
    connector.transaction = {
      ...connector.transaction,
      energy: counted(connector.transaction.energy, value, ratedW),
    }
  }
  if (read.reading === undefined) return
  connector.reading = read.reading
  followPower(connector, read.reading, {
    power: read.settledPower,
    offerA: connector.steady?.offerA,
    inForceA: inForceNowA,
    voltageV: sample.voltageV,
    nominalVoltageV: at.nominalVoltageV,
    siteVoltageV: at.siteVoltageV,
    isWatched: at.metered,
    seemed,
  })
  learnPhases(connector, read.reading, at)
  settleChains(connector, station, nowMs)
  watchObedience(connector, station, nowMs)
  const drawsNothing = read.reading.best !== 'unknown' && sumOf(read.reading.bestA) < NOTHING_A
  const measuredA = drawsNothing ? 0 : mostDrawnA(connector, read.reading)
  const untouchedForMs = noteStart(connector, read.reading, nowMs)
  connector.reclaim = reclaim(
    connector.reclaim,
    {
      offeredA:
        dc === undefined
          ? offeredA(connector, sample.voltageV ?? at.nominalVoltageV, at.nominalVoltageV)
          : connector.offerA,
      ...{ measuredA, untouchedForMs },
      startsWithinMs: connector.startsWithinMs,
      minA: connector.model.smartCharging.minCurrentA,
      maxA: connector.config.maxCurrentA,
      nowMonoMs: nowMs,
    },
    at.profile.reclaim,
  )
}

/** Below where the session began, by meterStart, which is Wh: its steps may be kWh for all we know, and tell no power. */
const hasLostItsScale = ({ transaction }: ConnectorControl): boolean =>
  transaction?.energy.doubt === 'went back'

function withoutRegister({ energyWh: _, ...rest }: StationSample): StationSample {
  return rest
}

const spanOf = (fromMs: number | undefined, toMs: number | undefined): number | undefined =>
  fromMs === undefined || toMs === undefined ? undefined : toMs - fromMs

/** How long it has been offered something without a draw; with the first draw, how long that took. */
function noteStart(
  connector: ConnectorControl,
  { best, bestA }: ConnectorReading,
  nowMs: number,
): number | undefined {
  const { untouchedSinceMs } = connector
  if (untouchedSinceMs === undefined) return undefined
  const untouchedForMs = nowMs - untouchedSinceMs
  if (best === 'unknown' || sumOf(bestA) < NOTHING_A) return untouchedForMs
  connector.startsWithinMs = Math.max(connector.startsWithinMs ?? 0, untouchedForMs)
  connector.untouchedSinceMs = undefined
  return undefined
}

/** Over all phases: what the electronics of a full car still take. */
const NOTHING_A = 1

const sumOf = (amps: PerPhase): number => amps[0] + amps[1] + amps[2]

/** What a car can see of the offer: watts were reckoned at a low voltage, and the station divides by its own. */
function offeredA(
  { offerA, liveVoltageV, model }: ConnectorControl,
  voltageV: number,
  nominalV: number,
): number {
  if (model.smartCharging.rateUnits.includes('A') || liveVoltageV === undefined) return offerA
  return (offerA * liveVoltageV) / Math.max(voltageV, nominalV)
}

/** What the power of a sample may be held against: an offer that has had its time, and since the last sample. */
function settledOffer(
  { steady, carPhases, mark, model }: ConnectorControl,
  nowMs: number,
): { readonly settledA?: number; readonly settledSinceMs?: number; readonly carPhases?: CarPhases } {
  const known = carPhases === undefined ? {} : { carPhases }
  // A station that divides watts by its own voltage offers other amps than were written.
  if (steady === undefined || !model.smartCharging.rateUnits.includes('A')) return known
  const sinceMs = steady.sinceMs + PROOF_AFTER_MS
  const isOld = sinceMs <= (mark?.monoMs ?? nowMs) || sinceMs <= nowMs - SETTLED_MS
  return isOld && sinceMs <= nowMs ? { ...known, settledA: steady.offerA, settledSinceMs: sinceMs } : known
}

/** The offer in force, as far as it is the only one. */
function keepSteady(connector: ConnectorControl): void {
  const { live, steady } = connector
  const write = newestAccepted(live)
  const isPending = live.some(
    ({ acceptedMs, offerA }) => acceptedMs === undefined && offerA !== write?.offerA,
  )
  if (write?.acceptedMs === undefined || isPending) connector.steady = undefined
  else if (steady?.offerA !== write.offerA)
    connector.steady = { offerA: write.offerA, sinceMs: write.acceptedMs }
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
    // It may come back on other phases than it left.
    connector.phases = wired
    connector.phaseIdleSinceMs = [undefined, undefined, undefined]
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
export function mostDrawnA(connector: ConnectorControl, reading: ConnectorReading): number | undefined {
  let mostA = 0
  for (const index of PHASE_INDEXES) {
    if (!connector.phases[index]) continue
    const upperA = reading.upperA[index]
    if (upperA === undefined || reading.used[index] === undefined) return undefined
    mostA = Math.max(mostA, upperA)
  }
  return mostA
}

/**
 * The meter is the proof, not the station's Accepted: a draw above all that may be in force counts at once; if it lasts,
 * or goes on above the newest offer, the station does not obey.
 */
function watchObedience(connector: ConnectorControl, station: StationControl, nowMs: number): void {
  const reading = freshReading(connector, nowMs)
  if (reading === undefined) return
  const drawnA = Math.max(...reading.lowerA)
  const mostA = inForceA(connector, station, nowMs)
  connector.exceeds = drawnA > mostA + EXCEEDS_BY_A
  const offered = newestWrite(connector.live)
  const isAboveOffer =
    offered?.acceptedMs !== undefined &&
    drawnA > offered.offerA + DISOBEYS_BY_A &&
    nowMs - offered.acceptedMs >= DISOBEYS_AFTER_MS
  const over = isAboveOffer || drawnA > mostA + DISOBEYS_BY_A
  const sinceMs = over ? (connector.overSinceMs ?? nowMs) : undefined
  connector.overSinceMs = sinceMs
  connector.underSinceMs = over ? undefined : (connector.underSinceMs ?? nowMs)
  if (isAboveOffer || (sinceMs !== undefined && nowMs - sinceMs >= DISOBEYS_AFTER_MS))
    connector.disobeys = true
  else if (nowMs - (connector.underSinceMs ?? nowMs) >= OBEYS_AFTER_MS) connector.disobeys = false
  if (connector.disobeys) connector.shownToObey = false
  proveClock(connector, station, { drawnA, sampleMs: reading.monoMs })
}

/** A draw that only the first period of the live profile allows shows that its schedule is in force. */
function proveClock(
  connector: ConnectorControl,
  station: StationControl,
  seen: { readonly drawnA: number; readonly sampleMs: number },
): void {
  const write = newestAccepted(connector.live)
  if (write?.acceptedMs === undefined || connector.exceeds || connector.live.length > 1) return
  const isLate = seen.sampleMs >= write.acceptedMs + PROOF_AFTER_MS
  const isAbove = seen.drawnA > write.failSafeA + PROOF_TOLERANCE_A && write.offerA > write.failSafeA
  if (!isLate || !isAbove || !connector.defaultsVerified) return
  station.clockProven = true
  station.clockShownMs = Math.max(station.clockShownMs, seen.sampleMs)
}

/** Drops writes that are proven over or have run out. */
export function settleChains(connector: ConnectorControl, station: StationControl, nowMs: number): void {
  const last = newestWrite(connector.live)
  // What ran out was given to others: taking it back is a raise and has to find room.
  if (last !== undefined && nowMs >= last.leaseEndMs)
    connector.offerA = Math.min(connector.offerA, last.failSafeA)
  // A single write has replaced nothing.
  if (connector.live.length > 1 || connector.idle.length > 1) {
    const clock = clockEvidence(station, nowMs)
    connector.live = settled(connector.live, nowMs, clock, proofOf(connector, nowMs))
    connector.idle = settled(connector.idle, nowMs, clock, idleProofOf(connector, nowMs))
  }
  keepSteady(connector)
}

/** Under a session the idle profile is not what a car follows; without one, a draw that is seen must fit it. */
function idleProofOf(connector: ConnectorControl, nowMs: number): LowerProof {
  if (connector.transaction !== undefined) return { obeysUnseen: true }
  return { ...proofOf(connector, nowMs), obeysUnseen: true }
}

/** A reading that cannot bound the draw proves nothing, and is no sample for a model known to obey. */
function proofOf(connector: ConnectorControl, nowMs: number): LowerProof {
  const { obeysUnseen } = connector.model.smartCharging
  const reading = freshReading(connector, nowMs)
  const drawnA = reading === undefined ? undefined : mostDrawnA(connector, reading)
  if (reading === undefined || drawnA === undefined) return { obeysUnseen }
  return { obeysUnseen, seen: { drawnA, sampleMs: reading.monoMs } }
}
