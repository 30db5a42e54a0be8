/**
 * Journal and Files of one peer over its disk. What is only written is lost in a power cut; each boot of the peer
 * gets a fresh Journal and Files over what survived.
 */
import type { Blobs, Files, Journal } from '../../ports.js'
import type { SimPeer } from './peer.js'
import { SimBlobs } from './sim-blobs.js'
import { SimDisk } from './sim-disk.js'
import { SimFiles } from './sim-files.js'
import { SimJournal } from './sim-journal.js'

/** How the process ended: after a kill the operating system still has what was written. */
export type Ending = 'killed' | 'dark'

export class SimStorage {
  readonly disk = new SimDisk()
  readonly #blobs = new SimBlobs()
  #journal: SimJournal | undefined

  /** A journal and files for a peer that has just booted. */
  mount(peer: SimPeer): { readonly journal: Journal; readonly files: Files; readonly blobs: Blobs } {
    this.#journal = new SimJournal(this.disk, peer)
    return { journal: this.#journal, files: new SimFiles(this.disk, peer), blobs: this.#blobs }
  }

  /** The peer is gone. `tornFlushOps`: commits of the flush under way that still reached the platter, oldest first. */
  unmount(ending: Ending, tornFlushOps = 0): void {
    const pending = this.#journal?.pending() ?? { flushing: [], waiting: [] }
    const survives =
      ending === 'killed'
        ? [...pending.flushing, ...pending.waiting]
        : pending.flushing.slice(0, tornFlushOps)
    for (const ops of survives) this.disk.burn(ops)
    this.#journal = undefined
  }
}
