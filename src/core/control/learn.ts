/**
 * What happens with a station that is let in to be known (learner.ts): it is heard, and 0 A is written to each of its
 * connectors. It is never steered, and what it has accepted frees nothing (control rules 7, 9).
 */
import type { StationEvent } from '../events.js'
import { failSafeProfile } from '../schedule/emit.js'
import { ALL_PHASES, type PerPhase, spread, ZERO } from '../site/phases.js'
import { connectorsOf, type Learner, learnerA } from './learner.js'
import { isInUse, recordLearner } from './learner-record.js'
import type { Now } from './now.js'
import { type ControlState, nextTag, note } from './state.js'
import { ANSWER_MS } from './station.js'
import { noteStray } from './stray.js'

/** Kept, connected or gone in the middle of a session; the door lets in fewer at a time. */
export const MAX_LEARNERS = 64
/** A 0 A profile that nobody answered, or that was refused, is written again after this. */
const AGAIN_MS = 30_000

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
      learners.set(learner.id, { ...learner, boot: event.info })
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
    held: new Set(),
    writing: undefined,
    unit: 'A',
    writeNotBeforeMs: now.monoMs,
    recordedA: new Map(),
  }
}

/** Away with a car on it, it still draws: it stays until an operator declares it isolated. */
function gone(state: ControlState, learner: Learner, now: Now): void {
  if (!isInUse(learner, now.monoMs)) forget(state, learner)
  else state.learners.set(learner.id, { ...learner, connected: false, held: new Set(), writing: undefined })
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

/** Writes 0 A to the next connector that has not taken it; one CALL at a time, once it has booted. */
export function holdLearners(state: ControlState, now: Now): void {
  for (const learner of state.learners.values()) {
    if (!learner.connected || learner.boot === undefined || learner.writing !== undefined) continue
    if (now.monoMs < learner.writeNotBeforeMs) continue
    const connectorId = connectorsOf(learner).find(id => !learner.held.has(id))
    if (connectorId === undefined) continue
    const tag = nextTag(state)
    state.learners.set(learner.id, { ...learner, writing: tag })
    state.openCalls.set(tag, { kind: 'learner', stationId: learner.id, connectorId, sentMs: now.monoMs })
    state.effects.push({
      kind: 'call',
      tag,
      stationId: learner.id,
      action: 'SetChargingProfile',
      payload: { connectorId, csChargingProfiles: zeroProfile(connectorId, learner.unit) },
      urgency: 'first',
      timeoutMs: ANSWER_MS,
    })
  }
}

/** The same place as the fail-safe has: once it is configured, that takes its place. */
function zeroProfile(connectorId: number, unit: Learner['unit']): object {
  const context = { connectorId, failSafeA: 0, stepA: 1 } as const
  const watts = { kind: 'W', voltageV: 1, phases: 1 } as const
  return failSafeProfile({ ...context, unit: unit === 'A' ? { kind: 'A' } : watts })
}

/** What it made of 0 A. */
export function learnerAnswered(
  state: ControlState,
  tag: string,
  call: { readonly stationId: string; readonly connectorId: number },
  at: { readonly accepted: boolean; readonly now: Now },
): void {
  const learner = state.learners.get(call.stationId)
  if (learner?.writing !== tag) return
  if (at.accepted) {
    state.learners.set(learner.id, {
      ...learner,
      held: new Set([...learner.held, call.connectorId]),
      writing: undefined,
    })
    return
  }
  state.learners.set(learner.id, {
    ...learner,
    writing: undefined,
    unit: learner.unit === 'A' ? 'W' : 'A',
    writeNotBeforeMs: at.now.monoMs + AGAIN_MS,
  })
}
