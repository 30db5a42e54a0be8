/** Faults of the limits that the configuration knows: what they name must be there. */
import { type Fault, fault } from './faults.js'
import { repeated, unknown } from './references.js'
import { show, shown } from './shown.js'
import type { SiteConfig } from './site.js'

/** `config` fits the schema. */
export function limitFaults({ circuits, limits }: Pick<SiteConfig, 'circuits' | 'limits'>): Fault[] {
  const roots = circuits.filter(({ parent }) => parent === undefined).length
  const ids = circuits.map(({ id }) => id)
  return [
    ...circuitFaults('limits.windows', limits.windows, { ids, roots }),
    ...circuitFaults('limits.sources', limits.sources, { ids, roots }),
    ...circuitFaults('limits.gridControls', limits.gridControls, { ids, roots }),
    ...(['meanLimits', 'importLimits'] as const).flatMap(list => [
      ...circuitFaults(`limits.${list}`, limits[list], { ids, roots }),
      ...repeated(limits[list], `limits.${list}`),
      ...unmeteredFaults(`limits.${list}`, limits[list], circuits),
    ]),
    ...repeated(limits.gridControls, 'limits.gridControls'),
    ...limits.gridControls.flatMap(({ door, input }, at): Fault[] => {
      const path = `limits.gridControls[${at}].input`
      if (door === 'input' && input === undefined)
        return [fault(path, 'input-of-door', { found: shown(input) })]
      if (door !== 'input' && input !== undefined) return [fault(path, 'no-input', { door })]
      return []
    }),
    ...repeated(limits.windows, 'limits.windows'),
    ...repeatedSources(limits.sources),
    ...limits.windows.flatMap(({ limitA, priorityClass }, at) =>
      limitA === undefined && priorityClass === undefined
        ? [fault(`limits.windows[${at}].limitA`, 'limit-or-class', { found: shown(limitA) })]
        : [],
    ),
    ...limits.windows.flatMap(({ from, to }, at) =>
      from === to ? [fault(`limits.windows[${at}].to`, 'other-time', { found: show(to) })] : [],
    ),
  ]
}

function circuitFaults(
  path: string,
  limits: readonly { readonly circuit?: string | undefined }[],
  site: { readonly ids: readonly string[]; readonly roots: number },
): Fault[] {
  return limits.flatMap(({ circuit }, at): Fault[] => {
    const where = `${path}[${at}].circuit`
    if (circuit !== undefined && !site.ids.includes(circuit)) return [unknown(where, circuit, site.ids)]
    if (circuit === undefined && site.roots > 1)
      return [fault(where, 'which-circuit', { found: shown(circuit), count: site.roots })]
    return []
  })
}

/** What flows has to be seen. */
function unmeteredFaults(
  path: string,
  limits: readonly { readonly circuit?: string | undefined }[],
  circuits: SiteConfig['circuits'],
): Fault[] {
  return limits.flatMap(({ circuit }, at): Fault[] => {
    const meant = circuits.find(({ id, parent }) =>
      circuit === undefined ? parent === undefined : id === circuit,
    )
    if (meant === undefined || meant.meter !== undefined) return []
    return [fault(`${path}[${at}].circuit`, 'metered-circuit', { found: show(meant.id) })]
  })
}

/** The same name by another door is another source. */
function repeatedSources(sources: SiteConfig['limits']['sources']): Fault[] {
  return sources.flatMap(({ id, door }, at) => {
    const first = sources.findIndex(other => other.id === id && other.door === door)
    const place = `limits.sources[${first}]`
    return first === at
      ? []
      : [fault(`limits.sources[${at}].id`, 'own-id-by-door', { id: show(id), door, place })]
  })
}
