/**
 * One direction of a simulated connection: frames keep their order, need the line's time to leave and its latency to
 * arrive. It may go dead (half-open): frames vanish and nobody is told.
 */
import type { SimPeer } from './peer.js'
import type { SimRandom } from './sim-random.js'

export interface LinkQuality {
  /** One way, dialer to listener. */
  readonly toListenerMs: number
  readonly toDialerMs: number
  /** Added on each frame, uniform in 0..jitterMs; order is kept. */
  readonly jitterMs: number
  /** Undefined = no limit. */
  readonly bytesPerSecond: number | undefined
}

/** What a kernel takes from a process on a connection that acknowledges nothing, before bytes stay in the process. */
const KERNEL_BUFFER_BYTES = 256 * 1024

export class Pipe {
  readonly #sender: SimPeer
  readonly #random: SimRandom
  readonly #jitterMs: number
  readonly #bytesPerMs: number | undefined
  readonly latencyMs: number
  #freeAtMs = 0
  #lastArrivalMs = 0
  #unacknowledgedBytes = 0
  #takenBytes = 0
  #endsMs: number | undefined
  /** Frames vanish from now on, those under way too. */
  dead = false

  constructor(sender: SimPeer, random: SimRandom, latencyMs: number, quality: LinkQuality) {
    this.#sender = sender
    this.#random = random
    this.latencyMs = latencyMs
    this.#jitterMs = quality.jitterMs
    this.#bytesPerMs = quality.bytesPerSecond === undefined ? undefined : quality.bytesPerSecond / 1000
  }

  send(bytes: number, deliver: () => void): void {
    if (this.#endsMs !== undefined) return
    if (this.dead) {
      this.#unacknowledgedBytes += bytes
      return
    }
    this.#takenBytes += bytes
    const nowMs = this.#sender.time.nowMs
    const leavesMs =
      this.#bytesPerMs === undefined ? nowMs : Math.max(nowMs, this.#freeAtMs) + bytes / this.#bytesPerMs
    this.#freeAtMs = leavesMs
    const jitterMs = this.#jitterMs > 0 ? this.#random.next() * this.#jitterMs : 0
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, leavesMs + this.latencyMs + jitterMs)
    this.#sender.time.after(this.#lastArrivalMs - nowMs, () => {
      if (this.dead || (this.#endsMs !== undefined && leavesMs > this.#endsMs)) return
      deliver()
    })
  }

  /** The sender is gone: what has not left yet never will. */
  end(): void {
    this.#endsMs ??= this.#sender.time.nowMs
  }

  /** Bytes on their way or there, as the far end's kernel would count them without the latency. */
  passedBytes(): number {
    return this.#takenBytes - (this.dead ? 0 : this.bufferedBytes())
  }

  bufferedBytes(): number {
    const waitingMs = Math.max(0, this.#freeAtMs - this.#sender.time.nowMs)
    const onLine = this.#bytesPerMs === undefined ? 0 : Math.ceil(waitingMs * this.#bytesPerMs)
    return onLine + Math.max(0, this.#unacknowledgedBytes - KERNEL_BUFFER_BYTES)
  }
}
