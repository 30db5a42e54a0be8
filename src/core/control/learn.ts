/**
 * What happens with a station that is let in to be known (learner.ts): it is heard, booked everywhere, and kept where it may
 * draw. It is never steered (control rules 7, 9); what is written to it is hold-learners.ts's.
 */
import type { StationEvent } from '../events.js'
import { ALL_PHASES, type PerPhase, spread, ZERO } from '../site/phases.js'
import { type Learner, learnerA, NOTHING_TAKEN } from './learner.js'
import { isInUse, recordLearner } from './learner-record.js'
import type { Now } from './now.js'
import { type ControlState, note } from './state.js'
import { noteStray } from './stray.js'

/** Kept, connected or gone in the middle of a session; the door lets in fewer at a time. */
export const MAX_LEARNERS = 64
/** One that has restarted sends its BootNotification first; one that has not may send nothing for long. */
const BOOT_GRACE_MS = 3_000

/** An event of a station that is not configured. Only the door for unknown stations brings any. */
export function learn(state: ControlState, event: StationEvent, now: Now): void {
  const { learners } = state
  if (event.kind === 'connected') {
    const before = learners.get(event.stationId)
    if (before === undefined && learners.size >= MAX_LEARNERS) return
    const { seen, recordedA } = before ?? { seen: new Map(), recordedA: new Map() }
    const learner = newLearner(event.stationId, event.remote ?? '', now)
    learners.set(event.stationId, { ...learner, seen, recordedA })
    note(state, 'warn', 'unknown station let in', { station: event.stationId })
    return
  }
  const learner = learners.get(event.stationId)
  if (learner === undefined) return
  switch (event.kind) {
    case 'gone':
      gone(state, learner, now)
      return
    case 'booted':
      // One that is told Pending repeats it; after a real restart it connects anew.
      learners.set(learner.id, {
        ...learner,
        boot: event.info,
        ...(learner.boot === undefined && { refused: NOTHING_TAKEN.refused, writeNotBeforeMs: now.monoMs }),
      })
      return
    case 'configured':
      recordLearner(state, { ...learner, configuration: event.configuration }, largestConfiguredA(state), now)
      return
    case 'status':
    case 'transaction-started':
    case 'transaction-stopped':
    case 'measured':
      noteStray(learner.seen, event.connectorId, event, now.monoMs)
      recordLearner(state, learner, largestConfiguredA(state), now)
      return
    case 'tag-refused':
    case 'tag-accepted':
    case 'clock-seen':
    case 'csms-profiles-changed':
    case 'upstream':
  }
}

function newLearner(id: string, remote: string, now: Now): Learner {
  return {
    id,
    remote,
    sinceWallMs: now.wallMs,
    connected: true,
    seen: new Map(),
    ...NOTHING_TAKEN,
    writing: undefined,
    unit: 'A',
    writeNotBeforeMs: now.monoMs + BOOT_GRACE_MS,
    recordedA: new Map(),
  }
}

/** Away with a car on it, it still draws: it stays until an operator declares it isolated. */
function gone(state: ControlState, learner: Learner, now: Now): void {
  if (!isInUse(learner, now.monoMs)) forget(state, learner)
  else state.learners.set(learner.id, { ...learner, ...NOTHING_TAKEN, connected: false, writing: undefined })
}

function forget(state: ControlState, { id: stationId, recordedA }: Learner): void {
  state.learners.delete(stationId)
  for (const connectorId of recordedA.keys())
    state.effects.push({ kind: 'forget', stationId, connectorId, unplaced: true })
}

/** An operator says that it has no supply. False while it is connected, and where nobody of that name was learnt. */
export function forgetLearner(state: ControlState, stationId: string): boolean {
  const learner = state.learners.get(stationId)
  if (learner === undefined || learner.connected) return false
  forget(state, learner)
  // Nor is anything else believed that lies on the disk of it, readable or not.
  for (const connectorId of learner.recordedA.keys())
    state.effects.push({ kind: 'forget', stationId, connectorId })
  return true
}

/** It may hang on any circuit: this much is booked once on each. */
export function anywhereA(state: ControlState): PerPhase {
  if (state.learners.size === 0) return ZERO
  const largestA = largestConfiguredA(state)
  const sumA = [...state.learners.values()].reduce((sum, learner) => sum + learnerA(learner, largestA), 0)
  return spread(sumA, ALL_PHASES)
}

export function largestConfiguredA({ connectors }: ControlState): number {
  return Math.max(0, ...connectors.map(({ config }) => config.maxCurrentA))
}
