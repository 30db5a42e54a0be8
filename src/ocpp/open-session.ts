/** Builds the session of one station from what the edge shares: its memory, its way to the CSMS, its credentials. Wiring only. */
import { isDrivenByCsms, type SiteConfig, type StationConfig } from '../core/config/site.js'
import { ratedPowersOf } from '../core/measuring/energy-count.js'
import type { StoredStation } from '../core/offline/records.js'
import type { SiteTags } from '../core/offline/site-tags.js'
import { createCsmsLink, csmsUrl } from './csms/csms-link.js'
import { basicHeader, viaHeader } from './csms/headers.js'
import type { LinkCircle } from './csms/link-circle.js'
import type { UpstreamOptions } from './csms/upstream.js'
import type { OcppDeps, StationSecurity } from './edge.js'
import type { Mirrors } from './mirrors/mirrors.js'
import { type Counters, countFrame, type SessionParts } from './session-parts.js'
import type { RefusedList } from './station/refused-list.js'
import { RememberedStation } from './station/remembered-station.js'
import { VIA } from './station/station-handshake.js'
import type { StationDoor } from './station/station-server.js'
import { StationSession } from './station-session.js'
import type { IncomingRoom } from './wire/incoming-room.js'

export interface Dialling {
  readonly circle: LinkCircle
  /** See station-handshake. */
  readonly via: string
  readonly tags: SiteTags
  readonly counters: Counters
  readonly refused: RefusedList
  readonly mirrors: Mirrors
  readonly room: IncomingRoom
  newMessageId(): string
  /** As it is now: it may become another while sessions run. */
  config(): SiteConfig
}

export type Shared = Pick<
  SessionParts,
  | 'ports'
  | 'desk'
  | 'store'
  | 'book'
  | 'ledger'
  | 'counters'
  | 'budget'
  | 'health'
  | 'turns'
  | 'ownClock'
  | 'room'
  | 'replayHold'
  | 'hasJournal'
  | 'isClockTrusted'
  | 'on'
>

export interface Opening {
  readonly deps: OcppDeps
  readonly station: StationConfig
  readonly stored: StoredStation
}

export function openSession(
  { deps, station, stored }: Opening,
  shared: Shared,
  dialling: Dialling,
): StationSession {
  const now = (): StationConfig => dialling.config().stations.find(({ id }) => id === station.id) ?? station
  const remembered = new RememberedStation({
    stored,
    store: deps.store,
    offline: () => ({ site: dialling.config().offline, station: now() }),
    hasCsms: deps.config.csms !== undefined,
    isSpent: idTag => shared.book.isSpent(idTag),
    tags: dialling.tags,
    log: deps.ports.log,
  })
  return new StationSession({
    parts: {
      ...shared,
      stationId: station.id,
      remembered,
      mirrors: dialling.mirrors.station(station.id),
      holdsPassword: () => deps.passwordOf(station.id) !== undefined,
      arePasswordsLost: () => deps.arePasswordsLost?.() === true,
      passwords: deps.passwords,
      security: deps.security ?? noSecurity(deps.config),
      doors: new Set(doorsOf(deps.config.ocpp).map(({ securityProfile }) => securityProfile)),
      offlineDataTransfer: deps.offlineDataTransferOf(station.id),
      guardedKeys: deps.guardedKeysOf(station.id),
      isDrivenByCsms: isDrivenByCsms(station),
      ratedW: id => ratedPowersOf(now().connectors, deps.config.site.nominalVoltageV)(id),
    },
    stored,
    leniency: new Set(station.leniency),
    openLink: linkFactory(deps, station.id, dialling),
    secrets: deps.ports.secrets,
    refused: dialling.refused,
    authorization: () => {
      const { passwords } = deps
      const password = passwords === undefined ? deps.passwordOf(station.id) : passwords.upstream(station.id)
      return password === undefined ? undefined : basicHeader(station.id, password)
    },
    newMessageId: dialling.newMessageId,
  })
}

function linkFactory(
  deps: OcppDeps,
  stationId: string,
  { circle, config, counters, newMessageId, room, via }: Dialling,
): UpstreamOptions['openLink'] {
  const { csms } = deps.config
  if (csms === undefined) return undefined
  return ({ authorization, through }, handlers) =>
    createCsmsLink({
      ports: deps.ports,
      url: csmsUrl(config().csms?.url ?? csms.url, stationId),
      tls: () => deps.security?.clientTls(stationId),
      headers: {
        ...(authorization !== undefined && { authorization }),
        [VIA]: viaHeader(through, via),
      },
      handlers,
      room,
      circle,
      newMessageId,
      onFrame: kind => countFrame(counters, kind),
    })
}

export function doorsOf({
  host,
  listeners,
  port,
  securityProfile,
}: SiteConfig['ocpp']): readonly StationDoor[] {
  return listeners ?? [{ host, port, securityProfile }]
}

/** Nothing is encrypted, signed or remembered. */
export const noSecurity = ({ csms }: SiteConfig): StationSecurity => ({
  serverTls: () => undefined,
  clientTls: () => undefined,
  leastProfileOf: () => 0,
  expectedNameOf: stationId => ({ stationId }),
  isRevoked: () => false,
  mayBeOutOfTime: () => false,
  proven: () => undefined,
  signsHere: () => csms === undefined,
  sign: async () => undefined,
  onRenewed: () => undefined,
})
