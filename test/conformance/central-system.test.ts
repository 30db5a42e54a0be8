/**
 * The Central System column of the certification plan (seed 002, Appendix C), played against Busbar alone on a good line
 * and on the lab's worst (§8.2.2), in simulated time; and proof that a case can fail.
 */
import t from 'tap'
import { playCentralSystem } from './central-system/play.js'

for (const quality of ['lab', 'worst'] as const) {
  const played = await playCentralSystem({ quality })
  for (const { id, title, result } of played) {
    t.test(`${id} ${title} (${quality})`, async t => {
      if (result.kind === 'failed') t.fail(result.why)
      else t.pass(result.kind === 'passed' ? `${result.tookMs} ms` : `${result.kind}: ${result.why}`)
    })
  }
}
