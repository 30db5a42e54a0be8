/**
 * What is wrong with a document: where, what was found, what was expected. Shared by every schema. A rule of a schema names the
 * code of its words as its message (`expecting`), so that what zod would say in English is said by a code.
 */
import { z } from 'zod'
import { say } from '../words/said.js'
import { isToldCode, type Told, type ToldCode, told, toldOf } from '../words/told.js'
import { amount, show, shown } from './shown.js'

/** A fault that only those read who write files for Busbar: it has no words in other languages. */
export interface FileFault {
  /** Like "stations[2].connectors[0].maxCurrentA". */
  readonly path: string
  readonly found: string
  readonly expected: string
}

export interface Fault extends FileFault, Told {}

export type Parsed<T, F extends FileFault = Fault> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly F[] }

/** fault('circuits[1].id', 'own-id', { id: '"F1"', place: 'circuits[0]' }). A parameter that is left out does not compile. */
export function fault<C extends ToldCode>(path: string, ...words: Parameters<typeof told<C>>): Fault {
  return { path, ...told(...words) }
}

/** Codes that hold no more than a schema knows: what was found, and the bound that it breaks. */
type Plain<C> = C extends ToldCode
  ? keyof Parameters<typeof told<C>>[1] extends 'found' | 'least' | 'most'
    ? C
    : never
  : never

/** The message of a rule: the code of what it expects. */
export function expecting<C extends ToldCode>(code: Plain<C> & C): string {
  return code
}

/** "circuits[0].id" for ['circuits', 0, 'id']; "(document)" for the empty path. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = ''
  for (const part of path)
    text += typeof part === 'number' ? `[${part}]` : text === '' ? String(part) : `.${String(part)}`
  return text === '' ? '(document)' : text
}

/** Runs a zod schema over an unknown document and turns its issues into faults. */
export function parseDocument<T>(schema: z.ZodType<T>, document: unknown): Parsed<T> {
  const result = schema.safeParse(document, { error: knownKeys })
  if (result.success) return { ok: true, value: result.data }
  return { ok: false, faults: result.error.issues.flatMap(issue => faultsOf(issue, document)) }
}

/** What an issue of zod says, of the value that stands in `document` at its path. */
export function faultsOf(issue: z.core.$ZodIssue, document: unknown): Fault[] {
  if (issue.code === 'unrecognized_keys') {
    // zod's own words where nobody told it the keys
    const keys = issue.message.startsWith('Unrecognized') ? undefined : issue.message
    return issue.keys.map(key => {
      const path = pathText([...issue.path, key])
      return keys === undefined
        ? fault(path, 'documented-key', { key: show(key) })
        : fault(path, 'known-key', { key: show(key), keys })
    })
  }
  return [{ path: pathText(issue.path), ...toldOf(...wordsOf(issue, valueAt(document, issue.path))) }]
}

type Words = Parameters<typeof toldOf>

/** The code of a rule of ours, else what zod checks by itself. */
function wordsOf(issue: z.core.$ZodIssue, value: unknown): Words {
  const key = String(issue.path.findLast(part => typeof part === 'string') ?? '')
  const found = foundIn(value, key)
  switch (issue.code) {
    case 'invalid_type':
      return [TYPES[issue.expected] ?? 'fitting', { found }]
    case 'too_small':
      return smallWords(issue, { found, key })
    case 'too_big':
      return bigWords(issue, { found, key })
    case 'invalid_value':
      return issue.values.length === 1
        ? ['this-value', { found, value: show(issue.values[0]) }]
        : ['one-of', { found, values: issue.values.map(show).join(', ') }]
    case 'invalid_format':
      if (isToldCode(issue.message)) return [issue.message, { found }]
      return [issue.format === 'datetime' ? 'date-time' : 'other-form', { found }]
    default:
      return [isToldCode(issue.message) ? issue.message : 'fitting', { found }]
  }
}

const TYPES: Readonly<Record<string, ToldCode>> = {
  number: 'number',
  int: 'whole-number',
  string: 'text',
  boolean: 'yes-no',
  array: 'list',
  object: 'object',
  record: 'object',
}

interface At {
  readonly found: Told['params'][string]
  readonly key: string
}

function smallWords(
  { origin, minimum, inclusive, message }: z.core.$ZodIssueTooSmall,
  { found, key }: At,
): Words {
  const least = Number(minimum)
  if (isToldCode(message)) return [message, { found, least }]
  if (origin === 'string') return ['characters-at-least', { found, least }]
  if (origin === 'array') return ['entries-at-least', { found, least }]
  return [inclusive === false ? 'more-than' : 'at-least', { found, least: amount(least, key) }]
}

function bigWords(
  { origin, maximum, inclusive, message }: z.core.$ZodIssueTooBig,
  { found, key }: At,
): Words {
  const most = Number(maximum)
  if (isToldCode(message)) return [message, { found, most }]
  if (origin === 'string') return ['characters-at-most', { found, most }]
  if (origin === 'array') return ['entries-at-most', { found, most }]
  return [inclusive === false ? 'less-than' : 'at-most', { found, most: amount(most, key) }]
}

/** A list by its length: its members would fill the line. */
function foundIn(value: unknown, key: string): Told['params'][string] {
  if (Array.isArray(value)) return say('entries-of-list', { count: value.length })
  return typeof value === 'number' ? amount(value, key) : shown(value)
}

/** The keys documented at that place, for a key that is none of them. Undefined = zod's own words. */
function knownKeys(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'unrecognized_keys' || !(issue.inst instanceof z.ZodObject)) return undefined
  return Object.keys(issue.inst.shape).join(', ')
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = document
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, part)
  }
  return value
}
