/**
 * Whether a car takes all that it is offered, and on which site phases, by a sample of its station taken when the offer had
 * had its time. Where a station tells power alone, a whole number of phases has to carry the offer; a car with fewer
 * phases than the connector uses its first ones (IEC 61851-1). For steps that the meter must show, never for bookings:
 * a wrong guess only makes such a step say nothing.
 */
import { PROOF_AFTER_MS } from '../allocation/booking.js'
import type { Takes } from '../measuring/station-evidence.js'
import { PHASE_INDEXES, type PhaseSet, sitePhase } from '../site/phases.js'
import type { ConnectorControl } from './connector.js'

/** An older sample says nothing; the longest interval in use is 60 s. */
const SAMPLE_MS = 75_000
/** Ripple, rounding, and 3 % of metering error. */
const ALIKE_A = 0.7
const ALIKE_SHARE = 0.03
/** The best estimate by a register is the mean of so long: before that it may still tell of the offer before. */
const REGISTER_MS = 60_000
/** A station that is told watts turns them into amps by its own voltage. */
const LEAST_SHARE = 0.85
const LEAST_OFFER_A = 6

/** Undefined: no sample tells. */
export function takesOf(connector: ConnectorControl, nowMs: number): Takes | undefined {
  const { reading, steady } = connector
  if (reading === undefined || steady === undefined || steady.offerA < LEAST_OFFER_A) return undefined
  if (nowMs - reading.monoMs > SAMPLE_MS || reading.best === 'unknown') return undefined
  if (reading.monoMs < steady.sinceMs + PROOF_AFTER_MS) return undefined
  const { offerA, sinceMs } = steady
  const isInWatts = !connector.model.smartCharging.rateUnits.includes('A')
  const leastA = offerA * (isInWatts ? LEAST_SHARE : 1) - ALIKE_A - ALIKE_SHARE * offerA
  const fits = (amps: number): boolean => amps >= leastA && amps <= offerA * (1 + ALIKE_SHARE) + ALIKE_A
  const { bestA } = reading
  if (reading.best === 'measured') {
    const used: PhaseSet = [reading.used[0] === true, reading.used[1] === true, reading.used[2] === true]
    const drawn = bestA.filter((_, phase) => used[phase])
    if (drawn.length === 0 || !drawn.every(fits)) return 'less'
    return { phases: used, share: drawn.reduce((sum, amps) => sum + amps, 0) / drawn.length / offerA }
  }
  const totalA = bestA[0] + bestA[1] + bestA[2]
  const count = Math.round(totalA / offerA)
  const phases = firstPhases(connector, count)
  const isMixed = reading.monoMs < sinceMs + PROOF_AFTER_MS + REGISTER_MS
  if (phases === undefined || !fits(totalA / count)) return isMixed ? undefined : 'less'
  return { phases, share: totalA / count / offerA }
}

/** The site phases of the connector's own first `count`. */
function firstPhases({ config, wired }: ConnectorControl, count: number): PhaseSet | undefined {
  const all = wired.filter(Boolean).length
  if (count < 1 || count > all) return undefined
  if (count === all) return wired
  const at = PHASE_INDEXES.slice(0, count).map(own => sitePhase(config.phases, config.phaseRotation, own))
  if (at.includes(undefined)) return undefined
  return [at.includes(0), at.includes(1), at.includes(2)]
}
