/**
 * The CALLs of ours that wait for their turn on one leg: urgent ones first, a newer one in the place of an older one
 * with the same key, bounded. Pure; must not know sockets or time.
 */
import type { CallOutcome } from '../../core/answer.js'
import type { OutgoingCall } from './leg.js'

export interface OpenCall {
  readonly call: OutgoingCall
  readonly done: (outcome: CallOutcome) => void
}

export interface OutgoingQueue {
  /**
   * Returns the CALL that will not be sent, if any: the older one with the same `coalesce` key; else, when the queue
   * is full, the newest normal one (that may be `open` itself), or `open` where all others are urgent.
   */
  add(open: OpenCall): OpenCall | undefined
  take(): OpenCall | undefined
  /** Empties the queue, in order. */
  drain(): readonly OpenCall[]
  size(): number
}

export function outgoingQueue(maxSize: number): OutgoingQueue {
  const first: OpenCall[] = []
  const normal: OpenCall[] = []

  function add(open: OpenCall): OpenCall | undefined {
    const lane = open.call.urgency === 'first' ? first : normal
    const same = findSame(open.call.coalesce)
    if (same !== undefined) {
      const [older] = same.lane.splice(same.at, 1)
      // in its own lane the newer one inherits the turn, so that frequent news cannot starve itself
      lane.splice(same.lane === lane ? same.at : lane.length, 0, open)
      return older
    }
    lane.push(open)
    if (first.length + normal.length <= maxSize) return undefined
    return normal.pop() ?? first.pop()
  }

  function findSame(key: string | undefined): { lane: OpenCall[]; at: number } | undefined {
    if (key === undefined) return undefined
    for (const lane of [first, normal]) {
      const at = lane.findIndex(waiting => waiting.call.coalesce === key)
      if (at >= 0) return { lane, at }
    }
    return undefined
  }

  return {
    add,
    take: () => first.shift() ?? normal.shift(),
    drain: () => [...first.splice(0), ...normal.splice(0)],
    size: () => first.length + normal.length,
  }
}
