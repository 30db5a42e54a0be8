/** Certificates that end soon, and what cannot be read or kept of them, in words. Pure. */
import { ALARM_DAYS } from '../security/validity.js'
import type { Condition } from './alarms.js'
import { type Said, said } from './said.js'

export interface CertificateState {
  /** `server`: this cabinet's; `csms`: shown to the CSMS; else a station's. Days may be negative. */
  readonly ending: readonly { readonly about: string; readonly daysLeft: number }[]
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[]
  /** What the site authority signed or revoked last is not on the disk. */
  readonly saveFault?: string
  /** What they have shown of security profiles is lost: only the best door is open to them. */
  readonly stationsInDoubt?: readonly string[]
  /** The receiver of the security record is away. */
  readonly syslog?: SyslogState
  readonly record?: {
    /** At this entry the chain of the security record did not hold when it was opened. */
    readonly brokenAt?: number
    readonly saveFault?: string
  }
}

export interface SyslogState {
  readonly reason: string
  readonly waiting: number
  /** Never sent, because too many waited. */
  readonly dropped: number
}

export const NO_CERTIFICATES: CertificateState = { ending: [], unreadable: [] }

const MOST = ALARM_DAYS[0]

export function certificateConditions({
  ending,
  record,
  saveFault,
  stationsInDoubt = [],
  syslog,
  unreadable,
}: CertificateState): readonly Condition[] {
  const found: Condition[] = ending
    .filter(({ daysLeft }) => daysLeft < MOST)
    .map(({ about, daysLeft }) => ({
      code: daysLeft < 0 ? 'certificate-expired' : 'certificate-expiring',
      about,
      ...said`The certificate ${whose(about)} ${when(daysLeft)}: ${whatToDo(about)}.`,
    }))
  for (const { path, reason } of unreadable)
    found.push({
      code: 'certificate-unreadable',
      about: path,
      ...said`${path} cannot be used: ${reason}. What was read before is used until then; where nothing was, that port or link stays closed.`,
    })
  if (saveFault !== undefined)
    found.push({
      code: 'certificate-not-kept',
      ...said`What the site authority did last is not on the disk: ${saveFault}. A revocation holds until the next start.`,
    })
  if (stationsInDoubt.length > 0)
    found.push({
      code: 'security-profiles-lost',
      ...said`Which security profile stations have used is lost: ${someOf(stationsInDoubt)} are let in by the best port alone. Lower those by name that can do less.`,
    })
  if (record?.brokenAt !== undefined)
    found.push({
      code: 'security-record-changed',
      ...said`The security record was changed or cut from entry ${record.brokenAt} on, not by Busbar: take a copy, and ask who had the disk.`,
    })
  if (record?.saveFault !== undefined)
    found.push({
      code: 'security-record-not-kept',
      ...said`The last entries of the security record are not on the disk: ${record.saveFault}.`,
    })
  if (syslog !== undefined)
    found.push({
      code: 'syslog-away',
      ...said`The receiver of the security record is away (${syslog.reason}): ${syslog.waiting} entries wait${syslog.dropped > 0 ? said`, ${syslog.dropped} were not sent` : ''}. The record here is whole.`,
    })
  return found
}

const MOST_NAMED = 5

function someOf(stations: readonly string[]): Said | string {
  const rest = stations.length - MOST_NAMED
  const named = stations.slice(0, MOST_NAMED).join(', ')
  return rest > 0 ? said`${named} and ${rest} more` : named
}

function whose(about: string): Said | string {
  if (about === 'server') return 'of this cabinet'
  if (about.startsWith('uplink of ')) return said`of the ${about}`
  return about === 'csms' ? 'shown to the CSMS' : said`of ${about}`
}

/** In steps, so that the text of an alarm does not change each day without need. */
function when(daysLeft: number): Said | string {
  if (daysLeft < 0) return 'has expired'
  const step = [...ALARM_DAYS].reverse().find(days => daysLeft < days) ?? MOST
  return step === 1 ? 'ends within a day' : said`ends within ${step} days`
}

function whatToDo(about: string): string {
  if (about === 'server') return 'it renews itself where the site authority made it; put a new file where not'
  if (about.startsWith('uplink of '))
    return 'the CSMS is asked for a new one each day; have it give one (SignChargePointCertificate)'
  if (about === 'csms') return 'put a new one in its file'
  return 'have the station ask for a new one (ExtendedTriggerMessage SignChargePointCertificate)'
}
