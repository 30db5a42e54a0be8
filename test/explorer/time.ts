/**
 * Time in the world: it passes in half seconds, and in each of them everything moves that moves by itself. After each, and after
 * each move, it is looked whether what must hold still does (look.ts).
 */
import type { Now } from '../../src/core/control/now.js'
import { DEAD_AFTER_MS } from '../../src/ocpp/wire/keep-alive.js'
import type { Busbar } from './busbar.js'
import { METER_ID } from './depots.js'
import { flows, look } from './look.js'
import { cut, reachBusbar, reachStation, sample } from './traffic.js'
import type { World } from './world.js'

const SAMPLE_EVERY_MS = 10_000
const METER_EVERY_MS = 1_000
/** As often as src/gateway/control-loop.ts decides. */
const TICK_MS = 500

export function wait(world: World, ms: number): void {
  for (let leftMs = ms; leftMs > 0 && world.failure === undefined; leftMs -= TICK_MS) {
    world.nowMs += TICK_MS
    step(world)
  }
}

/** Everything that moves by itself after a move, and the look whether all is well. */
export function settle(world: World): void {
  world.followPilots()
  exchange(world)
  look(world)
}

/** Messages go to and fro until all has been said. */
function exchange(world: World): void {
  for (let moved = true; moved; ) {
    moved = false
    for (const station of world.stations) {
      const line = world.lines.get(station.id)
      if (line === undefined || line.stalled || !line.linked) continue
      while (line.down.length > 0) moved = reachStation(world, station) || moved
      while (line.up.length > 0 && line.linked) moved = reachBusbar(world, station) || moved
    }
  }
}

function step(world: World): void {
  world.followPilots()
  for (const station of world.stations) {
    const line = world.lines.get(station.id)
    if (line?.stalled === true && world.nowMs - line.stalledMs >= DEAD_AFTER_MS) cut(world, station)
  }
  if (world.nowMs % SAMPLE_EVERY_MS === 0) {
    for (const station of world.stations) {
      if (world.lines.get(station.id)?.linked !== true) continue
      for (const connector of station.connectors)
        if (connector.transactionId !== undefined) sample(world, station, connector)
    }
  }
  const { busbar } = world
  if (busbar !== undefined) {
    const now = world.now(busbar)
    busbar.expire(now)
    if (world.nowMs % METER_EVERY_MS === 0 && hasMeter(world)) poll(world, busbar, now)
    else busbar.decide(now)
  }
  exchange(world)
  look(world)
}

function hasMeter(world: World): boolean {
  return world.plan.config.meters.length > 0
}

function poll(world: World, busbar: Busbar, now: Now): void {
  const main = world.plan.circuits.find(circuit => circuit.meter === METER_ID)
  const flow = flows(world).find(({ circuit }) => circuit === main?.id)
  if (world.meterAnswers && flow !== undefined)
    busbar.read(
      { meterId: METER_ID, monoMs: now.monoMs, currentA: flow.flowA, voltageV: [230, 230, 230] },
      now,
    )
  else busbar.read({ meterId: METER_ID, monoMs: now.monoMs, fault: 'timeout' }, now)
}
