/** What the core says by a code with parameters, in German and Portuguese. Loaded by `from-core.ts` when there is something to say. */
import type { Said } from '../../../src/core/words/said.js'
import { codedText } from './coded.js'
import { JOURNAL } from './journal.js'
import { LINKS } from './links.js'
import { PHRASES } from './phrases.js'
import { VERDICTS } from './verdicts.js'

export function saidText(said: Said): string {
  return codedText(textOf, said)
}

const textOf = (phrase: string): string | undefined =>
  PHRASES(phrase) ?? LINKS(phrase) ?? JOURNAL(phrase) ?? VERDICTS(phrase)
