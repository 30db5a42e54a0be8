/** `npm run crash -- [--cycles N] [--seed S] [--only WORDS]`: every form of the crash harness, a line each; exit code 1 when one is not clean. */
import { parseArgs } from 'node:util'
import { FORMS } from './forms.js'
import { line } from './play.js'

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '40' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
})
let isClean = true
for (const form of FORMS.filter(({ name }) => name.includes(values.only))) {
  const result = await form.run(Number(values.cycles), Number(values.seed))
  if (typeof result === 'string') {
    console.log(`${form.name}: skipped, ${result}`)
    continue
  }
  console.log(line(form.name, result))
  const { lost, duplicated, misordered, failedStarts } = result
  isClean &&= lost + duplicated + misordered + failedStarts === 0
}
process.exit(isClean ? 0 : 1)
