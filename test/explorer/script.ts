/**
 * A path as a script an electrician can read, and back: comment lines (#), the depot, one line per move with its time,
 * and how long to watch. `at 12 s CP-1 loses its link`.
 */
import { act } from './act.js'
import { type Depot, depotOf } from './depots.js'
import { type Move, moveOf, sentenceOf } from './moves.js'
import type { Failure } from './promise.js'
import { World } from './world.js'

export interface Script {
  readonly title: string
  readonly depot: Depot
  /** The depot begins empty: nothing linked, Busbar never started. Otherwise a car charges at each station. */
  readonly isNew: boolean
  readonly moves: readonly Move[]
}

const openedOnce = new Map<string, World>()

/** The world at the beginning of a script. */
export function opened(depot: Depot, isNew: boolean): World {
  if (isNew) return new World(depot)
  const known = openedOnce.get(depot.name) ?? openUp(depot)
  openedOnce.set(depot.name, known)
  return known.copy()
}

function openUp(depot: Depot): World {
  const world = new World(depot)
  const open: Move[] = [{ kind: 'begin' }]
  for (const { id: station } of depot.stations) open.push({ kind: 'link', station })
  open.push({ kind: 'wait', ms: 5_000 })
  for (const { id } of depot.stations)
    open.push({ kind: 'start', at: `${id}/1`, reaction: 'slow', phases: 3 })
  open.push({ kind: 'wait', ms: 60_000 })
  for (const move of open) act(world, move)
  // The depot was set up under somebody's eyes: what happened then excuses nothing now.
  world.excuses = { causes: [], over: new Map(), faultMs: world.nowMs - 60_000 }
  if (world.failure !== undefined) throw new Error(`the depot fails as it opens: ${world.failure.text}`)
  return world
}

/** What fails when the moves are made one after the other; undefined when everything holds. */
export function play(script: Pick<Script, 'depot' | 'isNew' | 'moves'>): Failure | undefined {
  const world = opened(script.depot, script.isNew)
  for (const move of script.moves) {
    act(world, move)
    if (world.failure !== undefined) return world.failure
  }
  return undefined
}

export function textOf(script: Script): string {
  const lines = script.title.split('\n').map(line => `# ${line}`)
  lines.push(`depot ${script.depot.name}${script.isNew ? ', new' : ''}`)
  let atMs = 0
  for (const move of script.moves) {
    if (move.kind === 'wait') atMs += move.ms
    else lines.push(`at ${atMs / 1000} s ${sentenceOf(move)}`)
  }
  lines.push(`until ${atMs / 1000} s`)
  return `${lines.join('\n')}\n`
}

/** Throws with the line that cannot be read. */
export function scriptOf(text: string): Script {
  const title: string[] = []
  const moves: Move[] = []
  let depot: { depot: Depot; isNew: boolean } | undefined
  let nowMs = 0
  for (const line of text.split('\n').map(raw => raw.trim())) {
    if (line === '') continue
    if (line.startsWith('#')) {
      title.push(line.slice(1).trim())
      continue
    }
    const named = /^depot ([\w-]+)(, new)?$/.exec(line)
    if (named !== null) {
      depot = { depot: depotOf(named[1] ?? ''), isNew: named[2] !== undefined }
      continue
    }
    const timed = /^(at|until) ([\d.]+) s ?(.*)$/.exec(line)
    const atMs = Number(timed?.[2]) * 1000
    if (timed === null || !(atMs >= nowMs)) throw new Error(`not a line of a script: ${line}`)
    if (atMs > nowMs) moves.push({ kind: 'wait', ms: atMs - nowMs })
    nowMs = atMs
    if (timed[1] === 'until') continue
    const move = moveOf(timed[3] ?? '')
    if (move === undefined) throw new Error(`not a move: ${line}`)
    moves.push(move)
  }
  if (depot === undefined) throw new Error('the script names no depot')
  return { title: title.join('\n'), ...depot, moves }
}
