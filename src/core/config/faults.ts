/** What is wrong with a document: where, what was found, what was expected. Shared by every schema. */
import { z } from 'zod'

export interface Fault {
  /** Like "stations[2].connectors[0].maxCurrentA". */
  readonly path: string
  readonly found: string
  readonly expected: string
}

export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] }

/** "circuits[0].id" for ['circuits', 0, 'id']; "(document)" for the empty path. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = ''
  for (const part of path)
    text += typeof part === 'number' ? `[${part}]` : text === '' ? String(part) : `.${String(part)}`
  return text === '' ? '(document)' : text
}

/** A short, printable form of any value, for fault lists. */
export function show(value: unknown): string {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** Runs a zod schema over an unknown document and turns its issues into faults. */
export function parseDocument<T>(schema: z.ZodType<T>, document: unknown): Parsed<T> {
  const result = schema.safeParse(document, { error: knownKeys })
  if (result.success) return { ok: true, value: result.data }
  return { ok: false, faults: result.error.issues.flatMap(issue => faultsOf(issue, document)) }
}

function faultsOf(issue: z.core.$ZodIssue, document: unknown): Fault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => ({
      path: pathText([...issue.path, key]),
      found: `unknown key ${show(key)}`,
      expected: issue.message,
    }))
  }
  const value = valueAt(document, issue.path)
  const isLong = issue.code === 'too_big' && Array.isArray(value)
  return [
    {
      path: pathText(issue.path),
      found: isLong ? `${value.length} entries` : show(value),
      expected: expectation(issue.message),
    },
  ]
}

/** The message for a key that is none: the keys documented at that place. Undefined = zod's own words. */
function knownKeys(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'unrecognized_keys' || !(issue.inst instanceof z.ZodObject)) return undefined
  return `one of ${Object.keys(issue.inst.shape).join(', ')}`
}

/** zod's "Invalid input: expected number, received string" says twice what was found. */
function expectation(message: string): string {
  return message.replace(/^(Invalid input|Too small|Too big): expected /, '').replace(/, received .*$/, '')
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = document
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, part)
  }
  return value
}
