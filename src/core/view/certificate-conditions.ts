/** Certificates that end soon, and what cannot be read or kept of them, in words. Pure. */
import { ALARM_DAYS } from '../security/validity.js'
import { type Said, say } from '../words/said.js'
import type { Condition } from './alarms.js'

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
      ...say('certificate-ends', { whose: whose(about), when: when(daysLeft), todo: whatToDo(about) }),
    }))
  for (const { path, reason } of unreadable)
    found.push({
      code: 'certificate-unreadable',
      about: path,
      ...say('certificate-unusable', { path, reason }),
    })
  if (saveFault !== undefined)
    found.push({
      code: 'certificate-not-kept',
      ...say('authority-not-kept', { reason: saveFault }),
    })
  if (stationsInDoubt.length > 0)
    found.push({
      code: 'security-profiles-lost',
      ...say('security-profiles-lost', { stations: someOf(stationsInDoubt) }),
    })
  if (record?.brokenAt !== undefined)
    found.push({
      code: 'security-record-changed',
      ...say('record-changed', { entry: record.brokenAt }),
    })
  if (record?.saveFault !== undefined)
    found.push({
      code: 'security-record-not-kept',
      ...say('record-not-kept', { reason: record.saveFault }),
    })
  if (syslog !== undefined)
    found.push({
      code: 'syslog-away',
      ...say('syslog-away', {
        reason: syslog.reason,
        waiting: syslog.waiting,
        dropped: syslog.dropped > 0 ? say('syslog-dropped', { count: syslog.dropped }) : '',
      }),
    })
  return found
}

const MOST_NAMED = 5
/** How such a certificate is named: "uplink of S1". */
const UPLINK = 'uplink of '

function someOf(stations: readonly string[]): Said | string {
  const rest = stations.length - MOST_NAMED
  const named = stations.slice(0, MOST_NAMED).join(', ')
  return rest > 0 ? say('and-more', { names: named, count: rest }) : named
}

function whose(about: string): Said {
  if (about === 'server') return say('certificate-of-cabinet')
  if (about.startsWith(UPLINK)) return say('certificate-of-uplink', { station: about.slice(UPLINK.length) })
  return about === 'csms' ? say('certificate-for-csms') : say('certificate-of', { whom: about })
}

/** In steps, so that the text of an alarm does not change each day without need. */
function when(daysLeft: number): Said {
  if (daysLeft < 0) return say('certificate-expired')
  const step = [...ALARM_DAYS].reverse().find(days => daysLeft < days) ?? MOST
  return step === 1 ? say('certificate-ends-within-day') : say('certificate-ends-within-days', { days: step })
}

function whatToDo(about: string): Said {
  if (about === 'server') return say('renews-itself')
  if (about.startsWith(UPLINK)) return say('renew-by-csms')
  if (about === 'csms') return say('put-new-file')
  return say('renew-by-station')
}
