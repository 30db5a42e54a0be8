/**
 * Whether the peer of one socket still lives: a ping every 10 s, dead after 20 s without any frame. Every frame counts,
 * because some stations never answer pings (proxy rule 5); so does every part of one, and what was sent is given the time
 * it takes on the slowest line before an answer behind it is missed. Must not know OCPP.
 */
import type { Clock, Socket, Timer } from '../../ports.js'

export const PING_EVERY_MS = 10_000
export const DEAD_AFTER_MS = 20_000
/** A look that comes so much too late: this machine was held, and what the peer has sent may lie unread. */
const HELD_MS = 1_000
/** Then to be read, or answered to one more ping; once in a silence. */
const AFTER_HOLD_MS = 5_000
/** The laboratory's slow line brings 5 kB/s. */
const SLOWEST_BYTES_PER_MS = 4
/** So much leaves the line within the time anyway. */
const FREE_BYTES = 20_000
/** For the largest frame; nobody is waited for longer. */
const MOST_GRACE_MS = 270_000

export interface KeepAlive {
  /** Call it for every frame that came: text, binary, ping, pong. */
  seen(): void
  stop(): void
}

type Watched = Pick<Socket, 'ping' | 'sentBytes' | 'receivedBytes'>

/** Pings `socket` until stopped; `dead` is called at most once, and is expected to drop the socket. */
export function keepAlive(clock: Clock, socket: Watched, dead: () => void): KeepAlive {
  let lastSeenMs = clock.monoMs()
  let lastPingMs = lastSeenMs
  let receivedBytes = socket.receivedBytes()
  let sentBytesThen = socket.sentBytes()
  let dueMs = lastSeenMs + PING_EVERY_MS
  let isExcused = false
  let timer: Timer | undefined = clock.after(PING_EVERY_MS, turn)

  function seen(): void {
    isExcused = false
    lastSeenMs = clock.monoMs()
    receivedBytes = socket.receivedBytes()
    sentBytesThen = socket.sentBytes()
  }

  function deadMs(): number {
    const waitingBytes = socket.sentBytes() - sentBytesThen - FREE_BYTES
    const graceMs = Math.floor(Math.max(0, waitingBytes) / SLOWEST_BYTES_PER_MS)
    return lastSeenMs + DEAD_AFTER_MS + Math.min(MOST_GRACE_MS, graceMs)
  }

  function turn(): void {
    const nowMs = clock.monoMs()
    if (socket.receivedBytes() > receivedBytes) seen()
    const isLate = nowMs >= deadMs()
    if (isLate && (isExcused || nowMs - dueMs < HELD_MS)) {
      timer = undefined
      dead()
      return
    }
    isExcused = isLate
    if (isLate || nowMs - lastPingMs >= PING_EVERY_MS) {
      lastPingMs = nowMs
      socket.ping()
    }
    dueMs = isLate ? nowMs + AFTER_HOLD_MS : Math.min(lastPingMs + PING_EVERY_MS, deadMs())
    timer = clock.after(Math.max(1, dueMs - nowMs), turn)
  }

  return {
    seen,
    stop: () => {
      timer?.cancel()
      timer = undefined
    },
  }
}
