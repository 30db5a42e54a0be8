/** The Syslog door: a TLS connection that carries what it is given and never reads. Must not know what a message says. */
import { isIP } from 'node:net'
import { connect, type TLSSocket } from 'node:tls'
import type { SyslogDoor, SyslogHandlers, SyslogLink } from '../ports.js'
import { clientOptions } from './tls-client.js'
import { tlsFaultOf } from './tls-faults.js'

const CONNECT_TIMEOUT_MS = 10_000
/** A receiver that takes nothing is not there. */
const MAX_UNSENT_BYTES = 256 * 1024

export function createSyslog(): SyslogDoor {
  return {
    connect: ({ host, port, tls }, handlers) => {
      let socket: TLSSocket
      try {
        const name = isIP(host) === 0 ? { servername: host } : {}
        socket = connect({ ...clientOptions(tls), host, port, ...name })
      } catch (fault) {
        handlers.closed(fault instanceof Error ? fault.message : String(fault))
        return { send: () => false, stop: () => undefined }
      }
      return watched(socket, handlers)
    },
  }
}

function watched(socket: TLSSocket, { closed, open }: SyslogHandlers): SyslogLink {
  let reason = 'closed by the receiver'
  socket.setTimeout(CONNECT_TIMEOUT_MS, () => {
    reason = 'no answer'
    socket.destroy()
  })
  socket.on('error', fault => {
    reason = tlsFaultOf(fault) ?? fault.message
  })
  socket.once('secureConnect', () => {
    socket.setTimeout(0)
    open()
  })
  socket.once('close', () => closed(reason))
  socket.resume()
  return {
    send: text => {
      if (!socket.writable || socket.writableLength > MAX_UNSENT_BYTES) return false
      socket.write(text)
      return true
    },
    stop: () => {
      socket.destroySoon()
    },
  }
}
