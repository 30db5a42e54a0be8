/** Texts on the wire: the English, and for whoever speaks another language its code with what it holds (`core/words`). */
import { z } from '@hono/zod-openapi'

/** As `core/words` has it, for a reader that may know fewer codes. */
interface SaidText {
  readonly text: string
  readonly phrase: string
  readonly params: Readonly<Record<string, Param>>
}
type Param = string | number | SaidText

const phrase = z.string().describe('the code of the text, such as "meter-stale"')

const param: z.ZodType<Param> = z
  .lazy((): z.ZodType<Param> => z.union([z.string(), z.number(), said]))
  .openapi({ type: 'object', description: 'a string, a number, or { text, phrase, params }' })

const params = z.record(z.string(), param).readonly()

/** A text with its code, within an object that says more. */
export const saidFields = { text: z.string(), phrase, params }

/** What was found and expected: in English, and by a code with what it holds (`core/words/told`). */
export const toldFields = {
  found: z.string(),
  expected: z.string(),
  code: z.string().describe('of its words, such as "own-id"'),
  params: params.describe('what the words hold, by name'),
}

/** A text with its code. */
export const said: z.ZodType<SaidText> = z
  .strictObject(saidFields)
  .openapi('Said', { description: 'a text, its code, and what it holds by name' })

/** Beside a text that may have a code. */
export const maybeSaid = {
  phrase: phrase.optional(),
  params: params.optional().describe('what the text holds, by name'),
}
