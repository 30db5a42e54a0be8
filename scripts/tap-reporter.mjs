// Prints each failing assertion, each skip with its reason, and closes with the plain line "N passed, N failed".
// A test file that died without a failing assertion counts as one failure.
import { Minipass } from 'minipass'
import { Parser } from 'tap-parser'

export default class SummaryReporter extends Minipass {
  #parser = new Parser()
  #passed = 0
  #failed = 0
  #failedBeforeFile = 0

  constructor() {
    super({ encoding: 'utf8' })
    this.#watch(this.#parser, [])
    this.#parser.on('complete', results => {
      if (!results.ok && this.#failed === 0) this.#failed = 1
      super.write(`${this.#passed} passed, ${this.#failed} failed\n`)
      super.end()
    })
  }

  #watch(parser, path) {
    parser.on('child', child => this.#watch(child, [...path, child.name]))
    parser.on('assert', assertion => {
      if (assertion.closingTestPoint) {
        if (path.length === 0) this.#closeFile(assertion)
        return
      }
      const title = [...path, assertion.name].join(' > ')
      if (assertion.skip || assertion.todo) {
        super.write(`skipped ${title}: ${assertion.skip || assertion.todo}\n`)
      } else if (assertion.ok) {
        this.#passed++
      } else {
        this.#failed++
        super.write(`not ok ${title}\n${JSON.stringify(assertion.diag, null, 2)}\n`)
      }
    })
  }

  #closeFile(assertion) {
    if (!assertion.ok && this.#failed === this.#failedBeforeFile) {
      this.#failed++
      super.write(`not ok ${assertion.name} exit=${assertion.diag?.exitCode ?? ''}\n`)
    }
    this.#failedBeforeFile = this.#failed
  }

  write(chunk, ...rest) {
    return this.#parser.write(chunk, ...rest)
  }

  end(...rest) {
    this.#parser.end(...rest)
    return this
  }
}
