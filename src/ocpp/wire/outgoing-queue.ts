/**
 * The CALLs of ours that wait for their turn on one leg: urgent ones first, a newer one in the place of an older one
 * with the same key, bounded. Pure; must not know sockets or time.
 */
import type { CallOutcome } from '../../core/answer.js'
import type { OutgoingCall, Urgency } from './leg.js'

export interface OpenCall {
  readonly call: OutgoingCall
  readonly done: (outcome: CallOutcome) => void
}

export interface OutgoingQueue {
  /**
   * Returns the CALL that will not be sent, if any: the older one with the same `coalesce` key; else, when the queue
   * is full, the newest of the least urgent (that may be `open` itself).
   */
  add(open: OpenCall): OpenCall | undefined
  take(): OpenCall | undefined
  /** Only what is urgent enough to go out beside another CALL. */
  takeUrgent(): OpenCall | undefined
  hasUrgent(): boolean
  /** Empties the queue, in order. */
  drain(): readonly OpenCall[]
  size(): number
}

export function outgoingQueue(maxSize: number): OutgoingQueue {
  const lanes: Readonly<Record<Urgency, OpenCall[]>> = { urgent: [], first: [], normal: [] }
  const inOrder = [lanes.urgent, lanes.first, lanes.normal]

  function add(open: OpenCall): OpenCall | undefined {
    const lane = lanes[open.call.urgency ?? 'normal']
    const same = findSame(open.call.coalesce)
    if (same !== undefined) {
      const [older] = same.lane.splice(same.at, 1)
      // in its own lane the newer one inherits the turn, so that frequent news cannot starve itself
      lane.splice(same.lane === lane ? same.at : lane.length, 0, open)
      return older
    }
    lane.push(open)
    return size() <= maxSize ? undefined : inOrder.findLast(({ length }) => length > 0)?.pop()
  }

  function findSame(key: string | undefined): { lane: OpenCall[]; at: number } | undefined {
    if (key === undefined) return undefined
    for (const lane of inOrder) {
      const at = lane.findIndex(waiting => waiting.call.coalesce === key)
      if (at >= 0) return { lane, at }
    }
    return undefined
  }

  function size(): number {
    return lanes.urgent.length + lanes.first.length + lanes.normal.length
  }

  return {
    add,
    take: () => inOrder.find(({ length }) => length > 0)?.shift(),
    takeUrgent: () => lanes.urgent.shift(),
    hasUrgent: () => lanes.urgent.length > 0,
    drain: () => inOrder.flatMap(lane => lane.splice(0)),
    size,
  }
}
