/** The crash harness in its short form: five cycles of each kind of death (design §6, I2-I4). */
import t from 'tap'
import { FORMS } from './forms.js'

for (const form of FORMS) {
  t.test(`${form.name}, 5 cycles: nothing is lost, held twice or out of order, and it starts`, async t => {
    const result = await form.run(5, 7)
    if (typeof result === 'string') {
      t.comment(`skipped: ${result}`)
      return
    }
    t.match(result, { cycles: 5, lost: 0, duplicated: 0, misordered: 0, failedStarts: 0 })
  })
}
