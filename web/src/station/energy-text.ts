/** The energy of a session as far as it is known. */
import type { ConnectorView } from '../../../src/core/view/document.js'
import { energy } from '../format.js'
import { stations as words } from '../words/stations.js'

/** Where the register cannot be believed, only the least is known. */
export function energyText({ energyWh, energyDoubt }: NonNullable<ConnectorView['transaction']>): string {
  if (energyDoubt === undefined) return energy(energyWh)
  const why =
    energyDoubt === 'start unknown' ? words(energyDoubt) : words('doubt', { what: words(energyDoubt) })
  return words('atLeast', { energy: energy(energyWh), why })
}
