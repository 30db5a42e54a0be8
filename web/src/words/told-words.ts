/** What was found and expected, by the code of a fault or refusal, in German and Portuguese. Loaded by `answer-words.ts`. */
import type { Told } from '../../../src/core/words/told.js'
import { codedText, paramText } from './coded.js'
import { FAULT_TEXTS } from './faults.js'

const textOf = (phrase: string): string | undefined => FAULT_TEXTS(phrase)

/** Its value alone where no text says more of it. */
export function foundText({ code, params, found }: Told): string {
  const phrase = `found-${code}`
  if (textOf(phrase) !== undefined) return codedText(textOf, { text: found, phrase, params })
  return params.found === undefined ? found : paramText(textOf, params.found)
}

export function expectedText({ code, params, expected }: Told): string {
  return codedText(textOf, { text: expected, phrase: `expected-${code}`, params })
}
