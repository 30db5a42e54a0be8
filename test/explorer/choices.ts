/** Which moves are worth trying in a world now, each with its weight in a random walk. */
import { CSMS_PLANS, type Move } from './moves.js'
import { REACTIONS } from './station.js'
import type { World } from './world.js'

export type Choice = readonly [weight: number, move: Move]

/** Families of moves; a walk leaves some of them out, so that the others get further. */
export const FAMILIES = [
  'links',
  'lines',
  'boots',
  'lossy boots',
  'csms',
  'meter',
  'kills',
  'disk',
  'drift',
  'clocks',
  'phases',
  'release',
  'places',
  'drives',
  'live',
] as const
export type Family = (typeof FAMILIES)[number]

export function choices(world: World, families: ReadonlySet<Family>): readonly Choice[] {
  return [
    ...waits(world),
    ...world.stations.flatMap(({ id }) => ofStation(world, id, families)),
    ...connectors(world, families),
    ...ofSite(world, families),
  ]
}

function waits(world: World): Choice[] {
  const pastLeaseMs = (world.depot.leaseS + 22) * 1000
  const weights: readonly (readonly [number, number])[] = [
    [8, 500],
    [8, 1_000],
    [8, 5_000],
    [6, 12_000],
    [2, 60_000],
    [1, pastLeaseMs],
  ]
  return weights.map(([weight, ms]) => [weight, { kind: 'wait', ms }])
}

function ofStation(world: World, station: string, families: ReadonlySet<Family>): Choice[] {
  const line = world.lines.get(station)
  if (line === undefined) return []
  const found: Choice[] = []
  if (!line.linked && world.mayLink(station)) found.push([8, { kind: 'link', station }])
  found.push(...ofOperator(world, station, families))
  if (line.linked && families.has('links')) found.push([1, { kind: 'unlink', station }])
  if (families.has('lines')) {
    if (line.linked && !line.stalled) found.push([2, { kind: 'stall', station }])
    if (line.stalled) {
      found.push([2, { kind: 'flow', station }])
      if (line.down.length > 0)
        found.push([4, { kind: 'reach-station', station }], [1, { kind: 'lose-request', station }])
      if (line.up.length > 0 && line.linked) found.push([4, { kind: 'reach-busbar', station }])
      if (line.up.some(({ kind }) => kind === 'answer')) found.push([1, { kind: 'lose-answer', station }])
    }
  }
  if (families.has('boots')) found.push([0.5, { kind: 'boot-kept', station }])
  if (families.has('lossy boots')) found.push([0.5, { kind: 'boot-lost', station }])
  if (families.has('csms')) for (const plan of CSMS_PLANS) found.push([0.3, { kind: 'csms', station, plan }])
  if (families.has('drift')) {
    found.push([0.5, { kind: 'station-clock', station, seconds: 4 }])
    found.push([0.5, { kind: 'station-clock', station, seconds: -4 }])
  }
  if (families.has('clocks')) {
    found.push([0.2, { kind: 'station-clock', station, seconds: 600 }])
    found.push([0.2, { kind: 'station-clock', station, seconds: -3600 }])
  }
  return found
}

/** What an operator does with a station: rare, as each takes a restart or much time to tell. */
function ofOperator(world: World, station: string, families: ReadonlySet<Family>): Choice[] {
  const { busbar, unplaced } = world
  if (busbar === undefined) return []
  const found: Choice[] = []
  if (families.has('release') && !unplaced.has(station)) {
    const isReleased = busbar.controller.state.stations.get(station)?.release !== undefined
    found.push(isReleased ? [1, { kind: 'take-back', station }] : [0.4, { kind: 'release', station }])
  }
  if (families.has('drives')) {
    if (world.driven.has(station)) found.push([1, { kind: 'steer', station }])
    else if (world.depot.carriesDriven && world.driven.size === 0 && !unplaced.has(station))
      found.push([1, { kind: 'hand-over', station }])
  }
  if (families.has('live')) found.push(...ofConfiguration(world, station))
  if (!families.has('places')) return found
  if (unplaced.has(station)) found.push([1, { kind: 'place', station }])
  else if (unplaced.size + 1 < world.stations.length) found.push([0.4, { kind: 'remove', station }])
  return found
}

/** Changed while Busbar runs. */
function ofConfiguration(world: World, station: string): Choice[] {
  const { unplaced, changes, depot } = world
  if (unplaced.has(station)) return [[1, { kind: 'take-in', station }]]
  const found: Choice[] = []
  if (unplaced.size + 1 < world.stations.length) found.push([0.3, { kind: 'drop', station }])
  if (depot.circuits.length > 1) found.push([0.3, { kind: 'rehang', station }])
  found.push([0.4, { kind: changes.raised.includes(station) ? 'floor-back' : 'floor-up', station }])
  return found
}

function connectors(world: World, families: ReadonlySet<Family>): Choice[] {
  return world.stations.flatMap(station =>
    station.connectors.flatMap(({ id, car }): Choice[] => {
      const at = `${station.id}/${id}`
      if (car === undefined)
        return REACTIONS.flatMap((reaction): Choice[] => [
          [1.5, { kind: 'start', at, reaction, phases: 3 }],
          [0.5, { kind: 'start', at, reaction, phases: 1 }],
        ])
      const found: Choice[] = [[1, { kind: 'stop', at }]]
      if (world.lines.get(station.id)?.linked === true) found.push([1, { kind: 'sample', at }])
      for (const amps of [0, 10, 32]) if (car.wantsA !== amps) found.push([0.5, { kind: 'wants', at, amps }])
      if (families.has('phases')) found.push([0.5, { kind: 'phases', at, phases: car.phases === 1 ? 3 : 1 }])
      return found
    }),
  )
}

function diskMoves({
  hangs,
  fails,
}: World['disk']): readonly ('disk-writes' | 'disk-hangs' | 'disk-fails')[] {
  return hangs || fails ? ['disk-writes'] : ['disk-hangs', 'disk-fails']
}

function ofSite(world: World, families: ReadonlySet<Family>): Choice[] {
  const found: Choice[] = []
  const { depot, busbar } = world
  if (busbar === undefined) found.push([8, { kind: 'begin' }])
  else if (families.has('kills')) found.push([0.5, { kind: 'kill' }], [0.5, { kind: 'kill-lost' }])
  if (families.has('disk') && busbar !== undefined)
    for (const kind of diskMoves(world.disk)) found.push([0.5, { kind }])
  if (families.has('places') && busbar !== undefined && world.unplaced.size > 0)
    found.push([1, { kind: world.isWindowOpen ? 'window-ends' : 'window-opens' }])
  if (families.has('live') && busbar !== undefined) {
    const { isSmaller, isMeterless } = world.changes
    if (depot.smallerA !== undefined) found.push([0.6, { kind: isSmaller ? 'fuse-back' : 'fuse-smaller' }])
    if (depot.config.meters.length > 0) found.push([0.5, { kind: isMeterless ? 'meter-in' : 'meter-out' }])
  }
  if (world.plan.config.meters.length > 0 && families.has('meter'))
    found.push(world.meterAnswers ? [0.7, { kind: 'meter-lost' }] : [3, { kind: 'meter-back' }])
  for (const amps of depot.baseA) if (amps !== world.baseA) found.push([1, { kind: 'base', amps }])
  if (families.has('clocks')) {
    found.push([0.2, { kind: 'busbar-clock', seconds: 600 }])
    found.push([0.2, { kind: 'busbar-clock', seconds: -3600 }])
  }
  return found
}
