/**
 * What happens to stations when Busbar's wall clock has jumped (control rule 6). They go on with the old time until the
 * new one has lasted; then every offer is brought to what any period of its schedule may allow, and only when that is
 * so on the whole site is the new time told to them.
 */
import { worstOfChain } from '../allocation/booking.js'
import { add, ZERO } from '../site/phases.js'
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
    if (hadJumped && state.clock.jump === undefined) endDoubt(state)
    return
  }
  // From here on nothing above the fail-safe is offered, and any period of what is in force counts.
  const stations = [...state.stations.values()]
  const isWeighed = stations.every(station => station.clockDoubt === 'our-clock')
  for (const station of stations) station.clockDoubt = 'our-clock'
  if (!isWeighed || !hasRoom(state) || !stations.every(station => isHarmless(station, now))) return
  state.clock = adopted(state.clock)
  state.clockStrictUntilMs = now.monoMs + FOLLOW_MS
  for (const station of stations) {
    station.clockOffsetsMs = []
    station.clockProven = false
  }
  // What lies on a station is written anew once its own clock is seen to follow.
  endDoubt(state)
  note(state, 'warn', 'clock taken over', { jumpMs })
}

function endDoubt(state: ControlState): void {
  for (const station of state.stations.values())
    if (station.clockDoubt === 'our-clock') station.clockDoubt = undefined
}

/** With every period of every schedule counted, no circuit has more booked than it carries; what was ordered is another matter. */
function hasRoom(state: ControlState): boolean {
  return state.carriesA.every((limitA, node) => {
    const sumA = add(state.bookedA[node] ?? ZERO, state.loads[node]?.otherA ?? ZERO)
    return Math.max(...sumA) <= limitA + DUST_A
  })
}

/** Whatever time it is told, it draws no more than its fail-safe. A station that is away is not told. */
function isHarmless(station: StationControl, now: Now): boolean {
  if (!station.connected) return true
  const clock = clockEvidence(station, now.monoMs)
  return station.connectors.every(({ live, config }) => {
    return (worstOfChain(live, now.monoMs, clock) ?? 0) <= config.failSafeCurrentA + DUST_A
  })
}
