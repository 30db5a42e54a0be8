/**
 * The only file that looks inside the Controller: what it has booked, what it knows of the other load, and a copy of
 * its memory for the breadth-first search. Everything else in this folder uses the Controller by its methods.
 */
import { isVerified } from '../../src/core/control/connector.js'
import { Controller } from '../../src/core/control/controller.js'
import { bookedPerPhase } from '../../src/core/control/evidence.js'
import { largestConfiguredA } from '../../src/core/control/learn.js'
import { connectorA } from '../../src/core/control/learner.js'
import type { Now } from '../../src/core/control/now.js'
import { retiredA } from '../../src/core/control/retired.js'
import type { ControlSite } from '../../src/core/control/state.js'
import { add, type PerPhase, ZERO } from '../../src/core/site/phases.js'
import type { Depot } from './depots.js'

/** What the Controller must assume each connector may draw, in the order of the depot. */
export function bookings(controller: Controller, depot: Depot, nowMs: number): readonly PerPhase[] {
  const { stations } = controller.state
  const booked: PerPhase[] = []
  for (const { id, connectors } of depot.stations) {
    const station = stations.get(id)
    if (station === undefined)
      for (let at = 1; at <= connectors; at++) booked.push(unplacedA(controller, id, at, nowMs))
    else for (const connector of station.connectors) booked.push(bookedPerPhase(connector, station, nowMs))
  }
  return booked
}

/** Of a station that is not configured: as retired, and as one that was let in to be known. */
function unplacedA({ state }: Controller, id: string, connectorId: number, nowMs: number): PerPhase {
  const was = state.retired.find(entry => entry.stationId === id && entry.connectorId === connectorId)
  const learner = state.learners.get(id)
  const amps =
    (was === undefined ? 0 : retiredA(was, nowMs)) +
    (learner === undefined ? 0 : connectorA(learner, connectorId, largestConfiguredA(state)))
  return [amps, amps, amps]
}

/** Whether anything is kept of a station that is not configured. */
export function isKnownUnplaced({ state }: Controller, id: string): boolean {
  return state.learners.has(id) || state.retired.some(({ stationId }) => stationId === id)
}

/** Our own clock has jumped: every period of every schedule is counted, whatever is written meanwhile. */
export function isClockInDoubt(controller: Controller): boolean {
  return controller.state.clock.jump !== undefined
}

export interface CircuitSum {
  readonly id: string
  readonly limitA: number
  readonly otherA: PerPhase
  readonly bookedA: PerPhase
}

/** Per circuit: what is booked below it beside what else flows, as the last decision saw it. */
export function circuitSums(
  controller: Controller,
  depot: Depot,
  booked: readonly PerPhase[],
): readonly CircuitSum[] {
  const { tree, limitsA, loads } = controller.state
  const places = depot.stations.flatMap(station =>
    Array.from({ length: station.connectors }, () => tree.indexById.get(station.circuit) ?? -1),
  )
  return tree.nodes.map((node, index) => {
    let sum: PerPhase = ZERO
    places.forEach((place, at) => {
      if (tree.pathOf(place).includes(index)) sum = add(sum, booked[at] ?? ZERO)
    })
    return {
      id: node.id,
      limitA: limitsA[index] ?? 0,
      otherA: loads[index]?.otherA ?? ZERO,
      bookedA: sum,
    }
  })
}

/** What the Controller knows of one station, short enough to tell two states apart. */
export function knownOf(
  controller: Controller,
  stationId: string,
  now: { readonly monoMs: number; age(ms: number): string },
): string {
  const station = controller.state.stations.get(stationId)
  if (station === undefined) return ofUnplaced(controller, stationId, now)
  const setup = station.setup === undefined ? '-' : `${station.setup.at}${station.setup.waiting ? 'w' : ''}`
  const connectors = station.connectors.map(connector => {
    const chains = [connector.live, connector.idle].map(chain =>
      chain
        .map(
          write =>
            `${write.offerA}${write.acceptedMs === undefined ? '?' : ''}` +
            now.age(now.monoMs - write.sentMs),
        )
        .join(','),
    )
    const booked = bookedPerPhase(connector, station, now.monoMs).join('/')
    return [booked, connector.offerA, isVerified(connector), connector.failSafe?.valueA, ...chains].join(' ')
  })
  const clock = `${station.clockOffsetsMs.length > 0} ${station.clockProven} ${station.clockDoubt} ${now.age(now.monoMs - station.clockShownMs)}`
  return `${station.release} ${setup} ${clock} ${connectors.join(' | ')}`
}

function ofUnplaced(
  { state }: Controller,
  stationId: string,
  now: { readonly monoMs: number; age(ms: number): string },
): string {
  const was = state.retired.filter(entry => entry.stationId === stationId)
  const learner = state.learners.get(stationId)
  const known =
    learner &&
    `${learner.connected} ${[...learner.held]} ${learner.writing === undefined} ${[...learner.recordedA]}`
  return `${was.map(({ leaseOverMs }) => now.age(leaseOverMs - now.monoMs))} ${known}`
}

/** The same Controller once more: its memory is plain data, which is copied; the site is the copy's own. */
export function copyController(controller: Controller, site: ControlSite, now: Now): Controller {
  const copied = new Controller(site, [], now)
  const { site: _site, tree: _tree, ...memory } = controller.state
  Object.assign(copied.state, copyOf(memory, new Map()))
  return copied
}

/** A deep copy in which what was one object stays one object. Functions are shared. */
export function copyOf<T>(value: T, seen: Map<object, object>): T {
  const copied = copyAny(value, seen)
  // The copy has the shape of its original.
  return copied as T
}

function copyAny(value: unknown, seen: Map<object, object>): unknown {
  if (typeof value !== 'object' || value === null) return value
  const known = seen.get(value)
  if (known !== undefined) return known
  if (Array.isArray(value)) {
    const list: unknown[] = []
    seen.set(value, list)
    for (const item of value) list.push(copyAny(item, seen))
    return list
  }
  if (value instanceof Map) {
    const map = new Map<unknown, unknown>()
    seen.set(value, map)
    for (const [key, item] of value) map.set(key, copyAny(item, seen))
    return map
  }
  if (value instanceof Set) {
    const set = new Set<unknown>()
    seen.set(value, set)
    for (const item of value) set.add(copyAny(item, seen))
    return set
  }
  if (ArrayBuffer.isView(value)) return value
  if (Object.getPrototypeOf(value) !== Object.prototype) throw new Error('only plain data is copied')
  // Spread, not key by key: one that is built up by keys becomes a hash table, with which the Controller runs at half the speed.
  const object: object = { ...value }
  seen.set(value, object)
  for (const key of Object.keys(object)) {
    const item: unknown = Reflect.get(object, key)
    if (typeof item === 'object' && item !== null) Reflect.set(object, key, copyAny(item, seen))
  }
  return object
}
