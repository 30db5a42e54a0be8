/**
 * What an operator does with stations: released and taken back, taken out of the configuration and put into it again (a
 * clean restart each), and the window in which one without a place may connect (src/ocpp/station/learning-room.ts).
 */
import type { LimitStep } from '../../src/core/schedule/composite.js'
import { MAX_A } from './depots.js'
import { handle, type Station } from './station.js'
import { cut } from './traffic.js'
import type { World } from './world.js'

export function release(world: World, { id }: Station, released: boolean): boolean {
  const { busbar } = world
  const isReleased = busbar?.controller.state.stations.get(id)?.release !== undefined
  if (busbar === undefined || isReleased === released) return false
  return busbar.release(id, released, world.now(busbar))
}

/** Busbar ends (`end`) and starts without this station. Some station stays. */
export function remove(world: World, { id }: Station, end: () => boolean): boolean {
  if (world.unplaced.has(id) || world.unplaced.size + 1 >= world.stations.length || !end()) return false
  world.unplaced.add(id)
  world.begin()
  return true
}

export function place(world: World, { id }: Station, end: () => boolean): boolean {
  if (world.busbar === undefined || !world.unplaced.delete(id)) return false
  if (!world.isSound() || !end()) {
    world.unplaced.add(id)
    return false
  }
  world.begin()
  return true
}

/** Busbar ends (`end`) and starts with this station driven by its CSMS; one at a time, where the fuse carries it. */
export function handOver(world: World, { id }: Station, end: () => boolean): boolean {
  if (!world.depot.carriesDriven || world.unplaced.has(id) || world.driven.size > 0 || !end()) return false
  world.driven.add(id)
  world.begin()
  return true
}

export function steer(world: World, { id }: Station, end: () => boolean): boolean {
  if (!world.driven.has(id) || !end()) return false
  world.driven.delete(id)
  world.begin()
  return true
}

/** A limit of the CSMS that passes unchanged: the station's own profile. False where nothing reaches it. */
export function setThrough(world: World, station: Station, steps: readonly LimitStep[]): boolean {
  if (world.lines.get(station.id)?.linked !== true) return false
  // Refused as long as Busbar's own profiles lie there.
  if (world.busbar?.controller.state.stations.get(station.id)?.release !== 'done') return false
  const clockMs = world.clockOf(station)
  for (const { id: connectorId } of station.connectors) {
    const id = CSMS_PROFILE_ID + connectorId
    if (steps.length === 0) handle(station, 'ClearChargingProfile', { id }, clockMs)
    else
      handle(
        station,
        'SetChargingProfile',
        { connectorId, csChargingProfiles: csmsProfile(id, steps, world) },
        clockMs,
      )
  }
  return true
}

const CSMS_PROFILE_ID = 100

function csmsProfile(chargingProfileId: number, steps: readonly LimitStep[], world: World): object {
  const nowMs = world.trueMs()
  const isLate = (steps[0]?.atMs ?? nowMs) > nowMs
  const all = isLate ? [{ atMs: nowMs, limitA: undefined }, ...steps] : steps
  return {
    chargingProfileId,
    stackLevel: world.depot.model.smartCharging.maxStackLevel,
    chargingProfilePurpose: 'TxDefaultProfile',
    chargingSchedule: {
      startSchedule: new Date(nowMs).toISOString(),
      chargingSchedulePeriod: all.map(({ atMs, limitA }) => ({
        startPeriod: (atMs - nowMs) / 1_000,
        limit: limitA ?? MAX_A,
      })),
    },
  }
}

export function openWindow(world: World): boolean {
  if (world.isWindowOpen || world.busbar === undefined) return false
  world.isWindowOpen = true
  return true
}

/** Whoever is in and has no place is sent away. */
export function shutWindow(world: World): boolean {
  if (!world.isWindowOpen) return false
  world.isWindowOpen = false
  for (const station of world.stations) if (world.unplaced.has(station.id)) cut(world, station)
  return true
}
