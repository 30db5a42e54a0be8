/**
 * Another configuration under a running controller: who stays keeps all that is known of it, who leaves is booked as retired
 * (control rule 10), who is new or another is booked at its maximum until it is verified. What lies on a station does not change
 * by a word in a file: fail-safes are lowered at once and raised only where all that is installed leaves room, and a lower
 * maximum holds for the booking when it is seen to hold (control rule 11). Total; nothing here is sent.
 */
import { stationChange } from '../config/live-parts.js'
import type { ConnectorConfig } from '../config/site.js'
import type { MeterState } from '../measuring/meter-quality.js'
import { add, spread, ZERO } from '../site/phases.js'
import { isBelow } from '../site/tree.js'
import { type ConnectorControl, mostFailSafeA } from './connector.js'
import { bookedA } from './evidence.js'
import { FloorRoom } from './floor-room.js'
import type { Now } from './now.js'
import { guarded } from './plan-fault.js'
import { type BookingRecord, recordOf } from './record.js'
import { type Retired, retiredA } from './retired.js'
import { startSetup } from './setup.js'
import { type ControlSite, type ControlState, newControlState, note } from './state.js'
import type { StationControl } from './station.js'
import { factsOf } from './tree-facts.js'

/** The state from now on; the one before is not to be used any more. */
export function reconfigured(before: ControlState, site: ControlSite, now: Now): ControlState {
  const staying = stayingIds(before, site)
  const records = recordsOfOthers(before, staying, now)
  const state = newControlState(site, records, now)
  const kept: ControlState = {
    ...state,
    longestLeaseMs: Math.max(state.longestLeaseMs, before.longestLeaseMs),
    retired: [...state.retired, ...stillRetired(before, state)],
    learners: new Map([...before.learners].filter(([id]) => !state.stations.has(id))),
    wiring: new Map([...before.wiring].map(([key, { seen }]) => [key, { seen }])),
    clock: before.clock,
    clockStrictUntilMs: before.clockStrictUntilMs,
    orders: before.orders,
    gridHeard: before.gridHeard,
    excursions: before.excursions,
    trails: before.trails,
    limits: before.limits,
    effects: [...before.effects, ...state.effects, ...recordEffects(records)],
    tags: before.tags,
  }
  for (const [id, station] of kept.stations) {
    const old = staying.has(id) ? before.stations.get(id) : undefined
    if (old !== undefined) moveIn(station, old, now)
  }
  for (const [tag, call] of before.openCalls) {
    const isKept = staying.has(call.stationId) || kept.learners.has(call.stationId)
    if (!isKept) continue
    // What is out was written by the configuration of before: its answer says nothing of this one.
    const isAnew = kept.stations.get(call.stationId)?.floorsDue === true
    if (isAnew && call.kind === 'setup') continue
    kept.openCalls.set(tag, isAnew && 'setup' in call ? { ...call, setup: false } : call)
  }
  keepMeters(before, kept)
  const nodes = new Map(before.tree.nodes.map(({ id }, node) => [node, kept.tree.indexById.get(id)]))
  for (const [node, atMs] of before.restartedMs) {
    const at = nodes.get(node)
    if (at !== undefined) kept.restartedMs.set(at, atMs)
  }
  return kept
}

/** Stations that go on as they are, with other numbers at most. */
function stayingIds(before: ControlState, site: ControlSite): ReadonlySet<string> {
  const same = site.config.stations.filter(config => {
    const old = before.stations.get(config.id)
    return old !== undefined && stationChange(old.config, config) !== 'anew'
  })
  return new Set(same.map(({ id }) => id))
}

/** Of those that leave or are taken in anew, as the disk would have them; and of retired ones that come back. */
function recordsOfOthers(
  before: ControlState,
  staying: ReadonlySet<string>,
  now: Now,
): readonly BookingRecord[] {
  const leaving = [...before.stations.values()].filter(({ id }) => !staying.has(id))
  return [
    ...leaving.flatMap(station => station.connectors.map(connector => recordOf(connector, station, now))),
    ...before.retired.map(({ stationId, connectorId, worstA, restA }): BookingRecord => {
      return { stationId, connectorId, worstA: Math.max(worstA, restA), offerA: 0, endless: true }
    }),
  ]
}

function recordEffects(records: readonly BookingRecord[]): ControlState['effects'] {
  return records
    .filter(({ circuit }) => circuit !== undefined)
    .map(record => ({ kind: 'record', record, durable: true }))
}

