/** The look at the world after each move and each half second: what flows, what could, and whether it may (promise.ts). */
import { ALL_PHASES, add, type PerPhase, spread, ZERO } from '../../src/core/site/phases.js'
import type { Busbar } from './busbar.js'
import { type Depot, FAIL_SAFE_A } from './depots.js'
import { isKnownUnplaced } from './glimpse.js'
import {
  bookedTooLittle,
  excuse,
  type Flow,
  forget,
  lastsUntilMs,
  overTheFuse,
  type Possible,
  SETTLE_MS,
} from './promise.js'
import { drawnA, limitA, perPhase } from './station.js'
import type { World } from './world.js'

export function look(world: World): void {
  if (!isCalm(world)) world.excuses.faultMs = world.nowMs
  waitForLines(world)
  forget(world.excuses, world.nowMs)
  excuseUnknown(world)
  world.failure ??= overTheFuse(flows(world), world.excuses, world.nowMs)
  if (world.busbar === undefined) return
  world.failure ??= bookedTooLittle(possible(world, world.busbar), world.excuses, world.nowMs)
}

export function flows(world: World): readonly Flow[] {
  const { baseA, nowMs, plan, stations } = world
  return plan.circuits.map(({ id, ratedCurrentA }, index) => {
    let flowA: PerPhase = index === 0 ? spread(baseA, ALL_PHASES) : ZERO
    for (let at = 0; at < stations.length; at++) {
      if (!isBelow(plan, at, id)) continue
      for (const connector of stations[at]?.connectors ?? []) {
        const amps = drawnA(connector, nowMs)
        if (amps > 0) flowA = add(flowA, perPhase(amps, connector.car?.phases ?? 3))
      }
    }
    const parts = (): string =>
      [...(index === 0 ? [`other load ${baseA}`] : []), ...drawnBelow(world, id)].join(' + ')
    return { circuit: id, ratedA: ratedCurrentA, flowA, parts }
  })
}

function isBelow({ circuits, stations }: Depot, at: number, circuit: string): boolean {
  const place = stations[at]?.circuit
  return place === circuit || circuits.some(({ id, parent }) => id === place && parent === circuit)
}

function drawnBelow({ stations, plan, nowMs }: World, circuit: string): readonly string[] {
  const below = stations.filter((_, at) => isBelow(plan, at, circuit))
  return below.flatMap(station =>
    station.connectors.flatMap(connector => {
      const amps = drawnA(connector, nowMs)
      return amps > 0 ? `${station.id}/${connector.id} ${amps}` : []
    }),
  )
}

function possible(world: World, busbar: Busbar): readonly Possible[] {
  const booked = busbar.bookedA(world.now(busbar).monoMs)
  const all: Possible[] = []
  for (const station of world.stations)
    for (const connector of station.connectors) {
      const pilotA = limitA(station, connector, world.clockOf(station))
      const nowA = drawnA(connector, world.nowMs)
      const amps = Math.max(pilotA < 6 ? 0 : pilotA, nowA)
      const draws = (): string => (connector.transactionId === undefined ? 'no session' : `drawing ${nowA} A`)
      all.push({
        connector: () => `${station.id}/${connector.id}`,
        possibleA: perPhase(amps, connector.car?.phases ?? 3),
        bookedA: booked[all.length] ?? ZERO,
        why: () => `pilot ${pilotA} A, ${draws()}`,
      })
    }
  return all
}

/** Nothing is laid on a station that nothing reaches: the while it takes begins when its line works. */
function waitForLines(world: World): void {
  const { causes } = world.excuses
  if (!causes.some(({ readMs }) => readMs !== undefined)) return
  world.excuses.causes = causes.map(cause => {
    const line = cause.readMs === undefined ? undefined : world.lines.get(cause.of ?? '')
    const isBroken = line !== undefined && (line.stalled || !line.linked)
    return isBroken ? { ...cause, readMs: world.nowMs } : cause
  })
}

/** A station that Busbar has never heard of is booked as soon as it is heard, and not before. */
function excuseUnknown(world: World): void {
  const { busbar, nowMs } = world
  for (const of of world.unplaced) {
    if (busbar !== undefined && isKnownUnplaced(busbar.controller, of)) continue
    const untilMs = lastsUntilMs('unknown', nowMs, world.depot.leaseS * 1000)
    excuse(world.excuses, { kind: 'unknown', sinceMs: nowMs, untilMs, of })
  }
}

function isCalm(world: World): boolean {
  if (world.busbar === undefined || !world.meterAnswers || world.disk.hangs || world.disk.fails) return false
  for (const [id, line] of world.lines) {
    if (world.unplaced.has(id) && !line.linked) {
      if (isLeased(world, id)) return false
      continue
    }
    if (!line.linked || line.stalled || line.inFlight.length > 0) return false
    if (world.nowMs - (world.sides.get(id)?.linkedMs ?? 0) < SETTLE_MS) return false
  }
  return true
}

/** What was laid there before it was taken out of the configuration allows more than its fail-safe still. */
function isLeased(world: World, id: string): boolean {
  const station = world.stations.find(one => one.id === id)
  return station?.connectors.some(one => limitA(station, one, world.clockOf(station)) > FAIL_SAFE_A) ?? false
}
