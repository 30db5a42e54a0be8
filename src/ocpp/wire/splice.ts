/**
 * Changes one value inside a JSON text and leaves every other byte as it came (proxy rule 1). A parse and a new
 * stringify would turn 1.10 into 1.1 and 2^53+1 into 2^53. The text is known to be valid JSON: the frame was parsed.
 */

export interface Span {
  readonly start: number
  readonly end: number
}

export interface Member {
  /** The key's text with quotes, then the value. */
  readonly key: Span
  readonly value: Span
}

/** Where the value at `path` lies, numbers being places in lists; with a doubled key the last one, as JSON.parse reads it. */
export function locate(text: string, path: readonly (string | number)[]): Span | undefined {
  const whole = skipSpace(text, 0)
  let found: Span | undefined = { start: whole, end: skipValue(text, whole) }
  for (const step of path) {
    const { start }: Span = found
    found =
      typeof step === 'number'
        ? elementsOf(text, start)[step]
        : membersOf(text, start).findLast(member => keyOf(text, member) === step)?.value
    if (found === undefined) return undefined
  }
  return found
}

function replaceSpan(text: string, span: Span, valueText: string): string {
  return text.slice(0, span.start) + valueText + text.slice(span.end)
}

/** `text` with the value at `path` replaced by `valueText`; unchanged when there is none. */
export function replaceAt(text: string, path: readonly (string | number)[], valueText: string): string {
  const span = locate(text, path)
  return span === undefined ? text : replaceSpan(text, span, valueText)
}

/** Sets a member of the outermost object: replaced where it stands, else put first. */
export function setKey(text: string, key: string, valueText: string): string {
  if (locate(text, [key]) !== undefined) return replaceAt(text, [key], valueText)
  const open = text.indexOf('{')
  if (open < 0) return text
  const empty = text.charCodeAt(skipSpace(text, open + 1)) === CLOSE_BRACE
  return `${text.slice(0, open + 1)}${JSON.stringify(key)}:${valueText}${empty ? '' : ','}${text.slice(open + 1)}`
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

/** Of the object that begins at `start`; none where it is no object. */
export function membersOf(text: string, start: number): Member[] {
  const members: Member[] = []
  if (text.charCodeAt(start) !== OPEN_BRACE) return members
  let at = skipSpace(text, start + 1)
  while (at < text.length && text.charCodeAt(at) === QUOTE) {
    const keyEnd = skipString(text, at)
    const colon = skipSpace(text, keyEnd)
    if (text.charCodeAt(colon) !== COLON) return members
    const valueStart = skipSpace(text, colon + 1)
    const valueEnd = skipValue(text, valueStart)
    members.push({ key: { start: at, end: keyEnd }, value: { start: valueStart, end: valueEnd } })
    at = skipSpace(text, valueEnd)
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1)
  }
  return members
}

/** Of the list that begins at `start`; none where it is no list. */
export function elementsOf(text: string, start: number): Span[] {
  const elements: Span[] = []
  if (text.charCodeAt(start) !== OPEN_BRACKET) return elements
  let at = skipSpace(text, start + 1)
  while (at < text.length && text.charCodeAt(at) !== CLOSE_BRACKET) {
    const end = skipValue(text, at)
    elements.push({ start: at, end })
    at = skipSpace(text, end)
    if (text.charCodeAt(at) === COMMA) at = skipSpace(text, at + 1)
  }
  return elements
}

/** As JSON.parse reads it. */
export function keyOf(text: string, member: Member): string {
  const raw = text.slice(member.key.start + 1, member.key.end - 1)
  if (!raw.includes('\\')) return raw
  const unescaped: unknown = JSON.parse(`"${raw}"`)
  return String(unescaped)
}

/** Where the white space that begins at `from` ends. */
export function skipSpace(text: string, from: number): number {
  let at = from
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) break
  }
  return at
}

function skipString(text: string, quote: number): number {
  let end = text.indexOf('"', quote + 1)
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end < 0 ? text.length : end + 1
}

/** An odd number of backslashes stands before it. */
function isEscaped(text: string, quote: number): boolean {
  let at = quote
  while (text.charCodeAt(at - 1) === BACKSLASH) at--
  return (quote - at) % 2 === 1
}

/** Where the value that begins at `start` ends. */
export function skipValue(text: string, start: number): number {
  const first = text.charCodeAt(start)
  if (first === QUOTE) return skipString(text, start)
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return skipScalar(text, start)
  let depth = 0
  let at = start
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = skipString(text, at)
      continue
    }
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth++
    if (code === CLOSE_BRACE || code === CLOSE_BRACKET) depth--
    at++
    if (depth === 0) return at
  }
  return at
}

function skipScalar(text: string, start: number): number {
  let at = start
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET) break
    if (code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09) break
  }
  return at
}
