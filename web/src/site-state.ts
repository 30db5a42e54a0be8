/** The site as the page holds it, and how a patch changes it. Unchanged members keep their identity, so they are not drawn again. */
import type { CircuitView, MeterView, SiteView, StationView } from '../../src/core/view/document.js'

export interface SitePatch {
  readonly head: Omit<SiteView, 'circuits' | 'meters' | 'stations'>
  readonly circuits: readonly CircuitView[]
  readonly meters: readonly MeterView[]
  readonly stations: readonly StationView[]
}

export function applyPatch(site: SiteView, patch: SitePatch): SiteView {
  return {
    ...patch.head,
    circuits: replaced(site.circuits, patch.circuits),
    meters: replaced(site.meters, patch.meters),
    stations: replaced(site.stations, patch.stations),
  }
}

function replaced<T extends { readonly id: string }>(
  list: readonly T[],
  changed: readonly T[],
): readonly T[] {
  if (changed.length === 0) return list
  const byId = new Map(changed.map(member => [member.id, member]))
  return list.map(member => byId.get(member.id) ?? member)
}
