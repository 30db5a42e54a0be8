/** What Busbar answers, by the codes of faults, refusals and outcomes, in German and Portuguese. Loaded by `answer-words.ts`. */
import type { Refusal } from '../../../src/core/words/refused.js'
import type { Said } from '../../../src/core/words/said.js'
import type { Told } from '../../../src/core/words/told.js'
import { ANSWERED_TEXTS } from './answered.js'
import { AUDIT } from './audit.js'
import { codedText, paramText } from './coded.js'
import { FAULT_TEXTS } from './faults.js'
import { REFUSED_TEXTS } from './refused.js'

const textOf = (phrase: string): string | undefined =>
  FAULT_TEXTS(phrase) ?? REFUSED_TEXTS(phrase) ?? ANSWERED_TEXTS(phrase) ?? AUDIT(phrase)

/** Its value alone where no text says more of it. */
export function foundText({ code, params, found }: Told): string {
  const phrase = `found-${code}`
  if (textOf(phrase) !== undefined) return codedText(textOf, { text: found, phrase, params })
  return params.found === undefined ? found : paramText(textOf, params.found)
}

export function expectedText({ code, params, expected }: Told): string {
  return codedText(textOf, { text: expected, phrase: `expected-${code}`, params })
}

export function errorText({ code, params, error }: Refusal): string {
  return codedText(textOf, { text: error, phrase: `error-${code}`, params })
}

export function answerText(said: Said): string {
  return codedText(textOf, said)
}
