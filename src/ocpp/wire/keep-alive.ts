/**
 * Whether the peer of one socket still lives: a ping every 10 s, dead after 20 s without any frame. Every frame
 * counts, because some stations never answer pings (proxy rule 5). Must not know OCPP.
 */
import type { Clock, Socket, Timer } from '../../ports.js'

export const PING_EVERY_MS = 10_000
export const DEAD_AFTER_MS = 20_000

export interface KeepAlive {
  /** Call it for every frame that came: text, binary, ping, pong. */
  seen(): void
  stop(): void
}

/** Pings `socket` until stopped; `dead` is called at most once, and is expected to drop the socket. */
export function keepAlive(clock: Clock, socket: Pick<Socket, 'ping'>, dead: () => void): KeepAlive {
  let lastSeenMs = clock.monoMs()
  let lastPingMs = lastSeenMs
  let timer: Timer | undefined = clock.after(PING_EVERY_MS, turn)

  function turn(): void {
    const nowMs = clock.monoMs()
    if (nowMs - lastSeenMs >= DEAD_AFTER_MS) {
      timer = undefined
      dead()
      return
    }
    if (nowMs - lastPingMs >= PING_EVERY_MS) {
      lastPingMs = nowMs
      socket.ping()
    }
    const nextMs = Math.min(lastPingMs + PING_EVERY_MS, lastSeenMs + DEAD_AFTER_MS)
    timer = clock.after(Math.max(1, nextMs - nowMs), turn)
  }

  return {
    seen: () => {
      lastSeenMs = clock.monoMs()
    },
    stop: () => {
      timer?.cancel()
      timer = undefined
    },
  }
}
