/**
 * What each connector most likely draws at this moment, as a range: by its last sample, by what it was offered since, and by
 * what its session has shown of its car; and the other load that a meter above them then most likely shows. For people;
 * nothing is booked by it.
 */
import { newestAccepted, newestWrite } from '../allocation/booking.js'
import { type Draw, likelyOther } from '../measuring/likely-other-load.js'
import { meterStatus } from '../measuring/meter-quality.js'
import type { Takes } from '../measuring/station-evidence.js'
import { maxOf, minOf, type PerPhase, spread, ZERO } from '../site/phases.js'
import { REACTION_S } from '../site/promise.js'
import type { ConnectorControl } from './connector.js'
import type { ControlState } from './state.js'

const REACTION_MS = (REACTION_S + 1) * 1_000
/** A register shows the mean of this long. */
const REGISTER_MS = 60_000
const SAMPLE_MS = 75_000
const LEAST_CURRENT_A = 6

/** After one reading of a meter, good or bad. */
export function noteLikely(state: ControlState, meterId: string, nowMs: number): void {
  const node = state.tree.nodes.findIndex(({ circuit }) => circuit.meter === meterId)
  const meter = state.meters.get(meterId)
  const pollMs = state.site.config.meters.find(({ id }) => id === meterId)?.pollMs
  if (node < 0 || meter === undefined || pollMs === undefined) return
  const { quality, currentA } = meterStatus(meter, nowMs, pollMs)
  const before = state.likely[node]
  const below = state.connectorsBelow[node] ?? []
  const { known } = meter.judge.own
  const isNew = ({ reading }: ConnectorControl): boolean => (reading?.monoMs ?? 0) > (before?.monoMs ?? 0)
  state.likely[node] =
    currentA === undefined || quality !== 'fresh'
      ? undefined
      : likelyOther(before, {
          meterA: currentA,
          draws: below.map(connector => drawOf(state, connector, known.get(connector.key)?.takes, nowMs)),
          told: key => below.some(connector => connector.key === key && isNew(connector)),
          nowMs,
        })
}

function drawOf(
  state: ControlState,
  connector: ConnectorControl,
  takes: Exclude<Takes, 'less'> | undefined,
  nowMs: number,
): Draw {
  const { key, reading, transaction, wired } = connector
  const exactly = (amps: PerPhase): Draw => ({ key, lowA: amps, highA: amps })
  const isOpen = transaction === undefined && !['unknown', 'Faulted'].includes(connector.status)
  if (connector.isolated || (isOpen && state.stations.get(connector.stationId)?.connected === true))
    return exactly(ZERO)
  const newest = newestWrite(connector.live)
  const { failSafeCurrentA, maxCurrentA } = connector.config
  const isOthers = state.stations.get(connector.stationId)?.release !== undefined
  const offerA = takenOf(isOthers ? maxCurrentA : (newest?.offerA ?? failSafeCurrentA))
  if (reading === undefined || nowMs - reading.monoMs > SAMPLE_MS || reading.best === 'unknown')
    return { key, lowA: ZERO, highA: spread(offerA, wired) }
  if (newest === undefined) return exactly(reading.bestA)
  const movesMs = (connector.steady?.sinceMs ?? nowMs) + REACTION_MS
  const lagMs = reading.best === 'measured' ? 0 : REGISTER_MS
  if (reading.monoMs - lagMs >= movesMs) return exactly(reading.bestA)
  const nextA = next(reading.bestA, { offerA, takes, wired })
  // When it has followed, what it takes of its offer is known although no sample says so yet.
  if (nowMs >= movesMs && takes !== undefined) return exactly(nextA)
  const hadA = connector.live.length > 1 ? newestAccepted(connector.live.slice(0, -1))?.offerA : undefined
  const wasA =
    hadA === undefined || takes === undefined
      ? reading.bestA
      : spread(takenOf(hadA) * takes.share, takes.phases)
  return {
    key,
    lowA: minOf(minOf(reading.bestA, wasA), nextA),
    highA: maxOf(maxOf(reading.bestA, wasA), nextA),
  }
}

const takenOf = (offerA: number): number => (offerA < LEAST_CURRENT_A ? 0 : offerA)

function next(
  bestA: PerPhase,
  at: {
    readonly offerA: number
    readonly takes: Exclude<Takes, 'less'> | undefined
    readonly wired: ConnectorControl['wired']
  },
): PerPhase {
  if (at.takes !== undefined) return spread(at.offerA * at.takes.share, at.takes.phases)
  const used = bestA.some(amps => amps >= 0.5)
    ? ([bestA[0] >= 0.5, bestA[1] >= 0.5, bestA[2] >= 0.5] as const)
    : at.wired
  return spread(at.offerA, used)
}
