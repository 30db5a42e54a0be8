/** `npm run crash -- [--cycles N] [--seed S] [--only WORDS]`: every form of the crash harness, a line each; exit code 1 when one is not clean. */
import { parseArgs } from 'node:util'
import { FORMS } from './forms.js'
import { emptyTally, line } from './play.js'

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
})
/** What a run has seen so far is told this often, so that one that is cut short, or hangs, says where it was. */
const TOLD_MS = 20_000

let tally = emptyTally()
let name = ''
const tell = (): void => {
  if (tally.cycles > 0) console.log(line(`${name}, so far`, tally))
}
const telling = setInterval(tell, TOLD_MS)
process.once('SIGTERM', () => {
  tell()
  process.exit(1)
})
let isClean = true
for (const form of FORMS.filter(({ name }) => name.includes(values.only))) {
  tally = emptyTally()
  name = form.name
  const result = await form.run(Number(values.cycles), Number(values.seed), tally)
  if (typeof result === 'string') {
    console.log(`${form.name}: skipped, ${result}`)
    continue
  }
  console.log(line(form.name, result))
  const { lost, duplicated, misordered, failedStarts } = result
  isClean &&= lost + duplicated + misordered + failedStarts === 0
}
clearInterval(telling)
process.exit(isClean ? 0 : 1)
