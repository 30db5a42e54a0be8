/**
 * npm run explore -- --seconds N | --depth N [--seed S] [--all] [--without "drift,lossy boots"]
 * Random walks for N seconds, or every path of up to N moves. Prints what was explored and 0, or the failing script; with
 * --all it goes on and prints one script of each kind of failure; --without leaves families of moves out (choices.ts).
 */
import { parseArgs } from 'node:util'
import { breadth, type Explored } from './breadth.js'
import { fingerprint } from './fingerprint.js'
import { play, type Script, textOf } from './script.js'
import { shortened, WALK_MOVES, walk } from './walk.js'

/** More are not told apart: a set of this size is some 400 MB. */
const MAX_STATES = 8_000_000

const { values } = parseArgs({
  options: {
    seconds: { type: 'string' },
    depth: { type: 'string' },
    seed: { type: 'string', default: '1' },
    all: { type: 'boolean', default: false },
    without: { type: 'string', default: '' },
  },
})
const depth = values.depth === undefined ? undefined : Number(values.depth)
const seconds = Number(values.seconds ?? (depth === undefined ? 60 : Number.MAX_VALUE))
const begunMs = performance.now()
const without = new Set(values.without.split(','))
const isOver = (): boolean => performance.now() - begunMs > seconds * 1000
const failed = depth === undefined ? walks(Number(values.seed)) : search(depth)
process.exitCode = failed === 0 ? 0 : 1

function walks(firstSeed: number): number {
  const states = new Set<number>()
  const kinds = new Set<string>()
  let [made, moves, failures] = [0, 0, 0]
  for (let seed = firstSeed; !isOver(); seed++) {
    const { script, failure } = walk(
      seed,
      world => {
        moves++
        if (states.size < MAX_STATES) states.add(fingerprint(world))
      },
      without,
    )
    made++
    if (failure === undefined) continue
    failures++
    const short = { ...script, moves: shortened(script.depot, script.isNew, script.moves) }
    const kind = `${failure.rule} ${short.moves.map(move => (move.kind === 'wait' ? '' : move.kind)).join(' ')}`
    if (!kinds.has(kind)) report(short, `seed ${seed}`)
    kinds.add(kind)
    if (!values.all) break
  }
  const least = states.size < MAX_STATES ? '' : 'at least '
  tell(
    `${made} walks of up to ${WALK_MOVES} moves, ${moves} moves, ${least}${states.size} distinct states`,
    failures,
  )
  return failures
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
