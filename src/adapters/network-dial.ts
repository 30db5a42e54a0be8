/**
 * Dialling the CSMS: one attempt, ended as open, refused or failed with the layer that failed. Redirects are not
 * followed (credentials would travel along), certificates are always verified. Must not retry.
 */
import { WebSocket } from 'ws'
import type { Dialing, DialOutcome, DialTarget, Log, SocketHandlers } from '../ports.js'
import { failedLayer } from './failed-layer.js'
import { detailOf, guard, wrapSocket } from './network-socket.js'
import { sharedClientOptions } from './tls-client.js'
import { tlsFaultOf } from './tls-faults.js'

/** Network.dial of the ports. */
export function dial(
  target: DialTarget,
  handlers: SocketHandlers,
  done: (outcome: DialOutcome) => void,
  log: Log,
): Dialing {
  let settled = false
  let webSocket: WebSocket | undefined
  const settle = (outcome: DialOutcome): void => {
    if (settled) return
    settled = true
    clearTimeout(deadline)
    guard(log, () => done(outcome))
  }
  const fail = (reason: DialFailure['reason'], detail: string): void =>
    settle({ kind: 'failed', reason, detail: detail.slice(0, 200) })
  // covers name, connection, TLS and upgrade together, which handshakeTimeout does not
  const deadline = setTimeout(() => {
    fail('timeout', `no open socket after ${target.timeoutMs} ms`)
    webSocket?.terminate()
  }, target.timeoutMs)
  const begun = begin(target)
  if (begun instanceof Error) {
    setImmediate(() => fail('handshake', begun.message))
  } else {
    webSocket = begun
    begun.on('error', fault => {
      const tlsFault = isSecure(target) ? tlsFaultOf(fault) : undefined
      // a reset is one of the handshake only where nothing else was open yet, which cannot be told from here
      if (tlsFault === undefined || tlsFault === 'cut')
        fail(failedLayer(fault) ?? 'handshake', detailOf(fault))
      else settle({ kind: 'failed', reason: 'tls', detail: detailOf(fault), tlsFault })
    })
    begun.once('close', () => fail('handshake', 'closed before it was open'))
    begun.once('unexpected-response', (request, response) => {
      settle({ kind: 'refused', status: response.statusCode ?? 0 })
      request.destroy()
    })
    begun.once('upgrade', ({ socket: stream }) => {
      begun.once('open', () => {
        if (settled) {
          begun.terminate()
          return
        }
        const socket = wrapSocket(begun, { stream, dialled: true }, handlers, log)
        settle({ kind: 'open', socket, protocol: begun.protocol })
      })
    })
  }
  return {
    abort: () => {
      if (settled) return
      settled = true
      clearTimeout(deadline)
      webSocket?.terminate()
    },
  }
}

/** ws throws for an URL or sub-protocol that it cannot use. */
function begin(target: DialTarget): WebSocket | Error {
  try {
    return new WebSocket(target.url, [...target.protocols], {
      headers: { ...target.headers },
      followRedirects: false,
      perMessageDeflate: false,
      maxPayload: target.maxFrameBytes,
      ...(isSecure(target) && sharedClientOptions(target.tls)),
    })
  } catch (fault) {
    return fault instanceof Error ? fault : new Error('not an URL to dial')
  }
}

function isSecure({ url }: DialTarget): boolean {
  return url.startsWith('wss:')
}

type DialFailure = Extract<DialOutcome, { kind: 'failed' }>
