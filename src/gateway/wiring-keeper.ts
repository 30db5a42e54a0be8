/**
 * Keeps what sessions show of how each connector hangs (core/measuring/wiring-seen.ts): one entry for each configured connector,
 * on disk when it has changed. Only the controller learns; what is not written is learned again.
 */
import type { Controller } from '../core/control/controller.js'
import type { WiringSeen } from '../core/measuring/wiring-seen.js'
import type { Log } from '../ports.js'
import type { ControlStore } from '../store/control-store.js'

export class WiringKeeper {
  readonly #deps: { readonly log: Log; readonly store: ControlStore }
  readonly #kept = new Map<string, WiringSeen>()

  private constructor(deps: { readonly log: Log; readonly store: ControlStore }) {
    this.#deps = deps
  }

  /** The controller is told what was kept of the connectors it has. */
  static async open(deps: {
    readonly log: Log
    readonly store: ControlStore
    readonly controller: Controller
  }): Promise<WiringKeeper> {
    const keeper = new WiringKeeper(deps)
    const known = await deps.store.wiring()
    for (const { key } of deps.controller.state.connectors) {
      const seen = known.get(key)
      if (seen === undefined) continue
      keeper.#kept.set(key, seen)
      deps.controller.knowWiring(key, seen)
    }
    return keeper
  }

  look({ state }: Controller): void {
    for (const [key, { seen }] of state.wiring) {
      if (seen.length === 0 || this.#kept.get(key) === seen) continue
      this.#kept.set(key, seen)
      this.#deps.store
        .keepWiring(key, seen)
        .catch((fault: unknown) =>
          this.#deps.log.write('warn', 'wiring not written', { fault: String(fault) }),
        )
    }
  }
}
