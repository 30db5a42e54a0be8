/** Sockets that write down what happens to them, for tests on the simulated network. */
import type { DialOutcome, DialTarget, Ports, Socket, SocketHandlers } from '../../src/ports.js'

export interface Seen extends SocketHandlers {
  readonly events: string[]
}

/** Handlers that keep each event as a short text. */
export function seen(onText: (text: string) => void = () => {}): Seen {
  const events: string[] = []
  return {
    events,
    text: text => {
      events.push(`text ${text}`)
      onText(text)
    },
    binary: () => events.push('binary'),
    ping: () => events.push('ping'),
    pong: () => events.push('pong'),
    closed: (code, reason) => events.push(`closed ${code} ${reason}`.trim()),
  }
}

export const target = (url: string, more: Partial<DialTarget> = {}): DialTarget => ({
  url,
  protocols: ['ocpp1.6'],
  headers: {},
  timeoutMs: 5000,
  maxFrameBytes: 65_536,
  ...more,
})

export interface Accepted {
  readonly socket: Socket
  readonly seen: Seen
  readonly rawPath: string
  readonly headers: Readonly<Record<string, string>>
}

/** A server on port 9000 of the peer that accepts everything and keeps the sockets. */
export async function acceptAll(ports: Ports, maxFrameBytes = 65_536): Promise<Accepted[]> {
  const accepted: Accepted[] = []
  await ports.network.listen({ host: '0.0.0.0', port: 9000, maxFrameBytes }, request => {
    const handlers = seen()
    const socket = request.accept('ocpp1.6', handlers)
    if (socket !== undefined)
      accepted.push({ socket, seen: handlers, rawPath: request.rawPath, headers: request.headers })
  })
  return accepted
}

/** Dials and keeps the outcome; `socket` throws when it is not open. */
export function dial(ports: Ports, to: DialTarget, handlers: SocketHandlers = seen()) {
  const outcomes: DialOutcome[] = []
  const dialing = ports.network.dial(to, handlers, outcome => outcomes.push(outcome))
  return {
    outcomes,
    dialing,
    get socket(): Socket {
      const [outcome] = outcomes
      if (outcome?.kind !== 'open') throw new Error(`not open: ${JSON.stringify(outcome)}`)
      return outcome.socket
    },
  }
}
