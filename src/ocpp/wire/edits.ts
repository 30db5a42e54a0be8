/**
 * Many changes to one JSON text in one pass, whatever their number: the price is that of reading the text once. Every
 * byte that no edit names stays as it came (proxy rule 1). The text is known to be valid JSON: the frame was parsed.
 */
import { textAt } from '../../core/fields.js'
import {
  elementsOf,
  keyOf,
  locate,
  membersOf,
  replaceAt,
  type Span,
  setKey,
  skipSpace,
  skipValue,
} from './splice.js'

export type Edit =
  | { readonly kind: 'replace'; readonly valueText: string }
  /** The value becomes the only element of a list. */
  | { readonly kind: 'into-list' }
  /** Every member of this name goes; of members with one name only the last is otherwise edited, as JSON.parse reads it. */
  | { readonly kind: 'drop' }

export interface PlacedEdit {
  /** Member names and list positions from the outermost value inwards. */
  readonly path: readonly (string | number)[]
  readonly edit: Edit
}

/** `text` without any member `key` of the outermost object. */
export function cutKey(text: string, key: string): string {
  return applyEdits(text, [{ path: [key], edit: { kind: 'drop' } }])
}

/** A GetConfiguration.conf in which the `value` of each named key is another; everything else stays as it came. */
export function replaceKeyValues(text: string, values: ReadonlyMap<string, string>): string {
  const list = values.size === 0 ? undefined : locate(text, ['configurationKey'])
  if (list === undefined) return text
  const pieces: string[] = []
  let from = 0
  for (const element of elementsOf(text, list.start)) {
    const entry = text.slice(element.start, element.end)
    const parsed: unknown = JSON.parse(entry)
    const value = values.get(textAt(parsed, 'key') ?? '')
    if (value === undefined) continue
    pieces.push(text.slice(from, element.start), replaceAt(entry, ['value'], JSON.stringify(value)))
    from = element.end
  }
  return pieces.join('') + text.slice(from)
}

/** A GetConfiguration.conf with these keys in the place of what stands there of them; everything else stays as it came. */
export function withVirtualKeys(
  text: string,
  keys: readonly { readonly key: string }[],
  isWanted: (key: string) => boolean,
): string {
  const ours = new Set(keys.map(({ key }) => key.toLowerCase()))
  const told = keys.filter(({ key }) => isWanted(key)).map(entry => JSON.stringify(entry))
  const isOurs = (key: unknown): boolean => typeof key === 'string' && ours.has(key.toLowerCase())
  const others = entriesAt(text, 'configurationKey').filter(
    entry => !isOurs(textAt(JSON.parse(entry), 'key')),
  )
  const unknown = entriesAt(text, 'unknownKey').filter(entry => !isOurs(JSON.parse(entry)))
  const known = setKey(text, 'configurationKey', `[${[...others, ...told].join(',')}]`)
  return replaceAt(known, ['unknownKey'], `[${unknown.join(',')}]`)
}

function entriesAt(text: string, key: string): readonly string[] {
  const list = locate(text, [key])
  return list === undefined
    ? []
    : elementsOf(text, list.start).map(({ end, start }) => text.slice(start, end))
}

interface Node {
  edit?: Edit
  readonly below: Map<string | number, Node>
}

/** A place that is not there is left out. */
export function applyEdits(text: string, edits: readonly PlacedEdit[]): string {
  if (edits.length === 0) return text
  const root: Node = { below: new Map() }
  for (const { path, edit } of edits) {
    let node = root
    for (const step of path) {
      const next = node.below.get(step) ?? { below: new Map() }
      node.below.set(step, next)
      node = next
    }
    node.edit = edit
  }
  const start = skipSpace(text, 0)
  const end = skipValue(text, start)
  return text.slice(0, start) + rewritten(text, { start, end }, root) + text.slice(end)
}

function rewritten(text: string, span: Span, node: Node): string {
  if (node.edit?.kind === 'replace') return node.edit.valueText
  const inner = node.below.size === 0 ? text.slice(span.start, span.end) : inside(text, span, node)
  return node.edit?.kind === 'into-list' ? `[${inner}]` : inner
}

function inside(text: string, span: Span, node: Node): string {
  return text[span.start] === '{' ? insideObject(text, span, node) : insideList(text, span, node)
}

function insideList(text: string, span: Span, node: Node): string {
  const pieces: string[] = []
  let from = span.start
  for (const [at, element] of elementsOf(text, span.start).entries()) {
    const child = node.below.get(at)
    if (child === undefined) continue
    pieces.push(text.slice(from, element.start), rewritten(text, element, child))
    from = element.end
  }
  pieces.push(text.slice(from, span.end))
  return pieces.join('')
}

function insideObject(text: string, span: Span, node: Node): string {
  const members = membersOf(text, span.start)
  const lasts = new Map(members.map((member, at) => [keyOf(text, member), at]))
  const first = members[0]
  const last = members.at(-1)
  if (first === undefined || last === undefined) return text.slice(span.start, span.end)
  const pieces = [text.slice(span.start, first.key.start)]
  let separator = ''
  for (const [at, member] of members.entries()) {
    const key = keyOf(text, member)
    const child = node.below.get(key)
    if (child?.edit?.kind === 'drop') continue
    const isEdited = child !== undefined && lasts.get(key) === at
    pieces.push(separator, text.slice(member.key.start, member.value.start))
    pieces.push(
      isEdited ? rewritten(text, member.value, child) : text.slice(member.value.start, member.value.end),
    )
    separator = text.slice(member.value.end, members[at + 1]?.key.start ?? member.value.end)
  }
  pieces.push(text.slice(last.value.end, span.end))
  return pieces.join('')
}
