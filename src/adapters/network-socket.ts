/**
 * One open ws socket as the Socket of the ports: limits on closing, no exception in either direction.
 * Must not know whether it was dialled or accepted.
 */
import type { Socket as NetSocket } from 'node:net'
import { type RawData, WebSocket } from 'ws'
import type { Log, Socket, SocketHandlers } from '../ports.js'
import { Outbox } from './outbox.js'

/** A peer that has not answered our close frame by then is cut off. */
const CLOSE_TIMEOUT_MS = 5_000
/** RFC 6455 §5.5: a control frame holds 125 bytes, two of them the code. */
const MAX_REASON_BYTES = 123

/** `stream` lies under the socket, which does not show it; who has `dialled` it masks. */
export interface Under {
  readonly stream: NetSocket
  readonly dialled: boolean
}

/** Handlers are called from the next turn on, never from within this call. */
export function wrapSocket(
  webSocket: WebSocket,
  { stream, dialled }: Under,
  handlers: SocketHandlers,
  log: Log,
): Socket {
  let deadline: NodeJS.Timeout | undefined
  let sentBytes = 0
  const isOpen = (): boolean => webSocket.readyState === WebSocket.OPEN
  const outbox = new Outbox(stream, dialled, {
    isOpen,
    failed: fault => {
      tellFault(log, fault)
      webSocket.terminate()
    },
  })
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
      // a failed send is followed by `closed`, which says it all
      if (isOpen()) sentBytes += outbox.put(text)
    },
    ping: () => {
      if (!isOpen()) return
      outbox.flush()
      webSocket.ping(undefined, undefined, () => {})
    },
    close: (code, reason) => {
      if (!isOpen()) return
      outbox.flush()
      webSocket.close(isSendable(code) ? code : 1000, cutTo(reason, MAX_REASON_BYTES))
      closeWithin()
    },
    terminate: () => {
      outbox.flush()
      webSocket.terminate()
    },
    bufferedBytes: () => outbox.bufferedBytes(),
    sentBytes: () => sentBytes,
    receivedBytes: () => stream.bytesRead,
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
