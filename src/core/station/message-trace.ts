/**
 * Frames of one station as a person may read them: what each is, and its payload without secrets; tags are masked unless
 * somebody who may see them asks. The form is open: one JSON object a line, as JSONL. Pure.
 */
import { isFields } from '../fields.js'

/** One frame as it passed. */
export interface TracedFrame {
  readonly atWallMs: number
  /** `in`: from the station. */
  readonly direction: 'in' | 'out'
  /** As it was, or its beginning where it is long. */
  readonly text: string
  readonly chars: number
}

export interface TracedMessage {
  /** ISO 8601. */
  readonly at: string
  readonly direction: 'in' | 'out'
  readonly kind: 'CALL' | 'CALLRESULT' | 'CALLERROR' | 'unreadable'
  readonly messageId?: string
  /** Of an answer that of its question; absent where that has passed out of sight. */
  readonly action?: string
  readonly payload?: unknown
  readonly chars: number
}

/** The longest that is kept whole. */
export const MAX_TRACED_CHARS = 4_096

const TAGS = ['idtag', 'parentidtag']
/** Values that open doors. */
const SECRET_KEYS = /password|secret|authorizationkey|token|pin$/i
/** Credentials may stand in them. */
const PLACES = ['location', 'remotelocation']
const HIDDEN = '•••'

/** Oldest first, as they came. */
export function tracedMessages(
  frames: readonly TracedFrame[],
  options: { readonly showsTags: boolean },
): readonly TracedMessage[] {
  const actions = new Map<string, string>()
  return frames.map(({ atWallMs, chars, direction, text }): TracedMessage => {
    const base = { at: new Date(atWallMs).toISOString(), direction, chars }
    const frame = frameOf(text)
    if (frame === undefined) return { ...base, kind: 'unreadable' }
    const [type, messageId, ...rest] = frame
    if (typeof messageId !== 'string') return { ...base, kind: 'unreadable' }
    const askedBy = `${direction === 'in' ? 'out' : 'in'} ${messageId}`
    if (type === 2 && typeof rest[0] === 'string') {
      const [action, payload] = rest
      actions.set(`${direction} ${messageId}`, action)
      return { ...base, kind: 'CALL', messageId, action, payload: masked(payload, options.showsTags) }
    }
    const action = actions.get(askedBy)
    const known = { ...base, messageId, ...(action !== undefined && { action }) }
    if (type === 3) return { ...known, kind: 'CALLRESULT', payload: masked(rest[0], options.showsTags) }
    if (type === 4) return { ...known, kind: 'CALLERROR', payload: masked(rest, options.showsTags) }
    return { ...base, kind: 'unreadable' }
  })
}

function frameOf(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Deeper than any message of OCPP 1.6. */
const MAX_DEPTH = 12

function masked(value: unknown, showsTags: boolean, depth = 0): unknown {
  if (depth > MAX_DEPTH) return HIDDEN
  if (Array.isArray(value)) return value.map(one => masked(one, showsTags, depth + 1))
  if (!isFields(value)) return value
  // A ChangeConfiguration, or a row of GetConfiguration, of a key that is a secret.
  const isSecret = typeof value.key === 'string' && SECRET_KEYS.test(value.key)
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]): [string, unknown] => {
      const name = key.toLowerCase()
      if (SECRET_KEYS.test(key) || (isSecret && name === 'value')) return [key, HIDDEN]
      // What a vendor says in its own form may hold anything.
      if (name === 'data' && typeof inner === 'string' && !showsTags)
        return [key, `${inner.length} characters`]
      if (TAGS.includes(name) && typeof inner === 'string')
        return [key, showsTags ? inner : `…${inner.slice(-Math.min(4, Math.floor(inner.length / 2)))}`]
      if (PLACES.includes(name) && typeof inner === 'string') return [key, placeOf(inner)]
      return [key, masked(inner, showsTags, depth + 1)]
    }),
  )
}

/** Where a sample was taken (OCPP 1.6 §7.33), which is no address. */
const OF_SAMPLES = ['Body', 'Cable', 'EV', 'Inlet', 'Outlet']

/** Scheme and host alone. */
function placeOf(text: string): string {
  if (OF_SAMPLES.includes(text)) return text
  const found = /^([a-z]+:\/\/)(?:[^@/]*@)?([^/?#]*)/i.exec(text)
  return found === null ? HIDDEN : `${found[1]}${found[2]}/…`
}
