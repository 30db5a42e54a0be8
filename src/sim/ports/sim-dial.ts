/**
 * The opening of one simulated WebSocket: connect, upgrade request, answer, sub-protocol check, time limit.
 * RFC 6455 §4; the sub-protocol rules are those of the ws client.
 */
import type { DialOutcome, DialTarget, SocketHandlers, Timer, UpgradeRequest } from '../../ports.js'
import type { SimPeer } from './peer.js'
import type { Link } from './sim-link.js'

/** About what the two halves of an upgrade weigh. */
const UPGRADE_BYTES = 300

/** Where upgrade requests go in; `open` is false once the listener was stopped. */
export interface UpgradeDoor {
  open(): boolean
  onUpgrade(request: UpgradeRequest): void
}

export class DialAttempt {
  readonly #peer: SimPeer
  readonly #target: DialTarget
  readonly #handlers: SocketHandlers
  readonly #done: (outcome: DialOutcome) => void
  readonly #timer: Timer
  #settled = false
  #link: Link | undefined

  constructor(
    peer: SimPeer,
    target: DialTarget,
    handlers: SocketHandlers,
    done: (outcome: DialOutcome) => void,
  ) {
    this.#peer = peer
    this.#target = target
    this.#handlers = handlers
    this.#done = done
    this.#timer = peer.clock.after(target.timeoutMs, () => {
      this.#giveUp()
      this.#tell({ kind: 'failed', reason: 'timeout', detail: `no answer within ${target.timeoutMs} ms` })
    })
  }

  /** Ends the attempt after `delayMs`: nothing was there to talk to. */
  fail(delayMs: number, reason: 'dns' | 'tcp' | 'handshake', detail: string): void {
    this.#peer.clock.after(delayMs, () => {
      if (this.#settle()) this.#tell({ kind: 'failed', reason, detail })
    })
  }

  abort(): void {
    if (this.#settled) return
    this.#peer.note('net.abort')
    this.#giveUp()
  }

  /** Sends the upgrade request after the connection's round trips; the door gets it at the listener. */
  request(link: Link, connectMs: number, door: UpgradeDoor): void {
    this.#link = link
    link.dialerEnd.onLost = () => {
      if (this.#settle()) this.#tell({ kind: 'failed', reason: 'tcp', detail: 'ECONNRESET' })
    }
    this.#peer.clock.after(connectMs, () => {
      if (this.#settled) return
      link.toListener.send(UPGRADE_BYTES, () => {
        const listener = link.listenerEnd.peer
        if (listener.state === 'dark' || link.listenerEnd.state !== 'opening') return
        if (!listener.on || !door.open()) {
          listener.time.after(link.toDialer.latencyMs, () => link.dialerEnd.gotEnd())
          return
        }
        listener.note(`net.upgrade ${link.rawPath} from ${this.#peer.address}`)
        door.onUpgrade(this.#upgradeRequest(link))
      })
    })
  }

  #upgradeRequest(link: Link): UpgradeRequest {
    let answered = false
    return {
      rawPath: link.rawPath,
      headers: upgradeHeaders(this.#target),
      repeatedHeaders: new Set(),
      remote: this.#peer.address,
      accept: (protocol, handlers) => {
        const end = link.listenerEnd
        if (answered || end.state !== 'opening' || !end.peer.on) return undefined
        answered = true
        end.peer.note(`net.accept ${protocol ?? '-'}`)
        end.open(handlers)
        link.toDialer.send(UPGRADE_BYTES, () => this.#upgraded(link, protocol))
        return end
      },
      reject: status => {
        if (answered || link.listenerEnd.state !== 'opening' || !link.listenerEnd.peer.on) return
        answered = true
        link.listenerEnd.peer.note(`net.reject ${status}`)
        link.toDialer.send(UPGRADE_BYTES, () => {
          if (!this.#settle()) return
          link.dialerEnd.abandon()
          this.#tell({ kind: 'refused', status })
        })
      },
    }
  }

  #upgraded(link: Link, protocol: string | undefined): void {
    if (!this.#settle()) return
    const fault = protocolFault(this.#target.protocols, protocol)
    if (fault !== undefined) {
      link.dialerEnd.abandon()
      this.#tell({ kind: 'failed', reason: 'handshake', detail: fault })
      return
    }
    link.dialerEnd.open(this.#handlers)
    this.#tell({ kind: 'open', socket: link.dialerEnd, protocol: protocol ?? '' })
  }

  #giveUp(): void {
    this.#settle()
    this.#link?.dialerEnd.abandon()
  }

  #settle(): boolean {
    if (this.#settled || !this.#peer.on) return false
    this.#settled = true
    this.#timer.cancel()
    return true
  }

  #tell(outcome: DialOutcome): void {
    const details =
      outcome.kind === 'failed' ? outcome.reason : outcome.kind === 'refused' ? outcome.status : ''
    this.#peer.note(`net.dialed ${this.#target.url} ${outcome.kind} ${details}`)
    this.#done(outcome)
  }
}

function protocolFault(offered: readonly string[], echoed: string | undefined): string | undefined {
  if (echoed === undefined) return offered.length === 0 ? undefined : 'Server sent no subprotocol'
  if (offered.length === 0) return 'Server sent a subprotocol but none was requested'
  return offered.includes(echoed) ? undefined : 'Server sent an invalid subprotocol'
}

function upgradeHeaders(target: DialTarget): Record<string, string> {
  const url = new URL(target.url)
  const headers: Record<string, string> = {
    host: url.host,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'c2ltdWxhdGVkIG5vbmNlIQ==',
  }
  if (target.protocols.length > 0) headers['sec-websocket-protocol'] = target.protocols.join(', ')
  if (url.username !== '')
    headers.authorization = `Basic ${btoa(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`)}`
  for (const [name, value] of Object.entries(target.headers)) headers[name.toLowerCase()] = value
  return headers
}
