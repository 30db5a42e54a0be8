/**
 * The page in every network of this machine by mDNS, also in those that come and go while it runs: a cable that is plugged in, an
 * address given anew. Never rejects, and delays nothing.
 */
import { networkInterfaces } from 'node:os'
import type { AnnouncedPage, Announcer, PageAnnouncement } from '../ports.js'
import { MdnsLink, type OwnNetwork } from './mdns-link.js'

/** A cabinet has two or three; containers add theirs. */
const MOST_NETWORKS = 8
const LOOK_MS = 10_000
/** Where nothing could be announced, it is tried again. */
const AGAIN_AFTER_LOOKS = 6
const ANY = ['0.0.0.0', '::']

/** Other than the networks of this machine: for tests. */
export interface Elsewhere {
  readonly via?: object
  readonly lookMs?: number
  networks?(): readonly OwnNetwork[]
}

export function createAnnouncer(elsewhere: Elsewhere = {}): Announcer {
  return { announce: (page, changed) => announce(page, changed, elsewhere) }
}

function announce(
  page: AnnouncedPage,
  changed: () => void,
  { via, lookMs = LOOK_MS, networks = own }: Elsewhere,
): PageAnnouncement {
  const links = new Map<string, MdnsLink>()
  let [looks, isStopped, ending] = [0, false, Promise.resolve()]
  const look = (): void => {
    const isAgain = ++looks % AGAIN_AFTER_LOOKS === 0
    const now = new Map(networks().filter(isMeant).slice(0, MOST_NETWORKS).map(keyed))
    for (const [key, link] of links) {
      const isOut = link.state.name === undefined && link.state.fault !== undefined
      if (now.has(key) && !(isAgain && isOut)) continue
      links.delete(key)
      const before = ending
      ending = link.stop().then(() => before)
    }
    for (const [key, network] of now) {
      if (links.has(key)) continue
      const link = new MdnsLink(page, network, changed, via)
      links.set(key, link)
      // What is said of the one before is taken back first.
      void ending.then(() => (isStopped ? undefined : link.start()))
    }
  }
  const isMeant = ({ address }: OwnNetwork): boolean =>
    (ANY.includes(page.host) || page.host === address) && (page.addresses?.includes(address) ?? true)
  look()
  const timer = setInterval(look, lookMs).unref()
  return {
    networks: () => [...links.values()].map(({ state }) => state),
    stop: async () => {
      isStopped = true
      clearInterval(timer)
      await Promise.all([ending, ...[...links.values()].map(link => link.stop())])
    },
  }
}

/** Another address in it is another network: what was said of it holds no more. */
function keyed(network: OwnNetwork): readonly [string, OwnNetwork] {
  return [network.addresses.join(' '), network]
}

function own(): readonly OwnNetwork[] {
  const lists = Object.values(interfaces()).map(list => (list ?? []).filter(({ internal }) => !internal))
  const ofMachine = new Set(lists.flat().map(({ address }) => address))
  return lists.flatMap(list => {
    const first = list.find(({ family }) => family === 'IPv4')
    if (first === undefined) return []
    return [{ address: first.address, addresses: list.map(({ address }) => address), ofMachine }]
  })
}

/** None where the system does not tell. */
function interfaces(): ReturnType<typeof networkInterfaces> {
  try {
    return networkInterfaces()
  } catch {
    return {}
  }
}
