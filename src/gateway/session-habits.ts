/**
 * Keeps what sessions show of when cars leave and what they take (core/control/habits.ts): one entry for each tag and each
 * configured connector, bounded, on disk after each session. Tags stay on this disk and are named in no log.
 */
import { placeKey, tagKey } from '../core/control/claim.js'
import { type Expected, expected, type Habit, visitOf, withVisit } from '../core/control/habits.js'
import { type ControlState, connectorOf } from '../core/control/state.js'
import type { StationEvent } from '../core/events.js'
import { localMoment } from '../core/site/local-time.js'
import type { Log } from '../ports.js'
import type { ControlStore } from '../store/control-store.js'

/** As many as a large fleet has tags; the one not seen for longest goes first. */
export const MAX_HABITS = 5_000

interface Session {
  readonly stationId: string
  readonly connectorId: number
  readonly idTag: string
  readonly startedWallMs: number
}

export interface HabitDeps {
  readonly log: Log
  readonly store: ControlStore
  readonly timeZone: string
}

export class SessionHabits {
  readonly #deps: HabitDeps
  /** Least recently seen first. */
  readonly #habits: Map<string, Habit>

  private constructor(deps: HabitDeps, habits: ReadonlyMap<string, Habit>) {
    this.#deps = deps
    this.#habits = new Map(habits)
  }

  static async open(deps: HabitDeps): Promise<SessionHabits> {
    return new SessionHabits(deps, await deps.store.habits())
  }

  /** Whoever holds the tag, else whoever charges there. */
  expect(session: Session): Expected | undefined {
    const came = localMoment(session.startedWallMs, this.#deps.timeZone)
    for (const key of keysOf(session)) {
      const found = expected(this.#habits.get(key) ?? [], came)
      if (found !== undefined) return found
    }
    return undefined
  }

  /** It has ended. */
  learn(session: Session, endedWallMs: number, energyWh: number | undefined): void {
    // what nobody can tell is no habit
    if (energyWh === undefined) return
    const { timeZone } = this.#deps
    const stayMs = endedWallMs - session.startedWallMs
    const came = localMoment(session.startedWallMs, timeZone)
    const visit = visitOf(came, localMoment(endedWallMs, timeZone), { stayMs, energyWh })
    if (visit === undefined) return
    for (const key of keysOf(session)) {
      const habit = withVisit(this.#habits.get(key) ?? [], visit)
      this.#habits.delete(key)
      this.#habits.set(key, habit)
      this.#done(this.#deps.store.keepHabit(key, habit))
    }
    for (const [oldest] of this.#habits) {
      if (this.#habits.size <= MAX_HABITS) break
      this.#habits.delete(oldest)
      this.#done(this.#deps.store.forgetHabit(oldest))
    }
  }

  /** A habit that is not written is learned again. */
  #done(write: Promise<void>): void {
    write.catch((fault: unknown) =>
      this.#deps.log.write('warn', 'habit not written', { fault: String(fault) }),
    )
  }
}

/** What the session of a connector that an event speaks of has been given so far; undefined where its register was in doubt. */
export function energyOf(state: ControlState, event: StationEvent): number | undefined {
  if (event.kind !== 'transaction-stopped') return undefined
  const energy = connectorOf(state, event.stationId, event.connectorId)?.transaction?.energy
  return energy?.doubt === undefined ? energy?.leastWh : undefined
}

function keysOf({ stationId, connectorId, idTag }: Session): readonly string[] {
  const place = placeKey(stationId, connectorId)
  return idTag === '' ? [place] : [tagKey(idTag), place]
}
