/** Texts on the wire: the English, and for whoever speaks another language its code with what it holds (`core/words`). */
import { z } from '@hono/zod-openapi'
import { isPhraseCode, type PhraseCode } from '../core/words/english.js'
import type { Said, SaidParam } from '../core/words/said.js'

const phrase = z
  .custom<PhraseCode>(value => typeof value === 'string' && isPhraseCode(value))
  .openapi({ type: 'string', description: 'the code of the text, such as "meter-stale"' })

const param: z.ZodType<SaidParam> = z
  .lazy((): z.ZodType<SaidParam> => z.union([z.string(), z.number(), said]))
  .openapi({ type: 'object', description: 'a string, a number, or { text, phrase, params }' })

const params = z.record(z.string(), param).readonly()

/** A text with its code. */
export const said: z.ZodType<Said> = z
  .strictObject({ text: z.string(), phrase, params })
  .openapi('Said', { description: 'a text, its code, and what it holds by name' })

/** Beside a text that may have a code. */
export const maybeSaid = {
  phrase: phrase.optional(),
  params: params.optional().describe('what the text holds, by name'),
}
