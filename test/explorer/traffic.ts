/** What goes over the lines between stations and Busbar, one message at a time, and what is left of it when a link goes. */
import type { CallOutcome } from '../../src/core/answer.js'
import type { Line, Message } from './busbar.js'
import { type Connector, drawnA, handle, perPhase, type Station } from './station.js'
import type { Side, World } from './world.js'

/** The station takes the oldest request on its line. */
export function reachStation(world: World, station: Station): boolean {
  const line = world.lines.get(station.id)
  const side = world.sides.get(station.id)
  const call = line?.down.shift()
  if (line === undefined || side === undefined || call === undefined) return false
  const isTriggered = call.action === 'TriggerMessage' && world.depot.model.smartCharging.obeysUnseen
  const answer = isTriggered
    ? triggered(world, station, call.payload)
    : handle(station, call.action, call.payload, world.clockOf(station))
  if (call.action === 'GetCompositeSchedule') readBack(world, station, side)
  world.followPilots()
  if (!line.linked) return true
  const outcome: CallOutcome = { kind: 'result', payloadText: JSON.stringify(answer) }
  line.up.push({ kind: 'answer', tag: call.tag, outcome })
  return true
}

/** Busbar takes the oldest message of the station. */
export function reachBusbar(world: World, station: Station): boolean {
  const line = world.lines.get(station.id)
  const { busbar } = world
  if (line === undefined || busbar === undefined || !line.linked) return false
  const message = line.up.shift()
  if (message === undefined) return false
  if (world.unplaced.has(station.id)) {
    // A session that nobody answers for is told again on the next link.
    if (message.kind === 'started' || message.kind === 'stopped')
      world.sides.get(station.id)?.memory.push(message)
    busbar.receiveUnplaced(station.id, message, world.now(busbar))
    return true
  }
  if (message.kind === 'started') world.book.set(`${station.id}/${message.connectorId}`, message)
  if (message.kind === 'stopped') world.book.delete(`${station.id}/${message.connectorId}`)
  busbar.receive(station.id, message, world.now(busbar))
  return true
}

/** What the station says now, or keeps until it has a link. */
export function say(world: World, station: Station, message: Message): void {
  const line = world.lines.get(station.id)
  if (line?.linked === true) line.up.push(message)
  else if (message.kind === 'started' || message.kind === 'stopped')
    world.sides.get(station.id)?.memory.push(message)
}

export function sample(world: World, station: Station, connector: Connector): void {
  const ownA = perPhase(drawnA(connector, world.nowMs), connector.car?.phases ?? 3)
  say(world, station, { kind: 'sample', connectorId: connector.id, ownA, clockMs: world.clockOf(station) })
}

/** Those that obey unseen know a TriggerMessage too; of a session that runs they send a sample. */
function triggered(world: World, station: Station, payload: object): object {
  if (Reflect.get(payload, 'requestedMessage') === 'StatusNotification') {
    say(world, station, { kind: 'status', clockMs: world.clockOf(station) })
    return { status: 'Accepted' }
  }
  const connector = station.connectors.find(({ id }) => id === Reflect.get(payload, 'connectorId'))
  if (connector?.transactionId !== undefined) sample(world, station, connector)
  return { status: 'Accepted' }
}

/** Read back after a restart: what it kept is known, what it lost is laid anew. */
function readBack(world: World, station: Station, side: Side): void {
  if (side.boot !== undefined) return
  side.keeps ||= side.booted === 'kept'
  world.excuses.causes = world.excuses.causes.map(cause =>
    cause.kind === 'profiles' && cause.of === station.id
      ? { ...cause, readMs: Math.min(cause.readMs ?? world.nowMs, world.nowMs) }
      : cause,
  )
}

/** The link goes. Transactions on their way up are told again, the rest is lost; what went down may still arrive. */
export function cut(world: World, station: Station): boolean {
  const line = world.lines.get(station.id)
  const side = world.sides.get(station.id)
  if (line === undefined || side === undefined || !line.linked) return false
  loseUp(line, side)
  if (world.busbar !== undefined) world.busbar.gone(station.id, world.now(world.busbar))
  return true
}

/** Transactions are kept to be told again. */
export function loseUp(line: Line, side: Side): void {
  side.memory.push(...line.up.filter(message => message.kind === 'started' || message.kind === 'stopped'))
  // A boot is told until it was heard.
  if (line.up.some(message => message.kind === 'booted')) side.boot = side.booted
  line.up = []
}
