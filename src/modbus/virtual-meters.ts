/**
 * Virtual meters beside the polled ones: each reading of a part makes a new one of the whole. A whole whose oldest part
 * has not moved says nothing, so that it ages as that part does.
 */
import type { MeterConfig } from '../core/config/site.js'
import type { MeterReading } from '../core/events.js'
import { combined } from '../core/measuring/virtual-meter.js'

type VirtualConfig = Extract<MeterConfig['connection'], { readonly kind: 'virtual' }>

export class VirtualMeters {
  readonly #meters: readonly { readonly id: string; readonly whole: VirtualConfig }[]
  readonly #disbelieved: (meterId: string) => string | undefined
  readonly #newest = new Map<string, MeterReading>()
  readonly #toldMs = new Map<string, number>()

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
    this.#newest.set(reading.meterId, reading)
    return concerned.flatMap(({ id, whole }) => {
      const made = combined(id, whole, this.#newest, this.#disbelieved)
      if (made === undefined) return []
      if (made.fault !== undefined) return [made]
      if (made.monoMs <= (this.#toldMs.get(id) ?? -Infinity)) return []
      this.#toldMs.set(id, made.monoMs)
      return [made]
    })
  }
}
