/** Carries one move out in the world. A move that is not possible there does nothing and says so. */
import type { LimitStep } from '../../src/core/schedule/composite.js'
import type { Line, Message } from './busbar.js'
import { changed, drop, rehang, setFloor, takeIn } from './live.js'
import { type CsmsPlan, type Move, sentenceOf } from './moves.js'
import { handOver, openWindow, place, release, remove, setThrough, shutWindow, steer } from './places.js'
import { excuse, lastsUntilMs } from './promise.js'
import { type Connector, endTransaction, followPilot, limitA, MAX_DRIFT_MS, type Station } from './station.js'
import { settle, wait } from './time.js'
import { cut, loseUp, reachBusbar, reachStation, sample, say } from './traffic.js'
import type { Side, World } from './world.js'

/** False when the move is not possible now. What must hold is looked at after it. */
export function act(world: World, move: Move): boolean {
  if (move.kind === 'wait') {
    wait(world, move.ms)
    return true
  }
  const isDone =
    'station' in move ? ofStation(world, move) : 'at' in move ? ofConnector(world, move) : ofSite(world, move)
  if (isDone) settle(world)
  return isDone
}

type StationMoves = Extract<Move, { readonly station: string }>
type ConnectorMoves = Extract<Move, { readonly at: string }>
type SiteMoves = Exclude<Move, StationMoves | ConnectorMoves | { readonly kind: 'wait' }>

function ofStation(world: World, move: StationMoves): boolean {
  const station = world.station(move.station)
  const line = world.lines.get(move.station)
  const side = world.sides.get(move.station)
  if (station === undefined || line === undefined || side === undefined) throw new Error(sentenceOf(move))
  switch (move.kind) {
    case 'unlink':
      return cut(world, station)
    case 'link':
      return link(world, station, line, side)
    case 'stall':
      if (line.stalled) return false
      line.stalled = true
      line.stalledMs = world.nowMs
      return true
    case 'flow':
      if (!line.stalled) return false
      line.stalled = false
      return true
    case 'reach-station':
      return reachStation(world, station)
    case 'reach-busbar':
      return reachBusbar(world, station)
    case 'lose-request':
      return line.down.shift() !== undefined
    case 'lose-answer': {
      const at = line.up.findIndex(message => message.kind === 'answer')
      if (at < 0) return false
      line.up.splice(at, 1)
      return true
    }
    case 'boot-kept':
    case 'boot-lost':
      cut(world, station)
      restart(world, station, line, side, move.kind === 'boot-kept' ? 'kept' : 'lost')
      return true
    case 'csms':
      if (world.driven.has(station.id)) return setThrough(world, station, planned(move.plan, world.trueMs()))
      side.csms = planned(move.plan, world.trueMs())
      if (world.busbar !== undefined)
        world.busbar.tell({ kind: 'csms-profiles-changed', stationId: station.id }, world.now(world.busbar))
      return true
    case 'release':
    case 'take-back':
      return release(world, station, move.kind === 'release')
    case 'remove':
      return remove(world, station, () => kill(world, true))
    case 'place':
      return place(world, station, () => kill(world, true))
    case 'hand-over':
      return handOver(world, station, () => kill(world, true))
    case 'steer':
      return steer(world, station, () => kill(world, true))
    case 'drop':
      return drop(world, station)
    case 'take-in':
      return takeIn(world, station)
    case 'rehang':
      return rehang(world, station)
    case 'floor-up':
    case 'floor-back':
      return setFloor(world, station, move.kind === 'floor-up')
    case 'station-clock':
      return turnClock(world, station, side, move.seconds * 1000)
  }
}

function link(world: World, station: Station, line: Line, side: Side): boolean {
  const { busbar } = world
  if (line.linked || busbar === undefined || !world.mayLink(station.id)) return false
  const open = station.connectors.flatMap(({ id }) => world.book.get(`${station.id}/${id}`) ?? [])
  const boot: Message[] =
    side.boot === undefined ? [] : [{ kind: 'booted' }, { kind: 'status', clockMs: world.clockOf(station) }]
  side.boot = undefined
  side.linkedMs = world.nowMs
  busbar.connected(station.id, open, world.now(busbar))
  line.up.push(...boot, ...side.memory.splice(0))
  return true
}

function restart(world: World, station: Station, line: Line, side: Side, boot: 'kept' | 'lost'): void {
  side.boot = boot
  side.booted = boot
  line.down = []
  if (boot === 'lost') {
    station.profiles = []
    excuse(world.excuses, {
      kind: 'profiles',
      sinceMs: world.nowMs,
      untilMs: Number.MAX_VALUE,
      of: station.id,
      // Not shown to keep its profiles, it has to be booked as one that does not (control rule 11).
      isBooked: !side.keeps,
    })
  }
  for (const connector of station.connectors) connector.pilots = []
}

function planned(plan: CsmsPlan, atMs: number): readonly LimitStep[] {
  switch (plan) {
    case 'sets no limit':
      return []
    case 'allows 8 A':
      return [{ atMs, limitA: 8 }]
    case 'allows 0 A':
      return [{ atMs, limitA: 0 }]
    case 'allows 8 A for 60 s':
      return [
        { atMs, limitA: 8 },
        { atMs: atMs + 60_000, limitA: undefined },
      ]
    case 'allows 6 A from 30 s on':
      return [{ atMs: atMs + 30_000, limitA: 6 }]
  }
}

