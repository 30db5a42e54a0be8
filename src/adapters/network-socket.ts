/**
 * One open ws socket as the Socket of the ports: limits on closing, no exception in either direction.
 * Must not know whether it was dialled or accepted.
 */
import { type RawData, WebSocket } from 'ws'
import type { Log, Socket, SocketHandlers } from '../ports.js'

/** A peer that has not answered our close frame by then is cut off. */
const CLOSE_TIMEOUT_MS = 5_000
/** RFC 6455 §5.5: a control frame holds 125 bytes, two of them the code. */
const MAX_REASON_BYTES = 123

/**
 * Handlers are called from the next turn on, never from within this call. `receivedBytes` counts on the stream under the
 * socket, which ws does not show.
 */
export function wrapSocket(
  webSocket: WebSocket,
  handlers: SocketHandlers,
  log: Log,
  receivedBytes: () => number,
): Socket {
  let deadline: NodeJS.Timeout | undefined
  let sentBytes = 0
  const run = (handle: () => void): void => {
    if (!guard(log, handle)) webSocket.terminate()
  }
  // Not by `run`: this is every message there is, and a closure for each costs.
  webSocket.on('message', (data, isBinary) => {
    try {
      if (isBinary) handlers.binary()
      else handlers.text(textOf(data))
    } catch (fault) {
      tellFault(log, fault)
      webSocket.terminate()
    }
  })
  webSocket.on('ping', () => run(() => handlers.ping()))
  webSocket.on('pong', () => run(() => handlers.pong()))
  webSocket.on('error', fault => {
    log.write('debug', 'network.frame-error', { detail: detailOf(fault) })
    closeWithin()
  })
  webSocket.once('close', (code, reason) => {
    clearTimeout(deadline)
    run(() => handlers.closed(code, reason.toString()))
  })

  function closeWithin(): void {
    deadline ??= setTimeout(() => webSocket.terminate(), CLOSE_TIMEOUT_MS)
  }

  return {
    sendText: text => {
      // A failed send is followed by `closed`, which says it all. Octets, because ws and the socket under it handle
      // text twice: a tenth less CPU per CALL in the relay benchmark.
      if (webSocket.readyState !== WebSocket.OPEN) return
      const octets = Buffer.from(text)
      sentBytes += octets.length
      webSocket.send(octets, { binary: false })
    },
    ping: () => {
      if (webSocket.readyState === WebSocket.OPEN) webSocket.ping(undefined, undefined, () => {})
    },
    close: (code, reason) => {
      if (webSocket.readyState !== WebSocket.OPEN) return
      webSocket.close(isSendable(code) ? code : 1000, cutTo(reason, MAX_REASON_BYTES))
      closeWithin()
    },
    terminate: () => webSocket.terminate(),
    bufferedBytes: () => webSocket.bufferedAmount,
    sentBytes: () => sentBytes,
    receivedBytes,
  }
}

function textOf(data: RawData): string {
  if (Buffer.isBuffer(data)) return data.toString()
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return Buffer.from(data).toString()
}

/** 1005, 1006 and 1015 tell of a close that had no frame; ws refuses to send them. */
function isSendable(code: number): boolean {
  return (
    (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) || (code >= 3000 && code <= 4999)
  )
}

function cutTo(reason: string, bytes: number): string {
  return Buffer.byteLength(reason) <= bytes
    ? reason
    : Array.from(reason)
        .slice(0, bytes / 4)
        .join('')
}

/** Runs `handle`; false when it threw: a fault of ours that must cost one connection, not the process. */
export function guard(log: Log, handle: () => void): boolean {
  try {
    handle()
    return true
  } catch (fault) {
    tellFault(log, fault)
    return false
  }
}

function tellFault(log: Log, fault: unknown): void {
  log.write('error', 'network.handler-failed', {
    detail: fault instanceof Error ? fault.message : 'not an Error',
  })
}

/** Node's error code ("ECONNREFUSED"); "" where there is none. */
export function codeOf(fault: Error): string {
  return 'code' in fault && typeof fault.code === 'string' ? fault.code : ''
}

/** What a log line says about a network failure: the code, else the text. */
export function detailOf(fault: Error): string {
  const code = codeOf(fault)
  return code === '' ? fault.message : code
}
