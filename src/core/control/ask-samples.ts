/**
 * A meter above the limit: how much of it is cars shows only with their next samples, and a car that takes less since its last
 * one hides as much of what came. So those below are asked at once, those that know how (TriggerMessage); the others tell
 * within their interval, which is then the bound: no sum of a meter tells how much of it a car hid. So is the station of a car
 * that was full and has been asked for long enough, one whose lower has had its time while others wait for what it leaves, and one
 * whose car charged on over a restart of ours. A
 * question decides nothing: what comes is a sample like any other (control rule 14).
 */

import { newestWrite, PROOF_AFTER_MS } from '../allocation/booking.js'
import { questionMs } from '../allocation/reclaim.js'
import type { CallOutcome } from '../answer.js'
import { meterStatus } from '../measuring/meter-quality.js'
import { callStation } from './call.js'
import type { ConnectorControl } from './connector.js'
import type { Now } from './now.js'
import { isExplainedByRestart } from './restarted.js'
import type { ControlState } from './state.js'
import type { StationControl } from './station.js'
import { statusOf } from './write.js'

/** A younger sample tells as much. */
const YOUNG_MS = 2_000
/** A station is not asked again before this: its own interval is no longer. */
const AGAIN_MS = 10_000
/** A station that has not told by then what it was asked for is left to its interval. */
const GIVEN_UP_MS = 30_000
const DUST_A = 0.05

export function askForSamples(state: ControlState, now: Now): void {
  const above = nodesAbove(state, now)
  const isWaitedFor = state.connectors.some(({ allocationA, offerA }) => allocationA > offerA + DUST_A)
  for (const station of state.stations.values()) {
    if (!mayBeAsked(station)) continue
    for (const connector of station.connectors) {
      const isBelow = above.size > 0 && state.tree.pathOf(connector.node).some(node => above.has(node))
      const isWantedNow = (isBelow || isExplainedByRestart(connector, now.monoMs)) && isWanted(connector, now)
      const isDue = isWantedNow || owesAnswer(state, connector, now)
      if (!isDue && !(isWaitedFor && owesProof(connector, now))) continue
      connector.sampleAskedMs = now.monoMs
      const payload = { requestedMessage: 'MeterValues', connectorId: connector.id }
      const open = { kind: 'ask', stationId: station.id } as const
      callStation(state, station, { open, action: 'TriggerMessage', payload, urgency: 'first' }, now)
    }
  }
}

/** It has answered a question: one that does not know how is spared the next. */
export function asked(station: StationControl, outcome: CallOutcome): void {
  const isUnknown =
    statusOf(outcome) === 'NotImplemented' ||
    (outcome.kind === 'error' && ['NotImplemented', 'NotSupported'].includes(outcome.code))
  if (isUnknown) station.withoutTrigger = true
}

/** Nodes whose own meter shows more than may flow there now. */
function nodesAbove(state: ControlState, now: Now): ReadonlySet<number> {
  const above = new Set<number>()
  state.tree.nodes.forEach(({ circuit }, node) => {
    if (circuit.meter === undefined) return
    const pollMs = state.site.config.meters.find(({ id }) => id === circuit.meter)?.pollMs ?? 1_000
    const { quality, currentA } = meterStatus(state.meters.get(circuit.meter), now.monoMs, pollMs)
    if (quality !== 'fresh' || currentA === undefined) return
    if (Math.max(...currentA) > (state.limitsA[node] ?? 0) + DUST_A) above.add(node)
  })
  return above
}

function mayBeAsked({ connected, release, setup, withoutTrigger }: StationControl): boolean {
  return connected && release === undefined && setup === undefined && !withoutTrigger
}

/** A car that was full has been asked for long enough: what it answers is to be seen now (control rule 20). */
function owesAnswer(state: ControlState, connector: ConnectorControl, now: Now): boolean {
  const { reclaim, untouchedSinceMs, startsWithinMs, sampleAskedMs, transaction } = connector
  if (reclaim.askedSinceMonoMs === undefined || untouchedSinceMs === undefined) return false
  const lastsMs = questionMs(reclaim, startsWithinMs, state.site.profile.reclaim)
  const overForMs = now.monoMs - untouchedSinceMs - lastsMs
  const isOver = overForMs >= 0 && overForMs < GIVEN_UP_MS
  return isOver && transaction !== undefined && now.monoMs - sampleAskedMs >= AGAIN_MS
}

/** A lower of it has had its time, and others wait for what it leaves: the sample that proves it is to come now. */
function owesProof({ live, reading, sampleAskedMs, transaction }: ConnectorControl, now: Now): boolean {
  if (live.length < 2 || transaction === undefined) return false
  const newest = newestWrite(live)
  if (newest?.acceptedMs === undefined) return false
  const ripeMs = newest.acceptedMs + PROOF_AFTER_MS
  if (now.monoMs < ripeMs || now.monoMs >= ripeMs + GIVEN_UP_MS) return false
  if (now.monoMs - sampleAskedMs < AGAIN_MS) return false
  return reading === undefined || reading.monoMs < ripeMs
}

function isWanted({ transaction, reading, sampleAskedMs }: ConnectorControl, now: Now): boolean {
  if (transaction === undefined || now.monoMs - sampleAskedMs < AGAIN_MS) return false
  return reading === undefined || now.monoMs - reading.monoMs > YOUNG_MS
}
