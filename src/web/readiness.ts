/**
 * Whether what is there is under control, for whoever updates or replaces cabinets one after the other (/readyz): beside health,
 * that all meters answer and that every station which is connected has its profiles. A station that is away is no reason: it may be
 * off. Strangers read it, so it counts and names nobody.
 */
import type { SiteView } from '../core/view/document.js'
import type { HealthReason } from './site-reader.js'

export type ReadyReason =
  | HealthReason
  | { readonly code: 'meters-missing' | 'stations-in-set-up'; readonly text: string }

/** Empty = ready. */
export function readyReasons(health: readonly HealthReason[], view: SiteView): readonly ReadyReason[] {
  const missing = view.meters.filter(({ quality }) => quality !== 'fresh').length
  const unlaid = view.stations.filter(
    ({ connected, loadControl, release, connectors }) =>
      connected &&
      loadControl === undefined &&
      release === undefined &&
      connectors.some(({ installedFailSafeA }) => installedFailSafeA === undefined),
  ).length
  return [
    ...health,
    ...(missing > 0
      ? [
          {
            code: 'meters-missing' as const,
            text: `${missing} of ${view.meters.length} meters have no reading now.`,
          },
        ]
      : []),
    ...(unlaid > 0
      ? [
          {
            code: 'stations-in-set-up' as const,
            text: `${unlaid} connected stations have not accepted their profiles yet.`,
          },
        ]
      : []),
  ]
}
