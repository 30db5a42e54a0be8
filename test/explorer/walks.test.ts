/** The Controller against everything a small depot may do to it: random walks of a fixed length, the same at each run. */
import t from 'tap'
import { textOf } from './script.js'
import { shortened, walk } from './walk.js'

/** Some sixty seconds of one core. */
const WALKS = 600

t.test(`${WALKS} random walks put no more on a fuse than the promise allows`, async t => {
  for (let seed = 1; seed <= WALKS; seed++) {
    const { script, failure } = walk(seed, () => {})
    if (failure === undefined) continue
    const moves = shortened(script.depot, script.isNew, script.moves)
    const text = textOf({ ...script, moves })
    t.fail(`seed ${seed}: ${failure.rule}, ${failure.text}`, { script: text })
    return
  }
})
