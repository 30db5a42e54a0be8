/** What the parts of a configuration call one another: a name that nobody has, and one that two have. Pure. */
import { type Fault, fault } from './faults.js'
import { show } from './shown.js'

/** More names than a person would read. */
const MOST_NAMES = 12

/** Nothing of that name is there. */
export function unknown(path: string, found: string, names: Iterable<string>): Fault {
  const known = [...names].sort()
  const shown = { found: show(found), known: known.slice(0, MOST_NAMES).join(', ') }
  if (known.length === 0) return fault(path, 'none-known', { found: shown.found })
  return fault(path, known.length > MOST_NAMES ? 'known-and-more' : 'known', shown)
}

/** Each member of the list whose id an earlier one has; undefined = no member to judge. */
export function repeated(
  items: readonly ({ readonly id: string | number } | undefined)[],
  path: string,
): Fault[] {
  const first = new Map<string | number, number>()
  return items.flatMap((item, index) => {
    if (item === undefined) return []
    const earlier = first.get(item.id)
    if (earlier === undefined) {
      first.set(item.id, index)
      return []
    }
    const place = `${path}[${earlier}]`
    return [fault(`${path}[${index}].id`, 'own-id', { id: show(item.id), place })]
  })
}
