/**
 * A JSON document and its JSON Schema as a form needs them: what kind of field a key is, the value at a path, the document
 * with another value there. Pure. Nothing here decides what is right: Busbar's check does.
 */

import { config } from '../words/config.js'
import { LABELS } from '../words/config-labels.js'
import { language } from '../words/language.js'

export type Path = readonly (string | number)[]
type Json = Readonly<Record<string, unknown>>

export type Field =
  | { readonly kind: 'number' | 'text' }
  /** `unset`: it may also say nothing. */
  | { readonly kind: 'yes-no'; readonly unset: boolean }
  | { readonly kind: 'choice'; readonly values: readonly (string | number)[] }
  /** One of what another part of the document, or Busbar's catalogue, holds. */
  | { readonly kind: 'reference'; readonly to: string }
  | { readonly kind: 'words'; readonly values?: readonly string[] }
  | { readonly kind: 'group' }
  | { readonly kind: 'members'; readonly of: unknown }
  | { readonly kind: 'variants'; readonly key: string; readonly variants: ReadonlyMap<string, unknown> }
  /** False, or a group of keys; `plain`: yes as well. */
  | { readonly kind: 'switch'; readonly of: unknown; readonly plain: boolean }
  /** There is nothing to choose. */
  | { readonly kind: 'fixed' }
  /** Only in the JSON editor. */
  | { readonly kind: 'other' }

export function fieldOf(node: unknown): Field {
  if (Object.hasOwn(record(node), 'const')) return { kind: 'fixed' }
  const to = textAt(node, 'choices')
  if (to !== undefined) return { kind: 'reference', to }
  const values = choicesOf(node)
  if (values !== undefined) return { kind: 'choice', values }
  const of = switchedOf(node)
  if (of !== undefined) return { kind: 'switch', ...of }
  const variants = variantsOf(node)
  if (variants !== undefined) return { kind: 'variants', ...variants }
  switch (at(node, 'type')) {
    case 'number':
    case 'integer':
      return { kind: 'number' }
    case 'string':
      return { kind: 'text' }
    case 'boolean':
      return { kind: 'yes-no', unset: at(node, 'default') === undefined }
    case 'object':
      return at(node, 'properties') === undefined ? { kind: 'other' } : { kind: 'group' }
    case 'array':
      return listOf(at(node, 'items'))
    default:
      return { kind: 'other' }
  }
}

function listOf(items: unknown): Field {
  if (at(items, 'type') === 'object') return { kind: 'members', of: items }
  if (at(items, 'type') !== 'string') return { kind: 'other' }
  const values = choicesOf(items)
  return { kind: 'words', ...(values !== undefined && { values: values.map(String) }) }
}

/** The values among which one is chosen; undefined where it is not so. */
export function choicesOf(node: unknown): readonly (string | number)[] | undefined {
  const listed = at(node, 'enum')
  const any = at(node, 'anyOf')
  const values = Array.isArray(listed)
    ? listed
    : Array.isArray(any)
      ? any.map(one => at(one, 'const'))
      : undefined
  return values?.every(value => typeof value === 'string' || typeof value === 'number') ? values : undefined
}

function switchedOf(node: unknown): { of: unknown; plain: boolean } | undefined {
  const any = at(node, 'anyOf')
  if (!Array.isArray(any) || any.length !== 2) return undefined
  const of = any.find(one => at(one, 'type') === 'object')
  const other = any.find(one => at(one, 'type') === 'boolean')
  return of !== undefined && other !== undefined ? { of, plain: at(other, 'const') !== false } : undefined
}

function variantsOf(node: unknown) {
  const all = at(node, 'oneOf')
  if (!Array.isArray(all)) return undefined
  const [first] = all
  const key = Object.keys(record(at(first, 'properties'))).find(name =>
    all.every(one => typeof at(at(at(one, 'properties'), name), 'const') === 'string'),
  )
  if (key === undefined) return undefined
  return {
    key,
    variants: new Map(all.map(one => [String(at(at(at(one, 'properties'), key), 'const')), one])),
  }
}

/** Within a sentence: a German noun keeps its capital. */
export function inSentence(title: string): string {
  return language() === 'de' ? title : title.toLowerCase()
}

/** The keys of a group in the order of the schema, and whether each must be there. */
export function membersOf(node: unknown): readonly { name: string; node: unknown; required: boolean }[] {
  const required = at(node, 'required')
  return Object.entries(record(at(node, 'properties'))).map(([name, member]) => ({
    name,
    node: member,
    required: Array.isArray(required) && required.includes(name),
  }))
}

/** "Rated current"; where the schema has no label, the key itself, spaced. */
export function titleOf(name: string, node: unknown): string {
  return labelText(textAt(node, 'title') ?? spaced(name))
}

/** What the schema says of a key; empty where that is nothing. */
export function helpOf(node: unknown): string {
  return labelText(textAt(node, 'description') ?? '')
}

/** "Sunday": a value that can be chosen; as it stands where it says itself what it is. */
export function valueText(node: unknown, value: unknown): string {
  const words = at(node, 'valueWords') ?? at(at(node, 'items'), 'valueWords')
  const english = textAt(words, String(value))
  return english === undefined ? String(value) : labelText(english)
}

