/**
 * What is kept on disk of a station that is let in to be known, so that a restart of Busbar does not forget that it may be
 * drawing: nothing while it is idle, each of its connectors at its most as soon as one is in use.
 * Read back (`restoreLearner`), it is away and in use until it is heard again, placed, or declared isolated (control rules
 * 9, 10, 12).
 */
import { connectorA, connectorsOf, type Learner } from './learner.js'
import type { Now } from './now.js'
import type { ControlState } from './state.js'
import { isActive } from './stray.js'

/** Whether it draws or may draw, as far as was last heard. */
export function isInUse({ seen }: Learner, nowMs: number): boolean {
  return [...seen.values()].some(stray => isActive(stray, nowMs))
}

/** Writes what has become more since, or that nothing is to be remembered. `largestA` as in learner.ts. */
export function recordLearner(state: ControlState, learner: Learner, largestA: number, now: Now): void {
  const before = learner.recordedA
  const recordedA = isInUse(learner, now.monoMs)
    ? new Map(connectorsOf(learner).map(id => [id, connectorA(learner, id, largestA)]))
    : new Map<number, number>()
  const { id: stationId } = learner
  for (const [connectorId, worstA] of recordedA)
    if (worstA > (before.get(connectorId) ?? 0))
      state.effects.push({
        kind: 'record',
        record: {
          stationId,
          connectorId,
          worstA,
          offerA: 0,
          endless: true,
          unplaced: true,
          atWallMs: now.wallMs,
        },
        durable: true,
      })
  for (const connectorId of before.keys())
    if (!recordedA.has(connectorId))
      state.effects.push({ kind: 'forget', stationId, connectorId, unplaced: true })
  state.learners.set(stationId, { ...learner, recordedA })
}

/** The disk has taken nothing: it is written again with the next news. */
export function learnerNotRecorded({ learners }: ControlState, stationId: string): void {
  const learner = learners.get(stationId)
  if (learner !== undefined) learners.set(stationId, { ...learner, recordedA: new Map() })
}
