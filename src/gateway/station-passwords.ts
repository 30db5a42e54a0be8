/**
 * The passwords of stations while they change (OCPP 1.6 security white paper A01, case 073): the next one is on the disk before
 * the station is told it, both are good until the station has come with the next one, and the CSMS is shown what it knows.
 * Octets throughout. A change that is lost on the way leaves both sides able to connect.
 */
import type { SecretsDocument } from '../core/config/secrets.js'
import type { StationPasswords } from '../ocpp/edge.js'
import type { Log } from '../ports.js'

export type PasswordPart = Pick<SecretsDocument, 'stations' | 'changing' | 'upstream'>

export interface PasswordStore {
  read(): PasswordPart
  /** Holds in memory at once; rejects when it is not on the disk. */
  write(part: PasswordPart): Promise<void>
}

export function stationPasswords(store: PasswordStore, log: Log): StationPasswords {
  const current = (id: string): Uint8Array | undefined => octetsOf(own(store.read().stations, id))
  const upstream = (id: string): Uint8Array | undefined => {
    const { changing, upstream } = store.read()
    const change = own(changing, id)
    if (change?.isKnownAbove === true) return octetsOf(change.next)
    const apart = own(upstream, id)
    if (apart === '') return undefined
    return octetsOf(apart) ?? current(id)
  }
  const kept = async (part: PasswordPart, stationId: string): Promise<boolean> => {
    try {
      await store.write(part)
      return true
    } catch (fault) {
      const reason = fault instanceof Error ? fault.message : String(fault)
      log.write('error', 'password.not-kept', { station: stationId, reason })
      return false
    }
  }
  return {
    current,
    next: id => octetsOf(own(store.read().changing, id)?.next),
    upstream,
    propose: (id, next) => {
      const document = store.read()
      const entry = { next: base64Of(next), isKnownAbove: false }
      return kept({ ...document, changing: { ...document.changing, [id]: entry } }, id)
    },
    keepUpstream: (id, next) => {
      const document = store.read()
      return kept({ ...document, upstream: { ...document.upstream, [id]: base64Of(next) } }, id)
    },
    decided: async (id, outcome, by) => {
      const document = store.read()
      const change = own(document.changing, id)
      if (change === undefined || outcome === 'unknown') return
      if (outcome === 'refused') {
        await kept({ ...document, changing: without(document.changing, id) }, id)
      } else if (by === 'csms') {
        const changing = { ...document.changing, [id]: { ...change, isKnownAbove: true } }
        await kept({ ...document, changing }, id)
      }
    },
    cameBack: (id, sent) => {
      const document = store.read()
      const change = own(document.changing, id)
      if (change === undefined) return
      // what the CSMS knows is shown to it as the station writes it; what it does not know, it is not shown
      const above = change.isKnownAbove ? sent : upstream(id)
      log.write('info', 'password.changed', { station: id })
      void kept(
        {
          stations: { ...document.stations, [id]: change.next },
          changing: without(document.changing, id),
          upstream: { ...document.upstream, [id]: above === undefined ? '' : base64Of(above) },
        },
        id,
      )
    },
  }
}

/** An id may be any word, also one that every object has. */
function own<T>(entries: Readonly<Record<string, T>>, id: string): T | undefined {
  return Object.hasOwn(entries, id) ? entries[id] : undefined
}

function without<T>(entries: Readonly<Record<string, T>>, id: string): Record<string, T> {
  return Object.fromEntries(Object.entries(entries).filter(([key]) => key !== id))
}

function octetsOf(base64: string | undefined): Uint8Array | undefined {
  return base64 === undefined ? undefined : Uint8Array.from(atob(base64), char => char.charCodeAt(0))
}

function base64Of(octets: Uint8Array): string {
  return btoa(Array.from(octets, octet => String.fromCharCode(octet)).join(''))
}
