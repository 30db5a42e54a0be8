/** Faults of the limits that the configuration knows: what they name must be there. */
import { type Fault, show } from './faults.js'
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
      ...repeatedFaults(
        `limits.${list}`,
        limits[list].map(({ id }) => id),
      ),
      ...unmeteredFaults(`limits.${list}`, limits[list], circuits),
    ]),
    ...repeatedFaults(
      'limits.gridControls',
      limits.gridControls.map(({ id }) => id),
    ),
    ...limits.gridControls.flatMap(({ door, input }, at): Fault[] => {
      const path = `limits.gridControls[${at}].input`
      if (door === 'input' && input === undefined)
        return [{ path, found: 'nothing', expected: 'a digital input, as "door" is "input"' }]
      if (door !== 'input' && input !== undefined)
        return [{ path, found: 'a digital input', expected: `nothing, as "door" is "${door}"` }]
      return []
    }),
    ...repeatedFaults(
      'limits.windows',
      limits.windows.map(({ id }) => id),
    ),
    ...repeatedFaults(
      'limits.sources',
      limits.sources.map(({ id, door }) => `${id} by ${door}`),
    ),
    ...limits.windows.flatMap(({ from, to }, at) =>
      from === to
        ? [{ path: `limits.windows[${at}].to`, found: show(to), expected: 'another time than "from"' }]
        : [],
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
    if (circuit !== undefined && !site.ids.includes(circuit))
      return [{ path: where, found: show(circuit), expected: `one of ${site.ids.slice(0, 12).join(', ')}` }]
    if (circuit === undefined && site.roots > 1)
      return [
        {
          path: where,
          found: 'nothing',
          expected: `a circuit, as the site has ${site.roots} grid connections`,
        },
      ]
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
    return [{ path: `${path}[${at}].circuit`, found: show(meant.id), expected: 'a circuit with a meter' }]
  })
}

function repeatedFaults(path: string, names: readonly string[]): Fault[] {
  return names.flatMap((name, at) => {
    const first = names.indexOf(name)
    const found = `${show(name)}, already at ${path}[${first}]`
    return first === at ? [] : [{ path: `${path}[${at}].id`, found, expected: 'an id of its own' }]
  })
}
