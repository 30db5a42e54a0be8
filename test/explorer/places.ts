/**
 * What an operator does with stations: released and taken back, taken out of the configuration and put into it again (a
 * clean restart each), and the window in which one without a place may connect (src/ocpp/station/learning-room.ts).
 */
import type { Station } from './station.js'
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
  if (!world.unplaced.has(id) || !end()) return false
  world.unplaced.delete(id)
  world.begin()
  return true
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
  for (const station of world.stations) if (world.unplaced.has(station.id)) world.cut(station)
  return true
}
