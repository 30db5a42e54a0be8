/**
 * Virtual meters beside the polled ones: each reading of a part may make a new one of the whole. While its oldest part has
 * nothing new, the whole is told again only where it has become more, and under the old time, so that it ages as that part.
 */
import type { MeterConfig } from '../core/config/site.js'
import type { MeterReading } from '../core/events.js'
import { combined, onTrail, type Trail } from '../core/measuring/virtual-meter.js'

type VirtualConfig = Extract<MeterConfig['connection'], { readonly kind: 'virtual' }>

export class VirtualMeters {
  readonly #meters: readonly { readonly id: string; readonly whole: VirtualConfig }[]
  readonly #disbelieved: (meterId: string) => string | undefined
  readonly #trails = new Map<string, Trail>()
  readonly #told = new Map<string, MeterReading>()

  constructor(meters: readonly MeterConfig[], disbelieved: (meterId: string) => string | undefined) {
    this.#meters = meters.flatMap(({ id, connection }) =>
      connection.kind === 'virtual' ? [{ id, whole: connection }] : [],
    )
    this.#disbelieved = disbelieved
  }

  /** What follows from a reading of a polled meter. */
  follow(reading: MeterReading): readonly MeterReading[] {
    const concerned = this.#meters.filter(({ whole }) =>
      whole.parts.some(({ meter }) => meter === reading.meterId),
    )
    if (concerned.length === 0) return []
    this.#trails.set(reading.meterId, onTrail(this.#trails.get(reading.meterId) ?? [], reading))
    return concerned.flatMap(({ id, whole }) => {
      const made = combined(id, whole, this.#trails, this.#disbelieved)
      if (made === undefined) return []
      const told = this.#told.get(id)
      if (made.fault === undefined && told !== undefined && !isNews(made, told)) return []
      if (made.fault === undefined) this.#told.set(id, made)
      return [made]
    })
  }
}

/** Of a later moment, or more than was told of the same one: less waits until every part tells it. */
function isNews(made: MeterReading, told: MeterReading): boolean {
  if (made.monoMs !== told.monoMs) return made.monoMs > told.monoMs
  const { currentA } = told
  return (
    currentA === undefined || made.currentA?.some((amps, phase) => amps > (currentA[phase] ?? amps)) === true
  )
}
