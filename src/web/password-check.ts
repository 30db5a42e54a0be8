/**
 * Is this the user's password? scrypt is slow on purpose, so wrong tries are counted per remote and name, few checks
 * run at once, and a good HTTP Basic header is remembered for a minute. An unknown name costs the same time as a
 * wrong password. Must not know HTTP.
 */
import type { Clock, Ports } from '../ports.js'
import type { UserStore } from './site-reader.js'

/** Wrong tries per minute: of one remote for one name, and of one remote in all. */
export const MAX_WRONG_PER_NAME = 5
export const MAX_WRONG_PER_REMOTE = 20
const WINDOW_MS = 60_000
/** Remotes and names counted at once; beyond it the oldest count is forgotten. */
const MAX_COUNTS = 4096
/** Each scrypt takes a core for a while; control needs the rest. */
const MAX_AT_ONCE = 1
/** Tries that wait for their turn: people at forms, who do not notice half a second. */
export const MAX_WAITING = 8
/** Remotes from which somebody came in lately: they wait in a row of their own, which no flood of strangers fills. */
const MAX_KNOWN_REMOTES = 64
const REMEMBER_MS = 60_000
const MAX_REMEMBERED = 32

export type PasswordCheck =
  | { readonly kind: 'right'; readonly name: string; readonly passwordHash: string }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'throttled'; readonly retryAfterS: number }

export interface PasswordChecker {
  check(remote: string, name: string, password: string): Promise<PasswordCheck>
  /** The same, but a password that was right within the last minute is compared, not hashed. */
  checkOften(remote: string, name: string, password: string): Promise<PasswordCheck>
}

export function createPasswordChecker(
  { clock, secrets, log }: Pick<Ports, 'clock' | 'secrets' | 'log'>,
  users: UserStore,
): PasswordChecker {
  const wrong = createCounter(clock)
  const remembered = new Map<string, { password: Uint8Array; passwordHash: string; untilMonoMs: number }>()
  /** Checks under way: a program that asks for several things at once costs one hash. */
  const running = new Map<string, Promise<PasswordCheck>>()
  const knownRemotes = new Set<string>()
  const known: (() => void)[] = []
  const strangers: (() => void)[] = []
  let atOnce = 0
  let dummyHash: Promise<string> | undefined

  const remember = (remote: string): void => {
    knownRemotes.delete(remote)
    knownRemotes.add(remote)
    const oldest = knownRemotes.keys().next()
    if (knownRemotes.size > MAX_KNOWN_REMOTES && !oldest.done) knownRemotes.delete(oldest.value)
  }

  const check: PasswordChecker['check'] = async (remote, name, password) => {
    const perName = JSON.stringify([remote, name])
    const perRemote = JSON.stringify([remote])
    const waitMs = Math.max(
      wrong.waitMs(perName, MAX_WRONG_PER_NAME),
      wrong.waitMs(perRemote, MAX_WRONG_PER_REMOTE),
    )
    if (waitMs > 0) return { kind: 'throttled', retryAfterS: Math.ceil(waitMs / 1000) }
    const waiting = knownRemotes.has(remote) ? known : strangers
    if (atOnce >= MAX_AT_ONCE && waiting.length >= MAX_WAITING) return { kind: 'throttled', retryAfterS: 1 }
    // Counted before it is known to be wrong: tries sent side by side count too.
    const giveBackName = wrong.count(perName)
    const giveBackRemote = wrong.count(perRemote)
    if (atOnce >= MAX_AT_ONCE) await new Promise<void>(turn => waiting.push(turn))
    else atOnce += 1
    try {
      const user = await users.find(name)
      dummyHash ??= secrets.hash(secrets.token(16))
      const right = await secrets.verify(password, user?.passwordHash ?? (await dummyHash))
      if (!right || user === undefined) {
        // Without the name: people type passwords there.
        log.write('warn', 'password-wrong', { remote })
        return { kind: 'wrong' }
      }
      giveBackName()
      giveBackRemote()
      remember(remote)
      return { kind: 'right', name: user.name, passwordHash: user.passwordHash }
    } finally {
      // the next one takes over the place
      const next = known.shift() ?? strangers.shift()
      if (next === undefined) atOnce -= 1
      else next()
    }
  }

  return {
    check,
    async checkOften(remote, name, password) {
      const bytes = new TextEncoder().encode(password)
      const known = remembered.get(name)
      if (known !== undefined && known.untilMonoMs > clock.monoMs() && secrets.equal(known.password, bytes)) {
        const user = await users.find(name)
        if (user !== undefined && user.passwordHash === known.passwordHash) return { kind: 'right', ...user }
      }
      const key = JSON.stringify([remote, name, password])
      const underWay = running.get(key) ?? check(remote, name, password).finally(() => running.delete(key))
      running.set(key, underWay)
      const outcome = await underWay
      if (outcome.kind !== 'right') return outcome
      const oldest = remembered.keys().next()
      if (remembered.size >= MAX_REMEMBERED && !oldest.done) remembered.delete(oldest.value)
      remembered.set(name, {
        password: bytes,
        passwordHash: outcome.passwordHash,
        untilMonoMs: clock.monoMs() + REMEMBER_MS,
      })
      return outcome
    },
  }
}

interface Counter {
  /** How long until one more is allowed; 0 = now. */
  waitMs(key: string, most: number): number
  /** Counts one; the answer takes it back. */
  count(key: string): () => void
}

function createCounter(clock: Clock): Counter {
  const times = new Map<string, readonly number[]>()
  const recent = (key: string): readonly number[] =>
    (times.get(key) ?? []).filter(atMs => clock.monoMs() - atMs < WINDOW_MS)
  return {
    waitMs(key, most) {
      const seen = recent(key)
      const blocking = seen[seen.length - most]
      return blocking === undefined ? 0 : blocking + WINDOW_MS - clock.monoMs()
    },
    count(key) {
      const atMs = clock.monoMs()
      const seen = [...recent(key), atMs]
      times.delete(key)
      const oldest = times.keys().next()
      if (times.size >= MAX_COUNTS && !oldest.done) times.delete(oldest.value)
      times.set(key, seen)
      return () => {
        const now = [...(times.get(key) ?? [])]
        const index = now.indexOf(atMs)
        if (index >= 0) now.splice(index, 1)
        if (now.length > 0) times.set(key, now)
        else times.delete(key)
      }
    },
  }
}
