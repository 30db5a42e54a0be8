/**
 * OCPP-J 1.6 frames (§4.2): text to frame and back. A payload is handed on as the exact slice of the source text, so
 * that what Busbar does not own passes byte for byte. The text is parsed once (a relay must not pass on what is no
 * JSON); the payload's boundaries come from the short head before it. Never throws.
 * Must not know sockets, nor what an action means.
 */
import type { ErrorCode } from '../../core/answer.js'

/** Levels of a whole frame. OCPP 1.6 nests six deep (SetChargingProfile); vendors get ten more. */
export const MAX_DEPTH = 16
/** OCPP-J says 36; longer ids are echoed up to this, so that a careless station still gets its answer. */
export const MAX_MESSAGE_ID_CHARS = 255
/** Far above the longest action; keeps error texts and logs small. */
export const MAX_ACTION_CHARS = 255
/** Errata 4.2.3: errorDescription is at most 255 characters. */
const MAX_DESCRIPTION_CHARS = 255

/**
 * `messageId` is the JSON token of the id as it came, quotes and escapes included (`"19223201"`, or `7` from stations
 * that send a number): whoever answers puts the same token back. `payload` is the parsed `payloadText`.
 */
export type Frame =
  | CallFrame
  | ResultFrame
  | ErrorFrame
  /** With a `messageId` it was a CALL that can be answered with `code`; without one it is dropped. */
  | {
      readonly kind: 'unreadable'
      readonly reason: string
      readonly messageId?: string
      readonly code: ErrorCode
    }
  /** A message type that 1.6 does not know (§4.1.3): no answer. */
  | { readonly kind: 'ignored'; readonly reason: string }

export interface CallFrame {
  readonly kind: 'call'
  readonly messageId: string
  readonly action: string
  readonly payloadText: string
  readonly payload: unknown
}

export interface ResultFrame {
  readonly kind: 'result'
  readonly messageId: string
  readonly payloadText: string
}

export interface ErrorFrame {
  readonly kind: 'error'
  readonly messageId: string
  /** As the peer spelt it. */
  readonly code: string
  readonly description: string
  /** A JSON object; "{}" when the peer sent none. */
  readonly detailsText: string
}

/** Reads one text message. A missing or null payload reads as "{}" (§4.2.1). */
export function parseFrame(text: string): Frame {
  if (isTooDeep(text)) return unreadable(`deeper than ${MAX_DEPTH} levels`, idOfBrokenCall(text))
  return readPlain(text) ?? readAny(text)
}

