/**
 * How long a car waits from the start of its session until its connector is verified and it has its share, on a circuit that has
 * room for all (issue targets: 45 s on a station that has charged there since it connected, 90 s on a new one). Pure: looks
 * come with their time.
 */
import { type ConnectorControl, isVerified } from '../../core/control/connector.js'

/** It was given less than so much below its share. */
const ALMOST_A = 1
const GOAL_S = { known: 45, new: 90 } as const
/** Longer is no plug-in any more, and is counted as that. */
const LONGEST_MS = 600_000

type Kind = keyof typeof GOAL_S

export interface PlugInTimes {
  readonly known: readonly number[]
  readonly new: readonly number[]
}

interface Waiting {
  readonly transactionId: number
  readonly kind: Kind
  readonly sinceMs: number
  isDone: boolean
}

export class PlugIns {
  /** ms each. */
  readonly tookMs = { known: [] as number[], new: [] as number[] } satisfies PlugInTimes
  readonly #waiting = new Map<string, Waiting>()
  /** Connectors that have charged since their station connected. */
  readonly #charged = new Set<string>()

  /** `calm`: no fault is about. */
  look(
    nowMs: number,
    connector: ConnectorControl,
    at: { readonly isConnected: boolean; readonly calm: boolean },
  ): void {
    const { key, transaction } = connector
    if (!at.isConnected) this.#charged.delete(key)
    if (transaction === undefined || transaction.adopted) {
      this.#waiting.delete(key)
      return
    }
    const before = this.#waiting.get(key)
    if (before?.transactionId !== transaction.id) {
      const kind = this.#charged.has(key) ? 'known' : 'new'
      this.#waiting.set(key, {
        transactionId: transaction.id,
        kind,
        sinceMs: transaction.startedMonoMs,
        isDone: !at.calm,
      })
      return
    }
    if (before.isDone) return
    const { bound, allocationA, offerA } = connector
    // Where others share the circuit with it, its share is a matter of them too.
    const isShared = bound.kind === 'circuit' || bound.kind === 'waiting'
    if (!at.calm || isShared) before.isDone = true
    else {
      const hasShare = bound.kind === 'max' && isVerified(connector) && allocationA <= offerA + ALMOST_A
      if (!hasShare && nowMs - before.sinceMs < LONGEST_MS) return
      before.isDone = true
      this.#charged.add(key)
      this.tookMs[before.kind].push(nowMs - before.sinceMs)
    }
  }
}

/** A line for each kind. */
export function plugInLines(results: readonly { readonly plugInMs: PlugInTimes }[]): readonly string[] {
  const kinds = ['known', 'new'] as const
  return kinds.map(kind => {
    const sorted = results.flatMap(({ plugInMs }) => plugInMs[kind]).toSorted((a, b) => a - b)
    const name = `start to share on a free circuit, ${kind} station`
    if (sorted.length === 0) return `${name}: none seen (goal ${GOAL_S[kind]} s)`
    const at = (share: number): string =>
      `${((sorted[Math.ceil(share * sorted.length) - 1] ?? 0) / 1000).toFixed(0)} s`
    const late = sorted.filter(ms => ms > GOAL_S[kind] * 1_000).length
    return `${name}: ${sorted.length} cars, p50 ${at(0.5)}, p95 ${at(0.95)}, longest ${at(1)} (goal ${GOAL_S[kind]} s, ${late} later)`
  })
}
