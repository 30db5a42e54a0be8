/** A defect to plant: a journal that loses with the supply what it has taken. */
import type { Ports } from '../../src/ports.js'

/** Says that it is durable, and is not. */
export function forgetful(journal: Ports['journal']): Ports['journal'] {
  return new Proxy(journal, {
    get: (target, name) => {
      if (name === 'commit')
        return (operations: Parameters<Ports['journal']['commit']>[0]) => target.commit(operations, false)
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
