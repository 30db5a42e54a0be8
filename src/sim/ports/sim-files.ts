/**
 * The Files over a simulated disk: one save at a time per name, the latest waiting document wins, and each caller is
 * answered when its own or a later one is on the platter.
 */
import type { Files } from '../../ports.js'
import type { SimPeer } from './peer.js'
import type { SimDisk } from './sim-disk.js'
import { digest } from './trace.js'

/** A whole save flushes the file and its folder. */
const FLUSHES_PER_SAVE = 2

interface Caller {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

interface Waiting {
  text: string
  readonly callers: Caller[]
}

export class SimFiles implements Files {
  readonly #disk: SimDisk
  readonly #peer: SimPeer
  /** By name, while a save runs: what waits behind it. */
  readonly #saving = new Map<string, Waiting | undefined>()

  constructor(disk: SimDisk, peer: SimPeer) {
    this.#disk = disk
    this.#peer = peer
  }

  async load(name: string): Promise<unknown> {
    this.#peer.note(`files.load ${name}`)
    const text = this.#disk.fileText(name)
    if (text === undefined) return undefined
    try {
      return JSON.parse(text)
    } catch (error) {
      throw new Error(`${name}.json is no JSON: ${error instanceof Error ? error.message : String(error)}`)
    }
  }

  async text(name: string): Promise<string | undefined> {
    this.#peer.note(`files.text ${name}`)
    return this.#disk.fileText(name)
  }

  save(name: string, document: unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      if (!this.#peer.on) return
      const text = JSON.stringify(document)
      this.#peer.note(`files.save ${name} ${digest(text)}`)
      const caller = { resolve, reject }
      if (!this.#saving.has(name)) {
        this.#write(name, text, [caller])
        return
      }
      const waiting = this.#saving.get(name)
      if (waiting === undefined) this.#saving.set(name, { text, callers: [caller] })
      else {
        waiting.text = text
        waiting.callers.push(caller)
      }
    })
  }

  #write(name: string, text: string, callers: readonly Caller[]): void {
    this.#saving.set(name, undefined)
    this.#peer.clock.after(FLUSHES_PER_SAVE * this.#disk.fsyncMs, () => {
      const failure = this.#disk.failure()
      this.#peer.note(`files.saved ${name} ${failure === undefined ? 'ok' : 'failed'}`)
      if (failure === undefined) this.#disk.putFile(name, text)
      const next = this.#saving.get(name)
      if (next === undefined) this.#saving.delete(name)
      else this.#write(name, next.text, next.callers)
      for (const caller of callers) {
        if (failure === undefined) caller.resolve()
        else caller.reject(failure)
      }
    })
  }
}
