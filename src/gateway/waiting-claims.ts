/**
 * What was said of sessions that have not begun: of a vehicle, until its tag begins one, or of a place, until anybody does there.
 * On the disk until then, or until whoever it was for would have left. Must not know orders.
 */
import { placeKey, type SessionClaim, tagKey, type WaitingRecord } from '../core/control/claim.js'
import type { Log } from '../ports.js'
import type { ControlStore } from '../store/control-store.js'

/** As many as a large fleet has vehicles. */
export const MAX_WAITING = 1_000

interface Begun {
  readonly stationId: string
  readonly connectorId: number
  readonly idTag: string
  readonly startedWallMs: number
}

export interface WaitingDeps {
  readonly log: Log
  readonly store: Pick<ControlStore, 'waitingClaims' | 'keepWaiting' | 'forgetWaiting'>
}

export class WaitingClaims {
  readonly #deps: WaitingDeps
  readonly #waiting: Map<string, WaitingRecord>

  private constructor(deps: WaitingDeps, kept: readonly WaitingRecord[]) {
    this.#deps = deps
    this.#waiting = new Map(kept.slice(0, MAX_WAITING).map(record => [record.key, record]))
  }

  static async open(deps: WaitingDeps): Promise<WaitingClaims> {
    return new WaitingClaims(deps, await deps.store.waitingClaims())
  }

  /** False when too many wait. Rejects when the disk does not take it: then nothing has changed. */
  async keep(record: WaitingRecord, nowWallMs: number): Promise<boolean> {
    for (const [key, { untilWallMs }] of this.#waiting) if (untilWallMs <= nowWallMs) this.forget(key)
    if (!this.#waiting.has(record.key) && this.#waiting.size >= MAX_WAITING) return false
    await this.#deps.store.keepWaiting(record)
    this.#waiting.set(record.key, record)
    return true
  }

  /** False where nothing was said. */
  forget(key: string): boolean {
    const was = this.#waiting.delete(key)
    // Left behind it ends by its time.
    if (was)
      this.#deps.store
        .forgetWaiting(key)
        .catch((fault: unknown) =>
          this.#deps.log.write('warn', 'waiting claim not forgotten', { fault: String(fault) }),
        )
    return was
  }

  /** For the session that has begun, of its vehicle before its place; then nobody waits for it any more. */
  take({ stationId, connectorId, idTag, startedWallMs }: Begun): SessionClaim | undefined {
    const keys = [...(idTag === '' ? [] : [tagKey(idTag)]), placeKey(stationId, connectorId)]
    for (const key of keys) {
      const record = this.#waiting.get(key)
      if (record === undefined || record.untilWallMs <= startedWallMs) continue
      this.forget(key)
      return record.claim
    }
    return undefined
  }
}
