/**
 * What happens to stations when Busbar's wall clock has jumped (control rule 6). They go on with the old time until the
 * new one has lasted; then every offer is brought to what any period of its schedule may allow, and only when that is
 * so on the whole site is the new time told to them.
 */
import { worstOfChain } from '../allocation/booking.js'
import { rewriteSoon } from './check.js'
import { clockEvidence } from './evidence.js'
import type { Now } from './now.js'
import { adopted, clockStep, isSettled } from './site-clock.js'
import { type ControlState, note } from './state.js'
import type { StationControl } from './station.js'

/** Stations ask for the time at their heartbeats; whoever has not followed by then keeps its own. */
const FOLLOW_MS = 900_000
const DUST_A = 0.1

/** One look at both clocks, and what follows from it. */
export function stepTime(state: ControlState, now: Now): void {
  const hadJumped = state.clock.jump !== undefined
  state.clock = clockStep(state.clock, now.wallMs, now.monoMs)
  const jumpMs = (state.clock.jump?.offsetMs ?? state.clock.offsetMs) - state.clock.offsetMs
  if (!hadJumped && state.clock.jump !== undefined) note(state, 'warn', 'clock jumped', { jumpMs })
  if (!isSettled(state.clock, now.monoMs)) {
    if (hadJumped && state.clock.jump === undefined) endDoubt(state, now)
    return
  }
  for (const station of state.stations.values()) doubt(station, now)
  if (![...state.stations.values()].every(station => isHarmless(station, now))) return
  state.clock = adopted(state.clock)
  state.clockStrictUntilMs = now.monoMs + FOLLOW_MS
  for (const station of state.stations.values()) {
    station.clockOffsetsMs = []
    station.clockProven = false
  }
  endDoubt(state, now)
  note(state, 'warn', 'clock taken over', { jumpMs })
}

/** From here on no schedule above the fail-safe is written, and any period of those in force counts. */
function doubt(station: StationControl, now: Now): void {
  if (station.clockDoubt === 'our-clock') return
  station.clockDoubt = 'our-clock'
  rewriteSoon(station, now)
}

function endDoubt(state: ControlState, now: Now): void {
  for (const station of state.stations.values()) {
    if (station.clockDoubt !== 'our-clock') continue
    station.clockDoubt = undefined
    rewriteSoon(station, now)
  }
}

/** Whatever time it is told, it draws no more than its fail-safe. A station that is away is not told. */
function isHarmless(station: StationControl, now: Now): boolean {
  if (!station.connected) return true
  const clock = clockEvidence(station)
  return station.connectors.every(({ live, config }) => {
    return (worstOfChain(live, now.monoMs, clock) ?? 0) <= config.failSafeCurrentA + DUST_A
  })
}
