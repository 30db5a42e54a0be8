/**
 * Who announces Modbus in the local network (mDNS, RFC 6762 and 6763): gateways and meters under the services of Modbus, and
 * Shelly's under theirs. Asked for a few seconds when somebody searches, and never otherwise. Whoever is in the network can
 * answer, so nothing is taken from an answer but its name and port: the host is where it came from, and is then read like all others.
 */
import dgram from 'node:dgram'
import type { Service } from 'bonjour-service'

export interface AnnouncedHost {
  readonly name: string
  readonly host: string
  readonly port: number
  /** As it calls itself: a running meter may be configured by that name. */
  readonly alias: string
}

const SERVICES = ['modbus', 'mbap', 'shelly'] as const
const LISTEN_MS = 2_500
const MODBUS_PORT = 502
const MDNS_PORT = 5353
/** A cabinet's network has a few; one that announces hundreds is no meter. */
export const MOST_ANNOUNCED = 16
const MOST_NAME = 64
/** The library keeps each service that is announced, and looks through them for each answer. */
const MOST_ANSWERS = 500
/** Of them that nobody can read. */
const MOST_BROKEN = 50

/** Never rejects; empty also where the network has no multicast. `via`: elsewhere than in the network, for tests. */
export async function announcedHosts(via: object = {}): Promise<readonly AnnouncedHost[]> {
  const { default: Bonjour } = await import('bonjour-service')
  const found = new Map<string, AnnouncedHost>()
  const socket = dgram.createSocket({ type: 'udp4', reuseAddr: true })
  const options = { port: MDNS_PORT, socket, ...via }
  const nothing = (): void => undefined
  const browsers = new Bonjour(options, nothing)
  // It tells of a port that cannot be had by an event that would end the process.
  const mdns: unknown = Reflect.get(Reflect.get(browsers, 'server'), 'mdns')
  if (typeof mdns === 'object' && mdns !== null)
    Reflect.apply(Reflect.get(mdns, 'on'), mdns, ['error', nothing])
  shield(socket)
  for (const type of SERVICES)
    browsers.find({ type }, service => {
      const host = hostOf(service)
      if (host !== undefined && found.size < MOST_ANNOUNCED) found.set(`${host.host}:${host.port}`, host)
    })
  await new Promise(resolve => setTimeout(resolve, LISTEN_MS))
  browsers.destroy()
  return [...found.values()]
}

/** The library reads fields that a packet need not have: what throws there is one packet less. */
function shield(socket: dgram.Socket): void {
  let answers = 0
  let broken = 0
  for (const listener of socket.listeners('message')) {
    socket.removeAllListeners('message')
    socket.on('message', (...heard) => {
      if (++answers > MOST_ANSWERS || broken > MOST_BROKEN) return
      try {
        Reflect.apply(listener, socket, heard)
      } catch {
        // some device's answer to a question of the network: there is nobody to tell
        broken++
      }
    })
  }
}

function hostOf({ name, type, port, referer, host: target }: Service): AnnouncedHost | undefined {
  if (referer === undefined || !Number.isInteger(port) || port < 1 || port > 65_535) return undefined
  const plain = (text: string): string => text.replace(/[^ -~]/g, '').slice(0, MOST_NAME)
  return {
    name: plain(name),
    host: referer.address,
    // Under its own service it announces its page.
    port: type === 'shelly' ? MODBUS_PORT : port,
    alias: plain(target).replace(/\.$/, ''),
  }
}
