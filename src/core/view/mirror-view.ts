/**
 * The mirrors of the CSMS as people read them: how many stations each hears, why not all, what waits and what was given
 * up. A mirror that is away costs nobody anything but its own reports, and is told all the same (I10).
 */
import type { CsmsLinkStatus, MirrorStatus } from '../events.js'
import { say } from '../words/said.js'
import type { Condition } from './alarms.js'
import type { MirrorView } from './document.js'
import { csmsLinkView, hostOf, sayCsmsAway } from './link-view.js'

/** A dial over a slow line. */
const GRACE_MS = 5_000

export function mirrorView({ id, url, links, waiting, totals }: MirrorStatus): MirrorView {
  const openLinks = links.filter(isOpen).length
  const reason = sayCsmsAway(links.map(csmsLinkView))?.text
  const whole = openLinks === links.length
  return {
    id,
    url,
    state: links.length === 0 ? 'idle' : whole ? 'connected' : openLinks > 0 ? 'partly' : 'away',
    openLinks,
    wantedLinks: links.length,
    ...(reason !== undefined && { reason }),
    waitingMessages: waiting,
    droppedMessages: totals.dropped,
    refusedOrders: totals.ordersRefused,
  }
}

export function mirrorConditions(mirrors: readonly MirrorStatus[], nowWallMs: number): readonly Condition[] {
  return mirrors.flatMap((mirror): readonly Condition[] => {
    if (!mirror.links.some(link => !isOpen(link) && nowWallMs - link.sinceWallMs > GRACE_MS)) return []
    const { id, url, openLinks, wantedLinks, reason, waitingMessages, droppedMessages } = mirrorView(mirror)
    const why = reason === undefined ? '' : say('because', { why: reason })
    const text = say('mirror-away', {
      mirror: id,
      open: openLinks,
      wanted: wantedLinks,
      host: hostOf(url),
      why,
      waiting: waitingMessages,
      dropped: droppedMessages,
    })
    return [{ code: 'mirror-away', about: id, ...text }]
  })
}

function isOpen({ state }: CsmsLinkStatus): boolean {
  return state === 'open'
}
