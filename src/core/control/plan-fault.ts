/**
 * Planning one station must not end the planning of the others: an exception there is a fault of ours, it is told, and
 * that station is left alone, so that it falls to its fail-safe by its own lease (invariant I7).
 */
import type { Now } from './now.js'
import { type ControlState, note } from './state.js'
import type { StationControl } from './station.js'

/** Runs `work` unless planning this station has failed before. */
export function planned(state: ControlState, station: StationControl, now: Now, work: () => void): void {
  if (station.planFault === undefined) guarded(state, station, now, work)
}

/** Runs `work` for one station; what it throws becomes the station's plan fault, until it connects or boots anew. */
export function guarded(state: ControlState, station: StationControl, now: Now, work: () => void): void {
  try {
    work()
  } catch (error) {
    leave(state, station, now, error)
  }
}

/** The station is planned no more because of `fault`, which becomes its plan fault. */
export function leave(state: ControlState, station: StationControl, now: Now, fault: unknown): void {
  station.planFault = fault instanceof Error ? fault.message : String(fault)
  note(state, 'warn', 'planning failed', {
    station: station.id,
    fault: station.planFault,
    atMonoMs: now.monoMs,
  })
}
