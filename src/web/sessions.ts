/**
 * Who is logged in on the page. Sessions live in memory only: a restart logs everyone out. Must not know HTTP.
 * A session remembers the password hash it was opened with, so a changed password ends every session of that user.
 */
import type { Clock, Secrets } from '../ports.js'

/** Unused this long, a session ends. */
export const SESSION_IDLE_MS = 12 * 3_600_000
/** Used or not, it ends after a week. */
export const SESSION_LIFE_MS = 7 * 24 * 3_600_000
/** More people never look at one cabinet; the least recently used session makes room. */
export const MAX_SESSIONS = 64

export interface Session {
  readonly id: string
  readonly name: string
  readonly passwordHash: string
  readonly openedMonoMs: number
  readonly usedMonoMs: number
}

export interface Sessions {
  open(name: string, passwordHash: string): Session
  /** The session, counted as used; undefined when there is none or it has ended. */
  use(id: string): Session | undefined
  end(id: string): void
  /** Everybody has to log in again. */
  endAll(): void
}

export function createSessions(clock: Clock, secrets: Secrets): Sessions {
  // Insertion order is order of use: `use` takes an entry out and puts it back last.
  const sessions = new Map<string, Session>()
  const ended = (session: Session): boolean =>
    clock.monoMs() - session.usedMonoMs > SESSION_IDLE_MS ||
    clock.monoMs() - session.openedMonoMs > SESSION_LIFE_MS
  return {
    open(name, passwordHash) {
      for (const session of sessions.values()) if (ended(session)) sessions.delete(session.id)
      const oldest = sessions.keys().next()
      if (sessions.size >= MAX_SESSIONS && !oldest.done) sessions.delete(oldest.value)
      const nowMs = clock.monoMs()
      const session = { id: secrets.token(32), name, passwordHash, openedMonoMs: nowMs, usedMonoMs: nowMs }
      sessions.set(session.id, session)
      return session
    },
    use(id) {
      const found = sessions.get(id)
      if (found === undefined) return undefined
      sessions.delete(id)
      if (ended(found)) return undefined
      const used = { ...found, usedMonoMs: clock.monoMs() }
      sessions.set(id, used)
      return used
    },
    end: id => {
      sessions.delete(id)
    },
    endAll: () => sessions.clear(),
  }
}
