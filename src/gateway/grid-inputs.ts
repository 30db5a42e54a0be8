/**
 * The contact of a grid operator at a digital input of a Modbus device: read all the time, each change given to the desk at once, and
 * said again while it stays, so that silence of the device is silence of the source (control rule 17). Must not know what an order does.
 */
import type { GridInputConfig } from '../core/config/grid-control.js'
import type { SiteConfig } from '../core/config/site.js'
import type { OrderDesk } from '../core/control/order-desk.js'
import type { BusLine, Ports, Stoppable, Timer } from '../ports.js'

const TIMEOUT_MS = 1_000

interface InputDeps {
  readonly ports: Pick<Ports, 'bus' | 'clock' | 'log'>
  readonly desk: Pick<OrderDesk, 'grid'>
  config(): SiteConfig
}

export interface GridInputs extends Stoppable {
  /** Reads what is configured now. */
  renew(): Promise<void>
}

export function startGridInputs(deps: InputDeps): GridInputs {
  const begin = (): readonly GridInput[] =>
    deps
      .config()
      .limits.gridControls.flatMap(({ id, input }) =>
        input === undefined ? [] : [new GridInput(deps, id, input)],
      )
  let running = begin()
  const stop = async (): Promise<void> => {
    for (const input of running) await input.stop()
  }
  return {
    renew: async () => {
      await stop()
      running = begin()
    },
    stop,
  }
}

class GridInput implements Stoppable {
  readonly #deps: InputDeps
  readonly #id: string
  readonly #input: GridInputConfig
  readonly #timer: Timer
  #line: BusLine | undefined
  #turn: Promise<void> | undefined
  #stopped = false
  #said: { readonly reduced: boolean; readonly atMs: number } | undefined
  #fault: string | undefined

  constructor(deps: InputDeps, id: string, input: GridInputConfig) {
    this.#deps = deps
    this.#id = id
    this.#input = input
    this.#timer = deps.ports.clock.every(input.pollMs, () => this.#poll())
    this.#poll()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer.cancel()
    this.#line?.close()
    await this.#turn
  }

  /** One read in flight. */
  #poll(): void {
    if (this.#turn !== undefined || this.#stopped) return
    this.#turn = this.#read().finally(() => {
      this.#turn = undefined
    })
  }

  async #read(): Promise<void> {
    const { host, port, unitId, registers, address, bit, reducedWhen } = this.#input
    const { bus } = this.#deps.ports
    if (this.#line === undefined) {
      const opening = await bus.connect({ kind: 'tcp', host, port }, TIMEOUT_MS)
      if (opening.kind === 'failed') return this.#failed(opening.detail)
      if (this.#stopped) return opening.line.close()
      this.#line = opening.line
    }
    const functionCode = registers === 'holding' ? 3 : 4
    const reply = await this.#line.read({ unitId, functionCode, address, count: 1, timeoutMs: TIMEOUT_MS })
    if (this.#stopped) return
    const word = reply.kind === 'words' ? reply.words[0] : undefined
    if (word === undefined) {
      // A late answer would be taken for the next one.
      this.#line.close()
      this.#line = undefined
      return this.#failed(reply.kind === 'exception' ? `exception ${reply.code}` : reply.kind)
    }
    this.#fault = undefined
    const isSet = (word & (1 << bit)) !== 0
    await this.#say(isSet === (reducedWhen === 'set'))
  }

  /** Said again at half of the time after which it would count as silent. */
  async #say(reduced: boolean): Promise<void> {
    const { ports, desk } = this.#deps
    const { silentAfterS } = this.#input
    const nowMs = ports.clock.monoMs()
    const isSame = this.#said?.reduced === reduced
    if (isSame && nowMs - (this.#said?.atMs ?? 0) < (silentAfterS * 1000) / 2) return
    this.#said = { reduced, atMs: nowMs }
    const order = { id: this.#id, reduced, durationS: silentAfterS, dryRun: false }
    const outcome = await desk.grid({ door: 'grid', by: 'input' }, order)
    if (isSame && outcome.kind === 'done') return
    const words = outcome.kind === 'done' ? outcome.done.text : outcome.why.error
    ports.log.write('info', 'grid input', { control: this.#id, reduced, words })
  }

  /** Once; what follows is said by the silence. */
  #failed(fault: string): void {
    if (this.#fault === undefined)
      this.#deps.ports.log.write('warn', 'grid input not read', { control: this.#id, fault })
    this.#fault = fault
  }
}
