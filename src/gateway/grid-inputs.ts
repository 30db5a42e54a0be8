/**
 * The contact of a grid operator at a digital input of a Modbus device: read all the time, each change given to the desk at once, and
 * said again while it stays, so that silence of the device is silence of the source (control rule 17). A contact that bounces reduces
 * at once and releases when it is at rest. Must not know what an order does.
 */
import type { GridInputConfig } from '../core/config/grid-control.js'
import type { SiteConfig } from '../core/config/site.js'
import type { OrderDesk } from '../core/control/order-desk.js'
import type { BusLine, Ports, Stoppable, Timer } from '../ports.js'

const TIMEOUT_MS = 1_000

interface InputDeps {
  readonly ports: Pick<Ports, 'bus' | 'clock' | 'log'>
  readonly desk: Pick<OrderDesk, 'grid'>
}

/** The inputs that are configured, until they are stopped. */
export function startGridInputs(deps: InputDeps, { limits }: Pick<SiteConfig, 'limits'>): Stoppable {
  const inputs = limits.gridControls.flatMap(({ id, input }) =>
    input === undefined ? [] : [new GridInput(deps, id, input)],
  )
  return {
    stop: async () => {
      for (const input of inputs) await input.stop()
    },
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
  /** Every good read since then shows it at rest. */
  #atRestSinceMs: number | undefined
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
    this.#turn = this.#read()
      .catch((fault: unknown) => this.#failed(String(fault)))
      .finally(() => {
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
    const isSet = (word & (1 << bit)) !== 0
    const reduced = this.#heard(isSet === (reducedWhen === 'set'))
    if (reduced !== undefined) await this.#say(reduced)
  }

  /** What it says by now; undefined until it has been at rest for long enough after nothing was heard. */
  #heard(isReduced: boolean): boolean | undefined {
    const nowMs = this.#deps.ports.clock.monoMs()
    const { releaseAfterS, silentAfterS } = this.#input
    this.#atRestSinceMs = isReduced ? undefined : (this.#atRestSinceMs ?? nowMs)
    if (isReduced) return true
    if (nowMs - (this.#atRestSinceMs ?? nowMs) >= releaseAfterS * 1000) return false
    const said = this.#said
    return said === undefined || nowMs - said.atMs > silentAfterS * 1000 ? undefined : said.reduced
  }

  /** Said again at half of the time after which it would count as silent. */
  async #say(reduced: boolean): Promise<void> {
    const { ports, desk } = this.#deps
    const { silentAfterS } = this.#input
    const nowMs = ports.clock.monoMs()
    const isSame = this.#said?.reduced === reduced
    if (isSame && nowMs - (this.#said?.atMs ?? 0) < (silentAfterS * 1000) / 2) {
      this.#fault = undefined
      return
    }
    const order = { id: this.#id, reduced, durationS: silentAfterS, dryRun: false }
    const outcome = await desk.grid({ door: 'grid', by: 'input' }, order)
    // What was not taken is said again at the next read.
    if (outcome.kind !== 'done') return this.#failed(outcome.why.error)
    this.#fault = undefined
    this.#said = { reduced, atMs: nowMs }
    if (!isSame)
      ports.log.write('info', 'grid input', { control: this.#id, reduced, words: outcome.done.text })
  }

  /** Once; what follows is said by the silence. */
  #failed(fault: string): void {
    this.#atRestSinceMs = undefined
    if (this.#fault === undefined)
      this.#deps.ports.log.write('warn', 'grid input fails', { control: this.#id, fault })
    this.#fault = fault
  }
}
