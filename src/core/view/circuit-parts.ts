/**
 * What a circuit's limit is made up of, on the phase with the least left: other load, the reserve for doubt about it, what is
 * held for stations that are away, were never seen, or owe a proof, and what the cars share. By cause, with the stations meant;
 * the words are in `why-words.ts`. Reads the state of the last decision.
 */
import { type ConnectorControl, isVerified } from '../control/connector.js'
import { bookedPerPhase, surelyDrawn } from '../control/evidence.js'
import { anywhereA } from '../control/learn.js'
import type { CircuitPart, CircuitParts, PartCode } from '../control/reason.js'
import { orderOf } from '../control/reasons.js'
import { retiredA } from '../control/retired.js'
import type { ControlState } from '../control/state.js'
import type { StationControl } from '../control/station.js'
import { activeStrays } from '../control/stray.js'
import type { Binding } from '../limits/effective.js'
import { meterStatus } from '../measuring/meter-quality.js'
import { PHASE_INDEXES, PHASE_NAMES, type PhaseIndex, spread } from '../site/phases.js'
import { isBelow } from '../site/tree.js'
import type { CircuitLoad } from './circuit-load.js'

/** Less is no news to anybody. */
const WORTH_A = 0.5
/** More names than that are a number. */
export const MOST_NAMED = 3

interface Place {
  readonly state: ControlState
  readonly node: number
  readonly phase: PhaseIndex
  readonly nowMs: number
}

/** What is set aside, summed by cause. */
type Sums = Map<PartCode, { valueA: number; readonly about: Set<string> }>

export function circuitParts(
  state: ControlState,
  node: number,
  load: CircuitLoad,
  nowMs: number,
): CircuitParts {
  const phase = PHASE_INDEXES.reduce((best, one) => (load.freeA[one] < load.freeA[best] ? one : best))
  const place = { state, node, phase, nowMs }
  const ofStations = stationsBinding(place)
  const held: Sums = new Map()
  const { sharers, sharedA } = heldBelow(place, held)
  heldElsewhere(place, held)
  const doubt: Sums = new Map()
  if (ofStations === undefined) reserve(place, load.reserveA[phase], doubt)
  const limitA = ofStations?.limitA ?? state.limitsA[node] ?? 0
  // Not by the last decision: since then it has written.
  const heldA = [...held.values()].reduce((sum, { valueA }) => sum + valueA, sharedA)
  const besideA = ofStations === undefined ? load.otherA[phase] + load.reserveA[phase] : 0
  const freeA = limitA - besideA - heldA
  const other: CircuitPart = {
    ...{ code: 'other load', valueA: load.otherA[phase], about: [], count: 0 },
    ...(load.otherSource === 'worst case' && { assumed: load.assumed ?? '' }),
  }
  const parts: CircuitPart[] = [
    ...(ofStations === undefined ? [other] : []),
    ...[...doubt, ...held]
      .filter(([, { valueA }]) => valueA >= WORTH_A)
      .map(([code, { valueA, about }]): CircuitPart => ({ code, valueA, ...named([...about]) })),
    { code: 'cars', valueA: sharedA, ...named(sharers) },
    { code: 'free', valueA: freeA, about: [], count: 0 },
  ]
  const circuitId = state.tree.nodes[node]?.id ?? '?'
  const ordered = ofStations ?? state.limitBindings[node]
  const order = ordered === undefined ? {} : { order: orderOf(ordered.limit) }
  const only = ofStations === undefined ? {} : { onlyStations: true as const }
  return { circuitId, phase: PHASE_NAMES[phase], limitA, ...order, ...only, parts }
}

/** The order for the stations alone, where it leaves them less than the circuit does. */
function stationsBinding({ state, node, phase }: Place): Binding | undefined {
  const binding = state.stationBindings[node]
  const leftA = (state.limitsA[node] ?? 0) - (state.loads[node]?.otherA[phase] ?? 0)
  return binding === undefined || binding.limitA >= leftA ? undefined : binding
}