/** Where they hung then; every top circuit where that one is gone. What was made of their records again says less. */
function stillRetired(before: ControlState, state: ControlState): readonly Retired[] {
  const roots = state.tree.nodes.flatMap(({ depth }, node) => (depth === 0 ? [node] : []))
  const known = new Set(before.retired.map(({ key }) => key))
  state.retired = state.retired.filter(({ key }) => !known.has(key))
  return before.retired
    .filter(({ stationId, connectorId }) => {
      const station = state.stations.get(stationId)
      return station === undefined || !station.connectors.some(({ id }) => id === connectorId)
    })
    .map(entry => {
      const nodes = entry.nodes.map(node => state.tree.indexById.get(before.tree.nodes[node]?.id ?? ''))
      const isThere = nodes.every(node => node !== undefined)
      return { ...entry, nodes: isThere ? nodes.flatMap(node => node ?? []) : roots }
    })
}

/** All that was learned of it; only what is configured is new. */
function moveIn(station: StationControl, old: StationControl, now: Now): void {
  const { config, connectors, leaseMs } = station
  for (const connector of connectors) {
    const known = old.connectors.find(({ id }) => id === connector.id)
    if (known !== undefined) moveConnectorIn(connector, known)
  }
  Object.assign(station, old, { config, connectors, leaseMs })
  station.floorsDue = old.floorsDue || connectors.some(({ next }) => next !== undefined)
  const { setup } = old
  if (!station.floorsDue || setup === undefined) return
  const kind = setup.kind === 'check' ? 'lay' : setup.kind
  station.setup = { ...setup, kind, steps: undefined, ...FROM_THE_FIRST, notBeforeMs: now.monoMs }
}

const FROM_THE_FIRST = { at: 0, waiting: false, unanswered: 0 } as const

function moveConnectorIn(connector: ConnectorControl, old: ConnectorControl): void {
  const { config, node, wired } = connector
  const was = old.next ?? old.config
  const isWiredSame = config.phases === was.phases && config.phaseRotation === was.phaseRotation
  const isSame = JSON.stringify(config) === JSON.stringify(old.config)
  Object.assign(connector, old, {
    ...{ node, wired },
    config: heldConfig(old.config, config),
    next: isSame ? undefined : config,
    awaitedFloorA: undefined,
    // By the old circuit, or an index of the old tree.
    bound: { kind: 'off' },
    ...{ ordered: undefined, seenOn: undefined },
    ...(!isWiredSame && {
      ...{ phases: wired, phaseIdleSinceMs: [undefined, undefined, undefined] },
      ...{ reading: undefined, mark: undefined, carPhases: undefined, follows: undefined },
    }),
  })
}

/** What may be reckoned with before the station has followed: the lower fail-safe, the higher maximum. */
function heldConfig(old: ConnectorConfig, next: ConnectorConfig): ConnectorConfig {
  return {
    ...next,
    failSafeCurrentA: Math.min(old.failSafeCurrentA, next.failSafeCurrentA),
    maxCurrentA: Math.max(old.maxCurrentA, next.maxCurrentA),
  }
}

/**
 * A meter whose stations, wiring or place are others has to show anew that it sees them. Of one that goes on what it has just
 * shown counts on too: a car that follows a lower before its station tells looks like less other load for a moment.
 */
function keepMeters(before: ControlState, state: ControlState): void {
  const holds = [...state.holds]
  const common = new Set(before.connectors.map(({ key }) => key))
  const here = new Set(state.connectors.flatMap(({ key }) => (common.has(key) ? key : [])))
  for (const { id } of state.site.config.meters) {
    const meter: MeterState | undefined = before.meters.get(id)
    if (meter === undefined || viewOfMeter(before, id, here) !== viewOfMeter(state, id, here)) continue
    state.meters.set(id, meter)
    const reading = before.readings.get(id)
    if (reading !== undefined) state.readings.set(id, reading)
    const node = nodeOf(state, id)
    if (node >= 0) holds[node] = before.holds[nodeOf(before, id)] ?? []
  }
  state.holds = holds
}

const nodeOf = ({ tree }: Pick<ControlState, 'tree'>, meterId: string): number =>
  tree.nodes.findIndex(({ circuit }) => circuit.meter === meterId)

/** All that says what a meter should see of the stations that are in both configurations. */
function viewOfMeter(
  { site, tree, connectorsBelow }: ControlState,
  meterId: string,
  of: ReadonlySet<string>,
): string {
  const node = nodeOf({ tree }, meterId)
  const below = (connectorsBelow[node] ?? []).filter(({ key }) => of.has(key))
  return JSON.stringify([
    readAs(site, meterId),
    tree.nodes[node]?.id,
    factsOf(tree).feedsBack[node] === true,
    below.map(({ key, next, config, model }) => {
      const { phases, phaseRotation } = next ?? config
      return [key, phases, phaseRotation, model.id]
    }),
  ])
}

