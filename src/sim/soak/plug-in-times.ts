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
const WHERE = ['free', 'shared'] as const
type Where = (typeof WHERE)[number]

/** ms each; on a shared circuit no goal is set, as its share is a matter of others too. */
export type PlugInTimes = Readonly<Record<Kind, Readonly<Record<Where, readonly number[]>>>>

interface Waiting {
  readonly transactionId: number
  readonly kind: Kind
  readonly sinceMs: number
  where: Where
  isDone: boolean
}

export class PlugIns {
  readonly tookMs: Record<Kind, Record<Where, number[]>> = {
    known: { free: [], shared: [] },
    new: { free: [], shared: [] },
  }
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
    const waiting = this.#waiting.get(key) ?? { transactionId: -1, isDone: true }
    if (waiting.transactionId !== transaction.id) {
      this.#waiting.set(key, {
        transactionId: transaction.id,
        kind: this.#charged.has(key) ? 'known' : 'new',
        sinceMs: transaction.startedMonoMs,
        where: 'free',
        isDone: false,
      })
      return
    }
    if ('where' in waiting && !waiting.isDone) this.#wait(waiting, connector, { nowMs, calm: at.calm })
  }

  #wait(
    waiting: Waiting,
    connector: ConnectorControl,
    at: { readonly nowMs: number; readonly calm: boolean },
  ): void {
    const { bound, allocationA, offerA } = connector
    if (bound.kind === 'circuit' || bound.kind === 'waiting') waiting.where = 'shared'
    const isSettled = bound.kind === 'max' || bound.kind === 'circuit'
    const hasShare = isSettled && isVerified(connector) && allocationA <= offerA + ALMOST_A
    const tookMs = at.nowMs - waiting.sinceMs
    if (at.calm && !hasShare && tookMs < LONGEST_MS) return
    waiting.isDone = true
    if (!at.calm) return
    this.#charged.add(connector.key)
    this.tookMs[waiting.kind][waiting.where].push(tookMs)
  }
}

/** A line for each kind and place. */
export function plugInLines(results: readonly { readonly plugInMs: PlugInTimes }[]): readonly string[] {
  return (['known', 'new'] as const).flatMap(kind => WHERE.map(where => lineOf(results, kind, where)))
}

function lineOf(results: readonly { readonly plugInMs: PlugInTimes }[], kind: Kind, where: Where): string {
  const sorted = results.flatMap(({ plugInMs }) => plugInMs[kind][where]).toSorted((a, b) => a - b)
  const late = sorted.filter(ms => ms > GOAL_S[kind] * 1_000).length
  const goal = where === 'free' ? ` (goal ${GOAL_S[kind]} s, ${late} later)` : ''
  const name = `start of a session to its share, ${kind} station, ${where} circuit`
  if (sorted.length === 0) return `${name}: none seen${goal}`
  const at = (share: number): string =>
    `${((sorted[Math.ceil(share * sorted.length) - 1] ?? 0) / 1000).toFixed(0)} s`
  return `${name}: ${sorted.length}, p50 ${at(0.5)}, p95 ${at(0.95)}, longest ${at(1)}${goal}`
}
