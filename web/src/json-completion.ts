/**
 * What may stand at a place of a JSON document that is being written: keys that are missing there, values that can be chosen,
 * from the schema alone. The text before the place may be broken anywhere else: it is read only as far as it goes. Pure.
 */
import { choicesOf, fieldOf, membersOf, titleOf, valueText } from './forms/document.js'

export interface Completion {
  /** In place of the text from `from` to `to`. */
  readonly insert: string
  readonly from: number
  readonly to: number
  /** The key or value, and what it means. */
  readonly name: string
  readonly about: string
}

const MOST = 40

type Step = string | number
interface Open {
  readonly kind: 'object' | 'array'
  /** Keys so far, and the one whose value is being written. */
  readonly keys: string[]
  key: string | undefined
  index: number
  isValue: boolean
}

interface Place {
  readonly path: readonly Step[]
  readonly isKey: boolean
  readonly present: readonly string[]
  /** Where the word that is being written begins, and what of it is there, without its quote. */
  readonly from: number
  readonly typed: string
}

/** Undefined where nothing may be written: behind a whole value, outside of the document. */
export function placeAt(text: string, offset: number): Place | undefined {
  const open: Open[] = []
  let at = 0
  let from = offset
  let typed = ''
  let isWhole = false
  while (at < offset) {
    const sign = text[at] ?? ''
    const top = open.at(-1)
    if (sign === '"') {
      const end = endOfString(text, at, offset)
      if (end === undefined) {
        from = at
        typed = text.slice(at + 1, offset)
        break
      }
      if (top?.kind === 'object' && !top.isValue) top.key = text.slice(at + 1, end)
      isWhole = true
      at = end + 1
      continue
    }
    if (sign === '{' || sign === '[') {
      open.push({
        kind: sign === '{' ? 'object' : 'array',
        keys: [],
        key: undefined,
        index: 0,
        isValue: false,
      })
      isWhole = false
    } else if (sign === '}' || sign === ']') {
      open.pop()
      isWhole = true
    } else if (sign === ':' && top?.kind === 'object') {
      top.isValue = true
      if (top.key !== undefined) top.keys.push(top.key)
      isWhole = false
    } else if (sign === ',' && top !== undefined) {
      Object.assign(top, { key: undefined, isValue: false, index: top.index + 1 })
      isWhole = false
    } else if (/[\w.+-]/.test(sign)) {
      const end = at + (/^[\w.+-]+/.exec(text.slice(at, offset))?.[0].length ?? 1)
      if (end === offset) {
        from = at
        typed = text.slice(at, offset)
        break
      }
      isWhole = true
      at = end
      continue
    }
    at++
  }
  const top = open.at(-1)
  if (top === undefined || (isWhole && from === offset)) return undefined
  const path = open.flatMap((one): Step[] => {
    if (one.kind === 'array') return [one.index]
    return one.isValue && one.key !== undefined ? [one.key] : []
  })
  const isKey = top.kind === 'object' && !top.isValue
  const present = isKey ? [...top.keys, ...keysBehind(text, text[from] === '"' ? from : offset)] : []
  return { path, isKey, present, from, typed }
}

/** Keys of the same object that follow; what begins at `start` is the one that is being written. */
function keysBehind(text: string, start: number): readonly string[] {
  const keys: string[] = []
  let depth = 0
  let at = start
  while (at < text.length && depth >= 0) {
    const sign = text[at] ?? ''
    if (sign === '"') {
      const end = endOfString(text, at, text.length)
      if (end === undefined) return keys
      const isKey = depth === 0 && /^\s*:/.test(text.slice(end + 1, end + 1 + KEY_TO_COLON))
      if (isKey && at !== start) keys.push(text.slice(at + 1, end))
      at = end
    } else if (sign === '{' || sign === '[') depth++
    else if (sign === '}' || sign === ']') depth--
    at++
  }
  return keys
}

/** Nobody writes more between a key and its colon. */
const KEY_TO_COLON = 40

function endOfString(text: string, start: number, before: number): number | undefined {
  for (let at = start + 1; at < before; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '"') return at
    else if (text[at] === '\n') return undefined
  }
  return undefined
}

/** Every node of the schema that may describe the value at a path: variants are all of them. */
function nodesAt(schema: unknown, path: readonly Step[]): readonly unknown[] {
  return path.reduce<readonly unknown[]>(
    (nodes, step) =>
      nodes
        .flatMap(whole => kindsOf(whole))
        .flatMap(node => {
          const next =
            typeof step === 'number'
              ? field(node, 'items')
              : membersOf(node).find(({ name }) => name === step)?.node
          return next === undefined ? [] : [next]
        }),
    [schema],
  )
}

function kindsOf(node: unknown): readonly unknown[] {
  const kinds = [field(node, 'oneOf'), field(node, 'anyOf')].flatMap(found =>
    Array.isArray(found) ? found : [],
  )
  return [node, ...kinds]
}

const field = (node: unknown, key: string): unknown =>
  typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined

/** `known`: ids of the document and of Busbar's catalogue, by list. */
export function completionsAt(
  schema: unknown,
  text: string,
  offset: number,
  known: (list: string) => readonly string[],
): readonly Completion[] {
  const place = placeAt(text, offset)
  // Right before a word that is there already: what was put in would stand beside it.
  if (place === undefined || (place.from === offset && text[offset] === '"')) return []
  const nodes = nodesAt(schema, place.path).flatMap(node => kindsOf(node))
  const { from } = place
  const to = text[offset] === '"' && text[from] === '"' ? offset + 1 : offset
  const found = new Map<string, Completion>()
  const offer = (name: string, insert: string, about: string): void => {
    if (name.toLowerCase().startsWith(place.typed.toLowerCase()) && !found.has(name))
      found.set(name, { name, insert, about, from, to })
  }
  for (const node of nodes) {
    if (place.isKey) {
      const colon = /^\s*:/.test(text.slice(to)) ? '' : ': '
      for (const { name, node: member } of membersOf(node))
        if (!place.present.includes(name)) offer(name, `"${name}"${colon}`, titleOf(name, member))
      continue
    }
    for (const value of valuesOf(node, known))
      offer(String(value), JSON.stringify(value), valueText(node, value))
  }
  return [...found.values()].slice(0, MOST)
}

function valuesOf(node: unknown, known: (list: string) => readonly string[]): readonly unknown[] {
  const kind = fieldOf(node)
  if (kind.kind === 'fixed') return [field(node, 'const')]
  if (kind.kind === 'reference') return known(kind.to)
  if (kind.kind === 'yes-no') return [true, false]
  return choicesOf(node) ?? []
}
