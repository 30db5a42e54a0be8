/**
 * The join between control and the judgement of meters: what is known of each connector under a meter, as evidence.
 */
import { newestAccepted } from '../allocation/booking.js'
import type { ConnectorStatus, MeterReading } from '../events.js'
import type { Verdict } from '../measuring/meter-verdict.js'
import type { StationEvidence } from '../measuring/station-evidence.js'
import { spread, ZERO } from '../site/phases.js'
import type { ConnectorControl } from './connector.js'
import { type ControlState, note } from './state.js'
import { takesOf } from './taking.js'
import { factsOf } from './tree-facts.js'

/** By these words of the station the contactor is open. */
const OPEN: readonly (ConnectorStatus | 'unknown')[] = [
  'Available',
  'Preparing',
  'Finishing',
  'Reserved',
  'Unavailable',
]

export interface MeterSurroundings {
  readonly stations: readonly StationEvidence[]
  readonly generation: boolean
}

/** Every connector under the meter, and whether anything there can feed back. */
export function surroundingsOf(state: ControlState, meterId: string, nowMs: number): MeterSurroundings {
  const { tree, connectorsBelow } = state
  const node = tree.nodes.findIndex(candidate => candidate.circuit.meter === meterId)
  if (node < 0) return { stations: [], generation: false }
  return {
    stations: (connectorsBelow[node] ?? []).map(connector => evidenceOf(state, connector, nowMs)),
    generation: factsOf(tree).feedsBack[node] === true,
  }
}

function evidenceOf(state: ControlState, connector: ConnectorControl, nowMs: number): StationEvidence {
  const { key, reading, transaction, status } = connector
  const offer = reading?.best === 'measured' ? undefined : acceptedOffer(connector, nowMs)
  const own = ownOffer(connector, nowMs)
  if (reading !== undefined)
    return { key, lowerA: reading.lowerA, upperA: reading.upperA, monoMs: reading.monoMs, offer, own }
  const connected = state.stations.get(connector.stationId)?.connected === true
  const open = connected && transaction === undefined && OPEN.includes(status)
  return { key, lowerA: ZERO, upperA: ZERO, monoMs: open ? nowMs : undefined, offer, own }
}

/** What its session has accepted last; a later write that is not answered yet may be in force or not. */
function ownOffer(connector: ConnectorControl, nowMs: number): StationEvidence['own'] {
  const newest = newestAccepted(connector.live)
  if (connector.transaction === undefined || newest?.acceptedMs === undefined) return undefined
  const { offerA, sentMs, acceptedMs } = newest
  return { offerA, sentMs, acceptedMs, takes: takesOf(connector, nowMs) }
}

/** Nothing without a transaction; a station that has not answered yet has accepted what it did before. */
function acceptedOffer(connector: ConnectorControl, nowMs: number): StationEvidence['offer'] {
  if (connector.transaction === undefined) return { amps: ZERO, sentMs: nowMs, acceptedMs: nowMs }
  const newest = newestAccepted(connector.live)
  if (newest?.acceptedMs === undefined) return { amps: ZERO, sentMs: nowMs, acceptedMs: nowMs }
  return {
    amps: spread(newest.offerA, connector.wired),
    sentMs: newest.sentMs,
    acceptedMs: newest.acceptedMs,
  }
}

/** More than a circuit of this meter may carry now, on any phase. */
export function isAboveLimit({ tree, limitsA }: ControlState, { meterId, currentA }: MeterReading): boolean {
  if (currentA === undefined) return false
  const mostA = Math.max(currentA[0], currentA[1], currentA[2])
  return tree.nodes.some(({ circuit }, node) => circuit.meter === meterId && mostA > (limitsA[node] ?? 0))
}

/** For the log: a meter that is not believed any more, or again. */
export function noteVerdict(
  state: ControlState,
  meter: string,
  before: Verdict | undefined,
  after: Verdict | undefined,
): void {
  if (before?.kind === after?.kind) return
  if (after === undefined) note(state, 'info', 'meter believed again', { meter })
  else note(state, 'warn', 'meter not believed', { meter, verdict: after.kind, because: after.text })
}