/** Within the drift a clock may have nothing is excused; a real jump is a fault of the station. */
function turnClock(world: World, station: Station, side: Side, byMs: number): boolean {
  const isDrift = Math.abs(byMs) <= MAX_DRIFT_MS
  if (isDrift && Math.abs(station.clockMs + byMs - side.anchorMs) > MAX_DRIFT_MS) return false
  station.clockMs += byMs
  if (isDrift) return true
  side.anchorMs = station.clockMs
  const untilMs = lastsUntilMs('clock', world.nowMs, world.depot.leaseS * 1000)
  excuse(world.excuses, { kind: 'clock', sinceMs: world.nowMs, untilMs, of: station.id })
  return true
}

function ofConnector(world: World, move: ConnectorMoves): boolean {
  const found = world.connector(move.at)
  if (found === undefined) throw new Error(sentenceOf(move))
  const { station, connector } = found
  const { car } = connector
  switch (move.kind) {
    case 'start':
      if (car !== undefined) return false
      start(world, station, connector, move)
      return true
    case 'stop': {
      const { transactionId } = connector
      if (transactionId === undefined) return false
      const clockMs = world.clockOf(station)
      // Whoever comes next may use all phases; Busbar may be told late.
      if (car?.phases === 1) excusePhases(world, move.at)
      endTransaction(station, connector)
      say(world, station, { kind: 'stopped', connectorId: connector.id, transactionId, clockMs })
      return true
    }
    case 'sample':
      if (car === undefined || world.lines.get(station.id)?.linked !== true) return false
      sample(world, station, connector)
      return true
    case 'phases': {
      if (car === undefined || car.phases === move.phases) return false
      car.phases = move.phases
      if (move.phases === 3) excusePhases(world, move.at)
      return true
    }
    case 'wants':
      if (car === undefined || car.wantsA === move.amps) return false
      car.wantsA = move.amps
      return true
  }
}

function excusePhases(world: World, of: string): void {
  const untilMs = lastsUntilMs('phases', world.nowMs, 0)
  excuse(world.excuses, { kind: 'phases', sinceMs: world.nowMs, untilMs, of })
}

function start(
  world: World,
  station: Station,
  connector: Connector,
  car: Extract<Move, { readonly kind: 'start' }>,
): void {
  world.transactions += 1
  connector.transactionId = world.transactions
  connector.car = { phases: car.phases, reaction: car.reaction, wantsA: 32 }
  connector.pilots = []
  followPilot(connector, limitA(station, connector, world.clockOf(station)), world.nowMs)
  say(world, station, {
    kind: 'started',
    connectorId: connector.id,
    transactionId: world.transactions,
    clockMs: world.clockOf(station),
  })
}

function ofSite(world: World, move: SiteMoves): boolean {
  const { disk } = world
  switch (move.kind) {
    case 'base': {
      if (world.baseA === move.amps) return false
      const untilMs = lastsUntilMs('base', world.nowMs, world.depot.leaseS * 1000)
      if (move.amps > world.baseA) excuse(world.excuses, { kind: 'base', sinceMs: world.nowMs, untilMs })
      world.baseA = move.amps
      return true
    }
    case 'busbar-clock':
      world.busbarClockMs += move.seconds * 1000
      return true
    case 'kill':
    case 'kill-lost':
      return kill(world, move.kind === 'kill')
    case 'begin':
      if (world.busbar !== undefined) return false
      world.begin()
      return true
    case 'meter-lost':
    case 'meter-back': {
      const answers = move.kind === 'meter-back'
      if (world.meterAnswers === answers) return false
      world.meterAnswers = answers
      return true
    }
    case 'fuse-smaller':
    case 'fuse-back': {
      const isSmaller = move.kind === 'fuse-smaller'
      if (world.depot.smallerA === undefined || world.changes.isSmaller === isSmaller) return false
      return changed(world, { isSmaller }, isSmaller)
    }
    case 'meter-out':
    case 'meter-in': {
      const isMeterless = move.kind === 'meter-out'
      if (world.depot.config.meters.length === 0 || world.changes.isMeterless === isMeterless) return false
      return changed(world, { isMeterless }, isMeterless)
    }
    case 'window-opens':
      return openWindow(world)
    case 'window-ends':
      return shutWindow(world)
    case 'disk-hangs':
    case 'disk-fails':
      if (disk.hangs || disk.fails || world.busbar === undefined) return false
      disk.hangs = move.kind === 'disk-hangs'
      disk.fails = move.kind === 'disk-fails'
      return true
    case 'disk-writes':
      if (!(disk.hangs || disk.fails) || world.busbar === undefined) return false
      disk.hangs = false
      disk.fails = false
      world.busbar.flush(world.now(world.busbar))
      return true
  }
}

/** The process ends between two instructions; with power gone too, so is what was not yet on the platter. */
function kill(world: World, kept: boolean): boolean {
  const { busbar, disk } = world
  if (busbar === undefined) return false
  for (const station of world.stations) {
    const line = world.lines.get(station.id)
    const side = world.sides.get(station.id)
    if (line === undefined || side === undefined || !line.linked) continue
    loseUp(line, side)
    line.linked = false
    line.inFlight = []
    for (const lane of Object.values(line.waiting)) lane.length = 0
  }
  if (kept) for (const [key, text] of disk.tail) disk.kept.set(key, text)
  disk.tail = []
  disk.waiting = []
  disk.hangs = false
  disk.fails = false
  world.busbar = undefined
  world.isWindowOpen = false
  return true
}
