/** The security desk of the page (web/security-desk.ts) over authority, profiles and record. Wiring only. */
import type { SiteConfig } from '../core/config/site.js'
import type { Certificates, Log } from '../ports.js'
import type { CertificateView, SecurityDesk } from '../web/security-desk.js'
import type { SecurityRecord } from './security-record.js'
import type { SiteSecurity } from './station-security.js'

export interface SecurityDeskDeps {
  config(): SiteConfig
  readonly security: SiteSecurity
  readonly record: SecurityRecord | undefined
  readonly certificates: Certificates | undefined
  readonly log: Log
  shownProfile(stationId: string): number | undefined
  closeThoseWith(sha256: string): number
}

export function securityDesk(deps: SecurityDeskDeps): SecurityDesk {
  const { certificates, config, log, record, security } = deps
  const { authority } = security
  const view = (pem: string): CertificateView[] => {
    const facts = certificates?.read(pem)
    if (facts === undefined) return []
    const { addresses, commonNames, dnsNames, notAfterMs, sha256 } = facts
    const names = [...new Set([...commonNames, ...dnsNames, ...addresses])]
    return [{ sha256, notAfter: new Date(notAfterMs).toISOString(), names }]
  }
  return {
    certificates: () => {
      const [root] = authority === undefined ? [] : view(authority.rootPem)
      return {
        ...(root !== undefined && { root }),
        servers: (security.serverTls(2)?.identities ?? []).flatMap(({ chainPem }) => view(chainPem)),
        issued: (authority?.issued() ?? []).map(({ serial: _, ...entry }) => ({
          ...entry,
          revoked: security.isRevoked(entry.sha256),
        })),
        leastProfiles: config().stations.map(({ id: stationId }) => {
          const shown = deps.shownProfile(stationId)
          return {
            stationId,
            least: security.leastProfileOf(stationId),
            ...(shown !== undefined && { shown }),
          }
        }),
      }
    },
    rootPem: () => authority?.rootPem,
    revoke: async (sha256, by) => {
      if (authority === undefined) return undefined
      const issued = authority.issued()
      const at = issued.findIndex(entry => entry.sha256 === sha256)
      const station = issued[at]?.stationId
      // whoever has its key may have those it replaced too: they hold for two years
      const before = issued.slice(0, Math.max(at, 0)).filter(entry => entry.stationId === station)
      const over = [sha256, ...before.map(entry => entry.sha256)].filter(one => !security.isRevoked(one))
      const keeping = over.map(one => authority.revoke(one, station, by))
      for (const one of over) log.write('warn', 'certificate.revoked', { station, sha256: one, by })
      const closed = over.reduce((sum, one) => sum + deps.closeThoseWith(one), 0)
      return { kept: (await Promise.all(keeping)).every(isKept => isKept), closed }
    },
    forgetProfile: (stationId, by) =>
      security.lower(stationId, by) ? security.leastProfileOf(stationId) : undefined,
    record: () => ({ entries: record?.entries() ?? [], ...record?.state() }),
  }
}