/** The head of a CALL or CALLRESULT as nearly all peers write it, up to the brace of its payload. */
const PLAIN_HEAD = /^\[(?:2, ?("[ !#-[\]-~]{1,36}"), ?"([A-Za-z]{1,40})"|3, ?("[ !#-[\]-~]{1,36}")), ?\{/

/** The quick way: what stands between a plain head and the last bracket is the payload if it is JSON by itself. */
function readPlain(text: string): Frame | undefined {
  const head = PLAIN_HEAD.exec(text)
  if (head === null || !text.endsWith('}]')) return undefined
  const payloadText = text.slice(head[0].length - 1, -1)
  const payload = parseJson(payloadText)
  if (payload === undefined) return undefined
  const [, callId, action, resultId] = head
  if (callId !== undefined && action !== undefined)
    return { kind: 'call', messageId: callId, action, payloadText, payload }
  return resultId === undefined ? undefined : { kind: 'result', messageId: resultId, payloadText }
}

/** Whatever else may be a frame: spaces anywhere, escapes, numbers as ids, errors, and what is none. */
function readAny(text: string): Frame {
  const parsed = parseJson(text)
  if (parsed === undefined) return unreadable('not JSON', idOfBrokenCall(text))
  if (!Array.isArray(parsed)) return unreadable('not an array')
  const elements: readonly unknown[] = parsed
  const type = elements[0]
  if (typeof type !== 'number') return unreadable('no message type')
  if (type !== 2 && type !== 3 && type !== 4) return { kind: 'ignored', reason: `message type ${type}` }
  if (!isUsableId(elements[1])) return unreadable('no usable message id')
  const typeAt = nextElement(text, text.indexOf('[') + 1)
  const idAt = nextElement(text, typeAt + scalarAt(text, typeAt).length)
  const messageId = scalarAt(text, idAt)
  if (messageId.length > MAX_MESSAGE_ID_CHARS + 2) return unreadable('message id too long')
  const rest = idAt + messageId.length
  if (type === 2) return readCall(text, elements, messageId, rest)
  if (type === 3) return readResult(text, elements, messageId, rest)
  return readError(text, elements, messageId, rest)
}

/** `messageId` is a JSON token (see Frame); `payloadText` goes out unchanged. */
export function encodeCall(messageId: string, action: string, payloadText: string): string {
  return `[2,${messageId},${JSON.stringify(action)},${payloadText}]`
}

export function encodeResult(messageId: string, payloadText: string): string {
  return `[3,${messageId},${payloadText}]`
}

export function encodeError(
  messageId: string,
  code: ErrorCode,
  description: string,
  detailsText: string,
): string {
  const short = JSON.stringify(description.slice(0, MAX_DESCRIPTION_CHARS))
  return `[4,${messageId},"${code}",${short},${detailsText}]`
}

function readCall(text: string, elements: readonly unknown[], messageId: string, rest: number): Frame {
  const action = elements[2]
  if (typeof action !== 'string') return unreadable('no action', messageId)
  if (action.length > MAX_ACTION_CHARS) return unreadable('action too long', messageId)
  if (elements.length > 4) return unreadable('more than four elements', messageId)
  const payload = elements[3] ?? {}
  if (!isObject(payload)) return unreadable('payload is no object', messageId)
  const actionAt = nextElement(text, rest)
  const payloadText = sliceToEnd(text, actionAt + scalarAt(text, actionAt).length, elements[3])
  return { kind: 'call', messageId, action, payloadText, payload }
}

function readResult(text: string, elements: readonly unknown[], messageId: string, rest: number): Frame {
  if (elements.length > 3) return unreadable('more than three elements')
  const payload = elements[2] ?? {}
  if (!isObject(payload)) return unreadable('payload is no object')
  return { kind: 'result', messageId, payloadText: sliceToEnd(text, rest, elements[2]) }
}

function readError(text: string, elements: readonly unknown[], messageId: string, rest: number): Frame {
  const [, , code, description, details] = elements
  const frame = {
    kind: 'error',
    messageId,
    code: typeof code === 'string' ? code : '',
    description: typeof description === 'string' ? description : '',
  } as const
  const readable = typeof code === 'string' && typeof description === 'string' && isObject(details)
  if (!readable || elements.length > 5) return { ...frame, detailsText: '{}' }
  const codeAt = nextElement(text, rest)
  const descriptionAt = nextElement(text, codeAt + scalarAt(text, codeAt).length)
  const detailsFrom = descriptionAt + scalarAt(text, descriptionAt).length
  return { ...frame, detailsText: sliceToEnd(text, detailsFrom, details) }
}

function unreadable(reason: string, messageId?: string): Frame {
  const fault = { kind: 'unreadable', reason, code: 'FormationViolation' } as const
  return messageId === undefined ? fault : { ...fault, messageId }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // no JSON value parses to undefined
  }
}

/** The id token of a CALL whose JSON is broken further on. */
function idOfBrokenCall(text: string): string | undefined {
  const token = BROKEN_CALL.exec(text)?.[1]
  if (token === undefined || !isUsableId(parseJson(token))) return undefined
  return token
}
const BROKEN_CALL = /^\s*\[\s*2\s*,\s*("(?:[^"\\]|\\.){0,255}"|-?\d{1,20})\s*,/

function isUsableId(id: unknown): boolean {
  return typeof id === 'string' || typeof id === 'number'
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Counted before parsing: a megabyte of "[" would keep JSON.parse busy for longer than I7 allows. */
function isTooDeep(text: string): boolean {
  return hasOpenings(text, MAX_DEPTH + 1) && isDeeper(text)
}

/** Whether `most` lists and objects begin in the text; most frames have fewer, and the search for a letter is quick. */
function hasOpenings(text: string, most: number): boolean {
  let left = most
  for (const bracket of '[{') {
    for (let at = text.indexOf(bracket); at >= 0; at = text.indexOf(bracket, at + 1)) {
      left -= 1
      if (left === 0) return true
    }
  }
  return false
}

function isDeeper(text: string): boolean {
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (inString) {
      if (code === 0x5c) at += 1
      else if (code === 0x22) inString = false
    } else if (code === 0x22) inString = true
    else if (code === 0x5b || code === 0x7b) {
      depth += 1
      if (depth > MAX_DEPTH) return true
    } else if (code === 0x5d || code === 0x7d) depth -= 1
  }
  return false
}

// The scan below runs only on text that JSON.parse took, over elements known to be scalars.

/** Where the next element begins: past white space and the comma before it. */
function nextElement(text: string, from: number): number {
  let at = from
  while (isGap(text.charCodeAt(at))) at += 1
  return at
}

function isGap(code: number): boolean {
  return code === 0x20 || code === 0x2c || code === 0x0a || code === 0x0d || code === 0x09
}

/** The string or number that begins at `from`. */
function scalarAt(text: string, from: number): string {
  let at = from + 1
  if (text.charCodeAt(from) === 0x22) {
    while (text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1
    return text.slice(from, at + 1)
  }
  while (!isGap(text.charCodeAt(at)) && text.charCodeAt(at) !== 0x5d) at += 1
  return text.slice(from, at)
}

/** The last element, from behind the one before it up to the closing bracket; "{}" where it is null or missing. */
function sliceToEnd(text: string, from: number, element: unknown): string {
  if (element === undefined || element === null) return '{}'
  let end = text.length - 1
  while (text.charCodeAt(end) !== 0x5d) end -= 1
  while (isGap(text.charCodeAt(end - 1))) end -= 1
  return text.slice(nextElement(text, from), end)
}