/** The meter, its model where the site describes it, and all that of the parts it is made of: by any of them it shows other amps. */
function readAs({ config }: Pick<ControlSite, 'config'>, meterId: string): readonly unknown[] {
  const meter = config.meters.find(({ id }) => id === meterId)
  const model = config.meterModels?.find(({ id }) => id === meter?.device)
  const parts = meter?.connection.kind === 'virtual' ? meter.connection.parts : []
  return [meter, model, ...parts.map(part => readAs({ config }, part.meter))]
}

/**
 * At each decision, for stations whose numbers are others: what may hold now holds, and is laid on the station. A raise waits
 * until every lower was acknowledged, for it is reckoned by what lies there.
 */
export function stepNext(state: ControlState, now: Now): void {
  const room = new FloorRoom(state, now.monoMs)
  for (const station of state.stations.values())
    if (station.floorsDue) guarded(state, station, now, () => stepFloors(state, station, room, now))
}

function stepFloors(state: ControlState, station: StationControl, room: FloorRoom, now: Now): void {
  for (const connector of station.connectors) {
    const { next } = connector
    if (next === undefined) continue
    connector.config = nextConfig(state, station, { connector, next, room }, now)
    const { failSafeCurrentA, maxCurrentA } = connector.config
    const isAll = failSafeCurrentA === next.failSafeCurrentA && maxCurrentA === next.maxCurrentA
    if (isAll) connector.next = undefined
  }
  const isLaid = station.connectors.every(
    ({ failSafe, config }) => failSafe === undefined || failSafe.valueA === config.failSafeCurrentA,
  )
  if (isLaid) {
    for (const connector of station.connectors)
      if (connector.next === undefined) connector.awaitedFloorA = undefined
    station.floorsDue = station.connectors.some(({ next }) => next !== undefined)
    return
  }
  if (!station.connected || station.setup !== undefined || station.again !== undefined) return
  note(state, 'info', 'fail-safe laid anew', { station: station.id })
  startSetup(state, station, { now, delayMs: 0, cause: 'laid again', kind: 'lay' })
}

function nextConfig(
  state: ControlState,
  station: StationControl,
  at: { readonly connector: ConnectorControl; readonly next: ConnectorConfig; readonly room: FloorRoom },
  now: Now,
): ConnectorConfig {
  const { connector, next, room } = at
  const { config } = connector
  const holdsMore = bookedA(connector, station, now.monoMs) > next.maxCurrentA
  const isRaise = next.failSafeCurrentA > config.failSafeCurrentA
  // An answer that is still out would be taken for the new one's.
  const isNext = station.setup === undefined && floorsFit(state, connector, next.failSafeCurrentA, now)
  const mayRaise = isNext && isRaise && room.claim(connector, station, next.failSafeCurrentA)
  // Kept free until it is laid.
  connector.awaitedFloorA = isNext && isRaise ? next.failSafeCurrentA : undefined
  return {
    ...next,
    maxCurrentA: holdsMore ? Math.max(config.maxCurrentA, next.maxCurrentA) : next.maxCurrentA,
    failSafeCurrentA: isRaise && !mayRaise ? config.failSafeCurrentA : next.failSafeCurrentA,
  }
}

/** Every link dead, other load at its worst: by what lies on the stations, with this connector at `floorA`. */
function floorsFit(state: ControlState, connector: ConnectorControl, floorA: number, now: Now): boolean {
  if (state.learners.size > 0) return false
  return state.tree.pathOf(connector.node).every(node => {
    let sumA = factsOf(state.tree).worstA[node] ?? ZERO
    for (const other of state.connectorsBelow[node] ?? []) {
      const ownA = other === connector ? Math.max(floorA, laidA(state, other)) : laidA(state, other)
      sumA = add(sumA, spread(ownA, other.wired))
    }
    for (const entry of state.retired)
      if (entry.nodes.some(at => isBelow(state.tree, node, at)))
        sumA = add(sumA, spread(retiredA(entry, now.monoMs), entry.phases))
    return Math.max(...sumA) <= (state.carriesA[node] ?? 0) + DUST_A
  })
}

const DUST_A = 1e-9

/** The highest fail-safe that may lie there. */
function laidA(state: ControlState, connector: ConnectorControl): number {
  const { config, idle, live, stationId } = connector
  const station = state.stations.get(stationId)
  if (station === undefined || station.release !== undefined) return config.maxCurrentA
  return Math.max(mostFailSafeA(connector), ...[...idle, ...live].map(write => write.failSafeA))
}
