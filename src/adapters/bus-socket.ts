/**
 * The socket under a Modbus line: TCP, or TLS where the configuration says so (MODBUS/TCP Security: mutual TLS from 1.2 on, the
 * same frames inside). Fails rather than speak plainly. Must not know Modbus.
 */
import net from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { BusConnection, ClientTls } from '../ports.js'
import { detailOf } from './network-socket.js'
import { clientOptions } from './tls-client.js'
import { tlsFaultOf } from './tls-faults.js'

type Target = Extract<BusConnection, { readonly host: string }>
type Opened =
  | { readonly kind: 'open'; readonly socket: net.Socket }
  | { readonly kind: 'failed'; readonly detail: string }

/** Throws for certificates that cannot be read. */
export function openSocket(target: Target, timeoutMs: number, tls: ClientTls | undefined): Promise<Opened> {
  const { host, port, tls: wanted } = target
  if (wanted === undefined)
    return settled(net.connect({ host, port, noDelay: true }), 'connect', {
      timeoutMs,
      faultOf: ({ message }) => message,
    })
  if (tls === undefined)
    return Promise.resolve({ kind: 'failed', detail: 'TLS: its files are read once it is saved' })
  const socket = connectTls({
    ...{ host, port, ...clientOptions(tls) },
    ...(wanted.name !== undefined && { servername: wanted.name }),
  })
  socket.setNoDelay(true)
  return settled(socket, 'secureConnect', { timeoutMs, faultOf: faultText })
}

/** What is wrong with a connection over TLS, in few words. */
export function faultText(fault: Error): string {
  const tlsFault = tlsFaultOf(fault)
  return tlsFault === undefined ? detailOf(fault) : `TLS: ${tlsFault}`
}

function settled(
  socket: net.Socket,
  open: 'connect' | 'secureConnect',
  { faultOf, timeoutMs }: { readonly timeoutMs: number; faultOf(fault: Error): string },
): Promise<Opened> {
  return new Promise(resolve => {
    const deadline = setTimeout(() => {
      socket.destroy()
      resolve({ kind: 'failed', detail: 'timeout' })
    }, timeoutMs)
    // Stays for the life of the socket: an error without a listener would end the process.
    socket.on('error', fault => {
      clearTimeout(deadline)
      resolve({ kind: 'failed', detail: faultOf(fault) })
    })
    socket.once(open, () => {
      clearTimeout(deadline)
      resolve({ kind: 'open', socket })
    })
  })
}
