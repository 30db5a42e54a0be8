/** What once put too much on a fuse, played again; and that a script is the path it was written from. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { act } from './act.js'
import { choices, FAMILIES } from './choices.js'
import { DEPOTS } from './depots.js'
import { fingerprint } from './fingerprint.js'
import { opened, play, scriptOf, textOf } from './script.js'
import { dice } from './walk.js'

const SCRIPTS = join(process.cwd(), 'test/explorer/scripts')

t.test('no script that once put too much on a fuse does so again', async t => {
  for (const file of readdirSync(SCRIPTS).filter(name => name.endsWith('.txt'))) {
    const script = scriptOf(readFileSync(join(SCRIPTS, file), 'utf8'))
    const failure = play(script)
    t.equal(failure?.text, undefined, `${file}: ${script.title.split('\n')[0]}`)
  }
})

t.test(
  'a path is the same as a script, as text and read back, and a copied depot goes the same way',
  async t => {
    const roll = dice(7)
    for (const depot of DEPOTS.values()) {
      let world = opened(depot, false)
      const moves = []
      for (let made = 0; made < 40 && world.failure === undefined; made++) {
        const possible = choices(world, new Set(FAMILIES))
        const move = possible[Math.floor(roll() * possible.length)]?.[1]
        if (move === undefined) break
        moves.push(move)
        const copy = world.copy()
        act(world, move)
        act(copy, move)
        if (fingerprint(copy) !== fingerprint(world))
          t.fail(`${depot.name}: a copy differs after ${move.kind}`)
        world = copy
      }
      const text = textOf({ title: '', depot, isNew: false, moves })
      t.equal(textOf(scriptOf(text)), text, `${depot.name}: ${moves.length} moves`)
      t.same(play(scriptOf(text)), world.failure, `${depot.name}: replayed, the same holds or fails`)
    }
  },
)
