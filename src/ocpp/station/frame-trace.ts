/** The last frames between each station and Busbar, in memory and bounded: for whoever looks what was said. Changes nothing. */
import { MAX_TRACED_CHARS, type TracedFrame } from '../../core/station/message-trace.js'
import type { Clock, Socket, SocketHandlers } from '../../ports.js'
import type { AcceptedStation } from './station-server.js'

/** Over all stations, characters. */
const SITE_CHARS = 8 * 1024 * 1024
/** Of one, however few there are. */
const MOST_CHARS = 512 * 1024
const MOST_FRAMES = 1_000

interface Ring {
  readonly frames: TracedFrame[]
  chars: number
}

export class FrameTrace {
  readonly #clock: Clock
  readonly #rings = new Map<string, Ring>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Oldest first; undefined for a station that was never here. */
  of(stationId: string): readonly TracedFrame[] | undefined {
    return this.#rings.get(stationId)?.frames
  }

  /** Only these are configured. */
  keepOnly(stationIds: ReadonlySet<string>): void {
    for (const id of this.#rings.keys()) if (!stationIds.has(id)) this.#rings.delete(id)
  }

  /** The same connection, seen from the side. */
  watching(station: AcceptedStation): AcceptedStation {
    const saw = (direction: TracedFrame['direction'], text: string): void =>
      this.#note(station.stationId, direction, text)
    return {
      ...station,
      socket: watchedSocket(station.socket, text => saw('out', text)),
      proven: () => station.proven(),
      attach: handlers => station.attach(watchedHandlers(handlers, text => saw('in', text))),
    }
  }

  #note(stationId: string, direction: TracedFrame['direction'], whole: string): void {
    const ring = this.#rings.get(stationId) ?? { frames: [], chars: 0 }
    this.#rings.set(stationId, ring)
    const text = whole.length > MAX_TRACED_CHARS ? whole.slice(0, MAX_TRACED_CHARS) : whole
    ring.frames.push({ atWallMs: this.#clock.wallMs(), direction, text, chars: whole.length })
    ring.chars += text.length
    const mostChars = Math.min(MOST_CHARS, SITE_CHARS / this.#rings.size)
    while (ring.frames.length > MOST_FRAMES || (ring.chars > mostChars && ring.frames.length > 1))
      ring.chars -= ring.frames.shift()?.text.length ?? 0
  }
}

function watchedSocket(socket: Socket, saw: (text: string) => void): Socket {
  return {
    sendText: text => {
      saw(text)
      socket.sendText(text)
    },
    ping: () => socket.ping(),
    close: (code, reason) => socket.close(code, reason),
    terminate: () => socket.terminate(),
    bufferedBytes: () => socket.bufferedBytes(),
    sentBytes: () => socket.sentBytes(),
    receivedBytes: () => socket.receivedBytes(),
  }
}

function watchedHandlers(handlers: SocketHandlers, saw: (text: string) => void): SocketHandlers {
  return {
    text: text => {
      saw(text)
      handlers.text(text)
    },
    binary: () => handlers.binary(),
    ping: () => handlers.ping(),
    pong: () => handlers.pong(),
    closed: (code, reason) => handlers.closed(code, reason),
  }
}
