/**
 * A simulated station's network door with a hand on it: answers late, swallows CALLs, or accepts profiles without obeying.
 * Counts the profile writes that came. Must not know Busbar's own OCPP code.
 */
import type { Clock, Network, Socket } from '../../ports.js'

export class Door {
  /** Added before a frame reaches the station. */
  lateMs = 0
  /** CALLs of this action are never seen by the station, so never answered. */
  swallows: string | undefined
  /** SetChargingProfile is answered Accepted and thrown away. */
  ignoresProfiles = false
  profileWrites = 0
  /** A profile reaches the station. */
  onWrite: (() => void) | undefined
  #freeAtMs = 0

  constructor(
    private readonly inner: Network,
    private readonly clock: Clock,
  ) {}

  readonly network: Network = {
    listen: (options, onUpgrade) => this.inner.listen(options, onUpgrade),
    dial: (target, handlers, done) => {
      let socket: Socket | undefined
      const dialing = this.inner.dial(
        target,
        {
          text: text => this.#take(text, socket, late => handlers.text(late)),
          binary: () => handlers.binary(),
          ping: () => handlers.ping(),
          pong: () => handlers.pong(),
          closed: (code, reason) => handlers.closed(code, reason),
        },
        outcome => {
          if (outcome.kind === 'open') socket = outcome.socket
          done(outcome)
        },
      )
      return dialing
    },
  }

  #take(text: string, socket: Socket | undefined, deliver: (text: string) => void): void {
    const isCall = text.startsWith('[2')
    const isWrite = isCall && text.includes('"SetChargingProfile"')
    if (isWrite) {
      this.profileWrites += 1
      this.onWrite?.()
    }
    if (isCall && this.swallows !== undefined && text.includes(`"${this.swallows}"`)) return
    const nowMs = this.clock.monoMs()
    this.#freeAtMs = Math.max(this.#freeAtMs, nowMs + this.lateMs)
    const act = (): void => {
      if (isWrite && this.ignoresProfiles) socket?.sendText(`[3,"${idOf(text)}",{"status":"Accepted"}]`)
      else deliver(text)
    }
    if (this.#freeAtMs <= nowMs) act()
    else this.clock.after(this.#freeAtMs - nowMs, act)
  }
}

function idOf(text: string): string {
  return /^\[2,\s*"([^"]*)"/.exec(text)?.[1] ?? ''
}
