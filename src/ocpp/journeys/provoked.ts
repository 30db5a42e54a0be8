/**
 * What Busbar's own TriggerMessage provokes stays here unless the CSMS asked for the same, or it is news to it (proxy rule 4).
 * Knows what was asked for and by whom; whether it is news is told.
 */
import { integerAt, listAt, textAt } from '../../core/fields.js'
import type { Clock } from '../../ports.js'

/** A triggered function may take so long (PICS A.4). */
const ASKED_FOR_MS = 60_000
/** Connectors asked for at once: more than any station has. */
const MAX_ASKED = 130

export class Provoked {
  readonly #clock: Pick<Clock, 'monoMs'>
  /** Until when an answer may be ours, by message and connector. */
  readonly #untilMs = new Map<string, number>()

  constructor(clock: Pick<Clock, 'monoMs'>) {
    this.#clock = clock
  }

  /** Busbar sends this TriggerMessage. */
  ours(request: unknown): void {
    const message = textAt(request, 'requestedMessage')
    const connectorId = integerAt(request, 'connectorId')
    if (message === undefined || connectorId === undefined || this.#untilMs.size >= MAX_ASKED) return
    this.#untilMs.set(keyOf(message, connectorId), this.#clock.monoMs() + ASKED_FOR_MS)
  }

  /** Somebody else does: what comes is for them. */
  others(request: unknown): void {
    const message = textAt(request, 'requestedMessage') ?? ''
    const connectorId = integerAt(request, 'connectorId')
    for (const key of [...this.#untilMs.keys()]) {
      const isSame =
        connectorId === undefined ? key.startsWith(`${message} `) : key === keyOf(message, connectorId)
      if (isSame) this.#untilMs.delete(key)
    }
  }

  /** True for the one answer to our question, and only where nobody else has any use for it. */
  takes(action: string, payload: unknown, isNews: boolean): boolean {
    const key = keyOf(action, integerAt(payload, 'connectorId') ?? 0)
    const untilMs = this.#untilMs.get(key)
    if (untilMs === undefined) return false
    if (untilMs < this.#clock.monoMs()) {
      this.#untilMs.delete(key)
      return false
    }
    if (isNews || (action === 'MeterValues' && !isTriggered(payload))) return false
    this.#untilMs.delete(key)
    return true
  }

  stationGone(): void {
    this.#untilMs.clear()
  }
}

const keyOf = (message: string, connectorId: number): string => `${message} ${connectorId}`

/** Stations that leave the context out may mean a sample the CSMS waits for. */
function isTriggered(payload: unknown): boolean {
  const samples = listAt(payload, 'meterValue').flatMap(value => [...listAt(value, 'sampledValue')])
  return samples.length > 0 && samples.every(sample => textAt(sample, 'context') === 'Trigger')
}
