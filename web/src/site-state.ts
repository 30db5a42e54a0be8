/** The site as the page holds it, and how a patch changes it. Unchanged members keep their identity, so they are not drawn again. */
import type { SiteView } from '../../src/core/view/document.js'

/** Fields that changed; null = gone. `within`: of a list that has the same members, what changed in each. */
type Changed = Readonly<Record<string, unknown>>
type Member = Changed & {
  readonly id: string | number
  readonly within?: Readonly<Record<string, readonly Member[]>>
}

/** What has not changed is not in it. */
export interface SitePatch {
  readonly at: string
  readonly head?: Changed
  readonly circuits?: readonly Member[]
  readonly meters?: readonly Member[]
  readonly stations?: readonly Member[]
}

export function applyPatch(site: SiteView, patch: SitePatch): SiteView {
  return {
    ...merged(site, patch.head ?? {}),
    at: patch.at,
    circuits: replaced(site.circuits, patch.circuits),
    meters: replaced(site.meters, patch.meters),
    stations: replaced(site.stations, patch.stations),
  }
}

function replaced<T extends { readonly id: string | number }>(
  list: readonly T[],
  changed: readonly Member[] = [],
): readonly T[] {
  if (changed.length === 0) return list
  const byId = new Map(changed.map(member => [member.id, member]))
  return list.map(member => {
    const fields = byId.get(member.id)
    return fields === undefined ? member : merged(member, fields)
  })
}

function merged<T extends object>(old: T, { within, ...changed }: Changed & Pick<Member, 'within'>): T {
  const next = { ...old, ...changed }
  for (const [name, value] of Object.entries(changed)) if (value === null) Reflect.deleteProperty(next, name)
  for (const [name, members] of Object.entries(within ?? {})) {
    const list: unknown = Reflect.get(old, name)
    if (Array.isArray(list)) Reflect.set(next, name, replaced(list, members))
  }
  return next
}