function named(about: readonly string[]): Pick<CircuitPart, 'about' | 'count'> {
  return { about: about.slice(0, MOST_NAMED), count: about.length }
}

function put(sums: Sums, code: PartCode, valueA: number, about: string): void {
  const known = sums.get(code)
  if (known === undefined) sums.set(code, { valueA, about: new Set([about]) })
  else {
    known.valueA += valueA
    known.about.add(about)
  }
}

/** Connectors below that share nothing now. The answer names those that do, and what is booked for them. */
function heldBelow(
  { state, node, phase, nowMs }: Place,
  sums: Sums,
): { readonly sharers: readonly string[]; readonly sharedA: number } {
  const sharers: string[] = []
  let sharedA = 0
  for (const connector of state.connectorsBelow[node] ?? []) {
    const station = state.stations.get(connector.stationId)
    if (station === undefined) continue
    const bookedA = bookedPerPhase(connector, station, nowMs)[phase]
    const code = heldFor(connector, station)
    if (code !== undefined) {
      if (bookedA > 0) put(sums, code, bookedA, connector.stationId)
      continue
    }
    if (connector.phases[phase]) sharers.push(connector.key)
    const unprovenA = bookedA - Math.max(connector.offerA, connector.config.failSafeCurrentA)
    const isUnproven = unprovenA >= WORTH_A
    if (isUnproven) put(sums, 'unproven', unprovenA, connector.stationId)
    sharedA += isUnproven ? bookedA - unprovenA : bookedA
  }
  return { sharers, sharedA }
}

function heldFor(connector: ConnectorControl, station: StationControl): PartCode | undefined {
  if (!station.connected) {
    const isNew = connector.failSafe === undefined && connector.recordedA === undefined
    return isNew ? 'never seen' : 'unreachable'
  }
  if (!isVerified(connector)) return 'unverified'
  return connector.transaction === undefined ? 'standby' : undefined
}

/** What is booked for stations and connectors that nobody configured (any more). */
function heldElsewhere({ state, node, phase, nowMs }: Place, sums: Sums): void {
  const isHere = (at: number): boolean => isBelow(state.tree, node, at)
  for (const entry of state.retired) {
    const times = entry.nodes.filter(isHere).length
    const bookedA = spread(retiredA(entry, nowMs), entry.phases)[phase]
    if (times > 0 && bookedA > 0) put(sums, 'retired', times * bookedA, entry.stationId)
  }
  for (const station of state.stations.values()) {
    const at = station.connectors[0]?.node
    if (at === undefined || !isHere(at)) continue
    for (const { bookedA } of activeStrays(station, nowMs)) put(sums, 'stray', bookedA, station.id)
  }
  const unplacedA = anywhereA(state)[phase]
  if (unplacedA > 0) for (const id of state.learners.keys()) put(sums, 'learner', 0, id)
  const learners = sums.get('learner')
  if (learners !== undefined) learners.valueA = unplacedA
}

function reserve(place: Place, reserveA: number, sums: Sums): void {
  if (reserveA < WORTH_A) return
  const { state, node, phase, nowMs } = place
  const meterId = state.tree.nodes[node]?.circuit.meter
  const pollMs = state.site.config.meters.find(({ id }) => id === meterId)?.pollMs
  if (meterId === undefined || pollMs === undefined) return
  const { judgement } = meterStatus(state.meters.get(meterId), nowMs, pollMs)
  if (state.loads[node]?.source === 'worst case' || judgement.worstCase[phase]) {
    put(sums, 'meter', reserveA, meterId)
    return
  }
  const untold = (state.connectorsBelow[node] ?? []).filter(connector => {
    if (connector.transaction === undefined) return false
    const shownA = connector.reading?.bestA[phase] ?? connector.offerA
    return shownA - surelyDrawn(connector, nowMs)[phase] >= WORTH_A
  })
  if (untold.length === 0) put(sums, 'dip', reserveA, meterId)
  else for (const { stationId } of untold) put(sums, 'stations', reserveA / untold.length, stationId)
}