/** As their words are in order: Monday is first, whatever counts from Sunday. */
export function inOrder(node: unknown, values: readonly string[]): readonly string[] {
  const order = Object.keys(record(at(node, 'valueWords')))
  return values.toSorted((a, b) => order.indexOf(a) - order.indexOf(b))
}

/** A text of the schema in the language of the page. */
export function labelText(english: string): string {
  return LABELS(english) ?? english
}

function spaced(name: string): string {
  const words = name.replace(
    /([a-z])([A-Z])/g,
    (_all, end: string, start: string) => `${end} ${start.toLowerCase()}`,
  )
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** "6 to 80 A": what the schema allows. Empty where it says nothing. */
export function rangeOf(node: unknown): string {
  const [least, above, most, unit] = ['minimum', 'exclusiveMinimum', 'maximum', 'unit'].map(key =>
    at(node, key),
  )
  if (typeof most !== 'number') return ''
  const from = typeof least === 'number' ? least : `> ${typeof above === 'number' ? above : 0}`
  return config('range', { from, to: most }) + (typeof unit === 'string' ? ` ${labelText(unit)}` : '')
}

/** "circuits[0].id", as Busbar names places in its faults. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  )
}

/** Whether `place` is `path` or lies in it. */
export function isWithin(place: string, path: string): boolean {
  return place === path || place.startsWith(`${path}.`) || place.startsWith(`${path}[`)
}

export function valueAt(document: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) => (Object.hasOwn(Object(value), part) ? at(value, part) : undefined),
    document,
  )
}

/** The document with `value` there; undefined takes the key, or the member of a list, away. */
export function withValue(document: unknown, path: Path, value: unknown): unknown {
  const [part, ...rest] = path
  if (part === undefined) return value
  if (typeof part === 'number') {
    const list = Array.isArray(document) ? [...document] : []
    if (rest.length === 0 && value === undefined) list.splice(part, 1)
    else list[part] = withValue(list[part], rest, value)
    return list
  }
  const next = withValue(at(record(document), part), rest, value)
  const { [part]: _old, ...others } = record(document)
  if (next === undefined) return others
  // In its place, so that the difference stays small to read.
  return Object.hasOwn(record(document), part)
    ? Object.fromEntries(
        Object.entries(record(document)).map(([key, old]) => [key, key === part ? next : old]),
      )
    : { ...others, [part]: next }
}

/** Every reference to `before` in that list says `after`. */
export function renamed(
  document: unknown,
  schema: unknown,
  list: string,
  [before, after]: readonly [string, string],
): unknown {
  const walk = (value: unknown, node: unknown): unknown => {
    const field = fieldOf(node)
    switch (field.kind) {
      case 'reference':
        return field.to === list && value === before ? after : value
      case 'members':
        return Array.isArray(value) ? value.map(member => walk(member, field.of)) : value
      case 'group':
        return Object.fromEntries(
          Object.entries(record(value)).map(([key, inner]) => [
            key,
            walk(inner, at(at(node, 'properties'), key)),
          ]),
        )
      default:
        return value
    }
  }
  return walk(document, schema)
}

/** The ids of the members of a list; what has none is left out. */
export function idsOf(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return []
  return list.flatMap(member => textAt(member, 'id') ?? [])
}

/**
 * One more member: like the last one where there is one, with an id of its own. What has to be seen at each place is
 * not copied: on which phases it hangs.
 */
export function anotherMember(node: unknown, list: readonly unknown[]): unknown {
  const last = list.at(-1)
  const members = list.map(member => at(member, 'id'))
  const fresh = typeof last === 'object' && last !== null ? withoutRotation(last) : blank(node)
  const idNode = at(at(node, 'properties'), 'id')
  if (idNode === undefined) return fresh
  const isNumber = fieldOf(idNode).kind === 'number'
  const before = at(last, 'id')
  for (let n = 1; ; n++) {
    const id = isNumber ? n : nextId(typeof before === 'string' ? before : 'new', n)
    if (!members.includes(id)) return { ...record(fresh), id }
  }
}

function nextId(before: string, n: number): string {
  const [, stem = before, number = '0'] = /^(.*?)(\d*)$/.exec(before) ?? []
  const digits = number === '' ? '0' : number
  return `${stem}${String(Number(digits) + n).padStart(digits.length, '0')}`
}

function withoutRotation(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRotation)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'phaseRotation')
      .map(([key, inner]) => [key, withoutRotation(inner)]),
  )
}

/** Only what cannot be otherwise: every number is somebody's to write. */
export function blank(node: unknown): unknown {
  const entries = membersOf(node).flatMap(({ name, node: member, required }): [string, unknown][] => {
    const field = fieldOf(member)
    if (!required) return []
    if (field.kind === 'fixed') return [[name, at(member, 'const')]]
    if (field.kind === 'members')
      return [[name, at(member, 'minItems') === 1 ? [anotherMember(field.of, [])] : []]]
    if (field.kind === 'variants') return [[name, blank([...field.variants.values()][0])]]
    return []
  })
  return Object.fromEntries(entries)
}

/** What was typed where a number belongs: the number, or the text as it stands, for the check to name. */
export function numberFrom(text: string): number | string | undefined {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  return /^-?\d{1,15}([.,]\d{1,9})?$/.test(trimmed) ? Number(trimmed.replace(',', '.')) : trimmed
}

export function at(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

export function textAt(value: unknown, key: string): string | undefined {
  const found = at(value, key)
  return typeof found === 'string' ? found : undefined
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {}
}
