/**
 * Another configuration under a running site, part by part (control rule 11): control first, which lowers at once and books who
 * leaves; then the stations' door; then meters and broker, each only where it is another. What is the same keeps its
 * connection. What is not applied here needs a restart (core/config/live-parts.ts).
 */
import type { Fault } from '../core/config/faults.js'
import type { SiteConfig } from '../core/config/site.js'
import type { Log, Stoppable } from '../ports.js'

/** A site that runs, to whoever has another configuration for it. */
export interface RunningSite {
  /** Rejects where only a restart makes it whole. */
  apply(next: SiteConfig): Promise<void>
  /** Why it cannot be taken on while this runs, beside what is wrong with it anyway. */
  faults(next: SiteConfig): readonly Fault[]
}

export interface LiveParts {
  readonly log: Log
  current(): SiteConfig
  /** Everything that asks what is configured gets this from now on; control decides by it at once. */
  take(next: SiteConfig): void
  /** Rejects when a session cannot be opened. */
  stations(next: SiteConfig): Promise<void>
  readonly meters: Renewed
  readonly mqtt: Renewed
  /** Contacts of grid operators. */
  readonly gridInputs: Renewed
}

interface Renewed {
  renew(): Promise<void>
}

/** Rejects when a part could not take it on: then only a restart makes it whole. */
export async function applyLive(parts: LiveParts, next: SiteConfig): Promise<void> {
  const before = parts.current()
  const isOther = (part: 'meters' | 'meterModels' | 'mqtt' | 'limits'): boolean =>
    JSON.stringify(before[part]) !== JSON.stringify(next[part])
  const isOtherMeter = isOther('meters') || isOther('meterModels')
  parts.take(next)
  await parts.stations(next)
  if (isOtherMeter) await parts.meters.renew()
  if (isOther('mqtt')) await parts.mqtt.renew()
  if (isOther('limits')) await parts.gridInputs.renew()
  parts.log.write('warn', 'configuration.applied', {
    stations: next.stations.length,
    circuits: next.circuits.length,
    meters: isOtherMeter,
    mqtt: isOther('mqtt'),
  })
}

/** One part that is ended and begun anew by what is configured then; nothing runs where nothing is configured. */
export class Replaceable<T extends Stoppable = Stoppable> implements Stoppable {
  readonly #start: () => T | undefined
  #now: T | undefined

  constructor(start: () => T | undefined) {
    this.#start = start
    this.#now = start()
  }

  get now(): T | undefined {
    return this.#now
  }

  async renew(): Promise<void> {
    const old = this.#now
    this.#now = undefined
    await old?.stop()
    this.#now = this.#start()
  }

  async stop(): Promise<void> {
    await this.#now?.stop()
  }
}
