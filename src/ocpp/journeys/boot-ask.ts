/**
 * A station never seen to boot is asked to. Consumed here: nobody asked for it but us. The boot itself goes up, the CSMS has
 * never seen one either.
 */
import type { Timer } from '../../ports.js'
import type { SessionParts } from '../session-parts.js'
import { STATION_TIMEOUT_MS } from '../wire/waits.js'

/** It has had time to do so by itself. */
const ASK_FOR_BOOT_AFTER_MS = 15_000

export class BootAsk {
  readonly #parts: SessionParts
  #timer: Timer | undefined

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /** The station is there. */
  begin(): void {
    const { remembered, ports, stationId } = this.#parts
    this.#timer?.cancel()
    if (remembered.memory.boot !== undefined) return
    this.#timer = ports.clock.after(ASK_FOR_BOOT_AFTER_MS, () => {
      if (remembered.memory.boot !== undefined) return
      this.#parts.down()?.call(
        {
          action: 'TriggerMessage',
          payloadText: '{"requestedMessage":"BootNotification"}',
          timeoutMs: STATION_TIMEOUT_MS,
        },
        outcome => ports.log.write('info', 'boot-asked-for', { station: stationId, outcome: outcome.kind }),
      )
    })
  }

  stop(): void {
    this.#timer?.cancel()
  }
}
