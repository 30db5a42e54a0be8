/** The crash harness in its short form: a few cycles of each kind of death (design §6, I2-I4). */
import t from 'tap'
import { FORMS } from './forms.js'

for (const form of FORMS) {
  const cycles = form.short ?? 5
  t.test(
    `${form.name}, ${cycles} cycles: nothing is lost, held twice or out of order, and it starts`,
    async t => {
      const result = await form.run(cycles, 7)
      if (typeof result === 'string') {
        t.comment(`skipped: ${result}`)
        return
      }
      t.match(result, { cycles, lost: 0, duplicated: 0, misordered: 0, failedStarts: 0 })
    },
  )
}
