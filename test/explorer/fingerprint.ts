/**
 * When two moments count as the same state: stations are interchangeable, transaction numbers and absolute times do not
 * matter, ages and times left only by their class. A bound of the exploration: two moments of one class are taken as one.
 */
import type { Line } from './busbar.js'
import { knownOf } from './glimpse.js'
import { lastMs } from './promise.js'
import { drawnA, limitA, type Station } from './station.js'
import type { World } from './world.js'

/** Where something changes in Busbar or a station: answers, reaction, clock bound, samples, lease, and all are down. */
const CLASSES_MS = [0, 1_000, 5_000, 11_000, 21_000, 36_000, 60_000, 81_000, 190_000, 201_000]

function age(ms: number): string {
  const at = CLASSES_MS.findIndex(edgeMs => ms <= edgeMs)
  return String.fromCharCode(97 + (at < 0 ? CLASSES_MS.length : at))
}

/** A number that tells states apart (53 bits of hash). */
export function fingerprint(world: World): number {
  const stations = world.stations.map(station => ofStation(world, station)).sort()
  const { busbar, disk, excuses, nowMs } = world
  const site = [
    world.baseA,
    world.meterAnswers,
    world.busbarClockMs,
    world.isWindowOpen,
    JSON.stringify(world.changes),
    busbar === undefined ? '-' : age(nowMs - busbar.bornMs),
    `${disk.hangs}${disk.fails}${disk.kept.size}${disk.tail.length}${disk.waiting.length}`,
    excuses.causes.map(cause => cause.kind + age(lastMs(cause) - nowMs)).join(','),
    [...excuses.over]
      .map(([id, over]) => id + age(nowMs - over.sinceMs) + age(nowMs - over.lastMs))
      .join(','),
  ]
  return hash([world.depot.name, ...site, ...stations].join('#'))
}

function ofStation(world: World, station: Station): string {
  const line = world.lines.get(station.id)
  const side = world.sides.get(station.id)
  const { busbar, nowMs } = world
  if (line === undefined || side === undefined) return ''
  const clockMs = world.clockOf(station)
  const profiles = station.profiles.map(({ purpose, level, startMs, periods }) =>
    [
      purpose,
      level,
      ...periods.map(({ fromMs, limitA: amps }) => amps + age(startMs + fromMs - clockMs)),
    ].join(','),
  )
  const connectors = station.connectors.map(connector => {
    const { car } = connector
    const words = car === undefined ? '-' : `${car.phases}${car.reaction}${car.wantsA}`
    return `${words} ${limitA(station, connector, clockMs)} ${drawnA(connector, nowMs)}`
  })
  const known =
    busbar === undefined
      ? ''
      : knownOf(busbar.controller, station.id, { monoMs: world.now(busbar).monoMs, age })
  const csms = side.csms.map(({ atMs, limitA: amps }) => `${amps}${age(atMs - world.trueMs())}`)
  const circuit = world.plan.stations.find(({ id }) => id === station.id)?.circuit
  return [
    circuit,
    world.unplaced.has(station.id),
    world.driven.has(station.id),
    station.clockMs - side.anchorMs,
    ofLine(line),
    side.memory.length,
    side.boot,
    side.keeps,
    ...csms,
    ...profiles,
    ...connectors,
    known,
  ].join(';')
}

function ofLine(line: Line): string {
  const { linked, stalled, waiting, inFlight, down, up } = line
  const { urgent, first, normal } = waiting
  const ways = [
    inFlight.length,
    urgent.length,
    first.length,
    normal.length,
    down.map(call => call.action),
    up.map(message => message.kind),
  ]
  return [linked, stalled, ...ways].join(',')
}

/** Two FNV-1a sums, 26 and 27 bits of them. */
function hash(text: string): number {
  let low = 0x811c9dc5
  let high = 0x1000193
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    low = Math.imul(low ^ code, 16_777_619)
    high = Math.imul(high ^ code, 1_540_483_477)
  }
  return (high >>> 6) * 134_217_728 + (low >>> 5)
}
