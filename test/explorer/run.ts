/**
 * npm run explore -- --seconds N | --moves N | --depth N [--seed S] [--all] [--without "drift,lossy boots"]
 * Random walks for N seconds or until N moves are made, or every path of up to N moves. Prints what was explored and 0, or the
 * failing script; with --all it goes on and prints one script of each kind of failure; --without leaves families of moves out
 * (choices.ts). A walk is gone to its end: the same seed and number of moves explore the same.
 */
import { parseArgs } from 'node:util'
import { breadth, type Explored } from './breadth.js'
import { fingerprint } from './fingerprint.js'
import { play, type Script, textOf } from './script.js'
import { shortened, WALK_MOVES, type Walk, walk } from './walk.js'
import type { World } from './world.js'

/** More are not told apart: a Set holds 2^24 at most, and one of this size is 0.8 GB. */
const MAX_STATES = 16_000_000
/** What was explored so far is told whenever so many walks are made: a long run may be ended before its time. */
const TELL_EVERY = 4_000

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    moves: { type: 'string' },
    depth: { type: 'string' },
    seed: { type: 'string', default: '1' },
    all: { type: 'boolean', default: false },
    without: { type: 'string', default: '' },
  },
})
const depth = numberOf('depth')
const mostMoves = numberOf('moves')
const seconds =
  numberOf('seconds') ?? (depth === undefined && mostMoves === undefined ? 60 : Number.MAX_VALUE)
const begunMs = performance.now()
const without = new Set(values.without.split(','))
const isOver = (): boolean => performance.now() - begunMs > seconds * 1000
const failed = depth === undefined ? walks(numberOf('seed') ?? 1, mostMoves) : search(depth)
process.exitCode = failed === 0 ? 0 : 1

function numberOf(option: 'seconds' | 'moves' | 'depth' | 'seed'): number | undefined {
  const text = values[option]
  if (text === undefined) return undefined
  if (!/^\d+$/.test(text)) throw new Error(`--${option} is a whole number, not "${text}"`)
  return Number(text)
}

function walks(firstSeed: number, enough = Number.MAX_VALUE): number {
  const states = new Set<number>()
  const kinds = new Set<string>()
  let [made, moves, failures] = [0, 0, 0]
  const tellAll = (): void => {
    const seeds = made === 0 ? 'no seed' : `seeds ${firstSeed} to ${firstSeed + made - 1}`
    const least = states.size < MAX_STATES ? '' : 'at least '
    const walked = `${made} walks of up to ${WALK_MOVES} moves, ${moves} moves`
    tell(`${seeds}, ${walked}, ${least}${states.size} distinct states`, failures)
  }
  for (let seed = firstSeed; moves < enough && !isOver(); seed++) {
    const seen = (world: World): void => {
      moves++
      if (states.size < MAX_STATES) states.add(fingerprint(world))
    }
    const { script, failure } = walked(seed, seen)
    made++
    if (made % TELL_EVERY === 0) tellAll()
    if (failure === undefined) continue
    failures++
    const short = { ...script, moves: shortened(script.depot, script.isNew, script.moves) }
    const kind = `${failure.rule} ${short.moves.map(move => (move.kind === 'wait' ? '' : move.kind)).join(' ')}`
    if (!kinds.has(kind)) report(short, `seed ${seed}`)
    kinds.add(kind)
    if (!values.all) break
  }
  tellAll()
  return failures
}

/** A walk in which something throws is a failure too, which no script tells: its seed does. */
function walked(seed: number, seen: (world: World) => void): Walk {
  try {
    return walk(seed, seen, without)
  } catch (cause) {
    throw new Error(`the walk of seed ${seed} cannot be gone`, { cause })
  }
}

function search(bound: number): number {
  const explored: Explored = { moves: 0, states: new Map() }
  const found = breadth(bound, explored, { without, isOver })
  if (found !== undefined) report(found, 'breadth first')
  const how = isOver() ? `stopped within depth ${bound}` : `depth ${found?.moves.length ?? bound}`
  tell(
    `${how}, ${explored.moves} moves, ${explored.states.size} distinct states`,
    found === undefined ? 0 : 1,
  )
  return found === undefined ? 0 : 1
}

function report(script: Script, from: string): void {
  const failure = play(script)
  console.log(
    textOf({
      ...script,
      title: `${from}: ${failure?.rule ?? 'holds when replayed'}\n${failure?.text ?? ''}`,
    }),
  )
}

function tell(what: string, failures: number): void {
  const tookS = Math.round((performance.now() - begunMs) / 1000)
  console.log(`explored in ${tookS} s: ${what}; failures: ${failures}`)
}
