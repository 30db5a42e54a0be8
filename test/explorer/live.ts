/**
 * Another configuration while Busbar runs, and the depot that it describes: a smaller fuse, a station on the other circuit, a
 * higher fail-safe, a meter or a station taken out and put in. Only what Busbar would accept (core/site/promise.ts); the wires
 * are changed in the same moment. src/gateway/live-application.ts in small.
 */
import { configOf, type Depot, FAIL_SAFE_A } from './depots.js'
import { excuse, lastsUntilMs } from './promise.js'
import type { Station } from './station.js'
import { cut } from './traffic.js'
import type { World } from './world.js'

export interface Changes {
  readonly isSmaller: boolean
  readonly isMeterless: boolean
  /** Stations on the other circuit, and those with the higher fail-safe. */
  readonly moved: readonly string[]
  readonly raised: readonly string[]
}

export const UNCHANGED: Changes = { isSmaller: false, isMeterless: false, moved: [], raised: [] }
const HIGHER_FAIL_SAFE_A = 8

/** Read by its schema once, not at each move; a depot has 256 at most. */
const CHANGED = new WeakMap<Depot, Map<string, Depot>>()

export function changedDepot(depot: Depot, changes: Changes): Depot {
  const known = CHANGED.get(depot) ?? new Map<string, Depot>()
  CHANGED.set(depot, known)
  const { isSmaller, isMeterless, moved, raised } = changes
  const key = JSON.stringify([isSmaller, isMeterless, [...moved].sort(), [...raised].sort()])
  const plan = known.get(key) ?? planOf(depot, changes)
  known.set(key, plan)
  return plan
}

function planOf(depot: Depot, { isSmaller, isMeterless, moved, raised }: Changes): Depot {
  const [first, second] = depot.circuits
  const circuits = depot.circuits.map(({ meter, ...circuit }, index) => ({
    ...circuit,
    ...(index === 0 && isSmaller && { ratedCurrentA: depot.smallerA ?? circuit.ratedCurrentA }),
    ...(meter !== undefined && !isMeterless && { meter }),
  }))
  const placeOf = (id: string, circuit: string): string => {
    if (!moved.includes(id) || first === undefined || second === undefined) return circuit
    return circuit === first.id ? second.id : first.id
  }
  const stations = depot.stations.map(one => ({ ...one, circuit: placeOf(one.id, one.circuit) }))
  const floorA = (id: string): number => (raised.includes(id) ? HIGHER_FAIL_SAFE_A : FAIL_SAFE_A)
  const plan = { ...depot, circuits, stations }
  return { ...plan, config: configOf(plan, floorA) }
}

/**
 * False where Busbar would refuse that configuration, or does not run. `isLess`: what flows may be too much for it at first, as
 * when other load jumps; all others put nothing on a fuse.
 */
export function changed(world: World, change: Partial<Changes>, isLess: boolean): boolean {
  if (world.busbar === undefined || !world.change({ ...world.changes, ...change })) return false
  if (!isLess) return true
  const untilMs = lastsUntilMs('base', world.nowMs, world.depot.leaseS * 1000)
  excuse(world.excuses, { kind: 'base', sinceMs: world.nowMs, untilMs })
  return true
}

export function rehang(world: World, { id }: Station): boolean {
  if (world.depot.circuits.length < 2) return false
  return changed(world, { moved: toggled(world.changes.moved, id) }, true)
}

/** To the other one of its two fail-safes, if that is `isHigher`. */
export function setFloor(world: World, { id }: Station, isHigher: boolean): boolean {
  const { raised } = world.changes
  if (raised.includes(id) === isHigher || world.unplaced.has(id)) return false
  return changed(world, { raised: toggled(raised, id) }, false)
}

/** Its socket is closed as it leaves; some station stays. */
export function drop(world: World, station: Station): boolean {
  const { id } = station
  if (world.unplaced.has(id) || world.unplaced.size + 1 >= world.stations.length) return false
  world.unplaced.add(id)
  if (!changed(world, {}, false)) {
    world.unplaced.delete(id)
    return false
  }
  leaves(world, station)
  return true
}

export function takeIn(world: World, station: Station): boolean {
  const { id } = station
  if (!world.unplaced.delete(id)) return false
  if (!changed(world, {}, false)) {
    world.unplaced.add(id)
    return false
  }
  leaves(world, station)
  return true
}

/** What is known of its sessions is told anew on its next link. */
function leaves(world: World, station: Station): void {
  cut(world, station)
  const line = world.lines.get(station.id)
  if (line !== undefined) line.announced = false
}

const toggled = (ids: readonly string[], id: string): readonly string[] =>
  ids.includes(id) ? ids.filter(other => other !== id) : [...ids, id]
