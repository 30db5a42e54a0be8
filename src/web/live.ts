/**
 * The live feed (server-sent events): first the whole site, then at most once a second what changed that can be seen; the
 * time alone only at a heartbeat. One timer serves all readers, and one serialisation, one comparison and one text in bytes those
 * who have seen the same. A slow reader gets fewer, newer events, never a backlog; one that takes nothing for long is dropped.
 * Ends with the session. Knows the site only through SiteReader.
 */
import type { SiteView } from '../core/view/document.js'
import type { Clock } from '../ports.js'
import type { Identity } from './identity.js'
import { patchText, type Snapshot, snapshot, timeText } from './site-patch.js'
import type { SiteReader } from './site-reader.js'

/** Fifty dashboards and some to spare; each costs one socket and one event of memory. */
export const MAX_STREAMS = 64
const PATCH_EVERY_MS = 1000
/** Keeps proxies and the page sure that we live; the session is looked at again at the same time. */
export const HEARTBEAT_MS = 15_000
/** A reader that has taken nothing this long has gone. */
export const STALLED_MS = 30_000

interface Reader {
  readonly controller: ReadableStreamDefaultController<Uint8Array>
  readonly identity: Identity
  sent: Snapshot
  takenMonoMs: number
  checkedMonoMs: number
}

/** All open streams. Holds a timer and a subscription only while there is a reader. */
export class LiveFeed {
  readonly #clock: Clock
  readonly #site: SiteReader
  readonly #readers = new Set<Reader>()
  readonly #encoder = new TextEncoder()
  #stopWatching: (() => void) | undefined
  #changed = false
  #now: Snapshot | undefined
  /** What `#now` is a snapshot of. */
  #view: SiteView | undefined
  /** From each moment that readers have to this one; undefined where nobody could see a difference. */
  readonly #changes = new Map<Snapshot, Uint8Array | undefined>()
  readonly #wholes = new WeakMap<Snapshot, Uint8Array>()
  /** In this tick the first moment that looks like now: all who see the same go on from it. */
  #alike: Snapshot | undefined

  constructor(clock: Clock, site: SiteReader) {
    this.#clock = clock
    this.#site = site
  }

  /** A stream of UTF-8 event text; undefined when there are too many. Ends when `identity` is no longer valid. */
  open(identity: Identity): ReadableStream<Uint8Array> | undefined {
    if (this.#readers.size >= MAX_STREAMS) return undefined
    let reader: Reader | undefined
    return new ReadableStream<Uint8Array>(
      {
        start: controller => {
          const nowMs = this.#clock.monoMs()
          const sent = this.#current()
          reader = { controller, identity, sent, takenMonoMs: nowMs, checkedMonoMs: nowMs }
          this.#readers.add(reader)
          this.#watch()
          reader.controller.enqueue(this.#whole(sent))
        },
        cancel: () => {
          if (reader !== undefined) this.#drop(reader)
        },
      },
      { highWaterMark: 1 },
    )
  }

  /** Ends the streams of one session now. */
  endSession(sessionId: string): void {
    for (const reader of [...this.#readers]) if (reader.identity.sessionId === sessionId) this.#finish(reader)
  }

  endAll(): void {
    for (const reader of [...this.#readers]) this.#finish(reader)
  }

  #watch(): void {
    if (this.#stopWatching !== undefined) return
    let timer = this.#clock.every(PATCH_EVERY_MS, () => this.#tick())
    let isBeside = false
    const unsubscribe = this.#site.onChange(() => {
      this.#changed = true
      if (isBeside) return
      // The site tells of itself between two decisions: no reader is served when the next one is due.
      isBeside = true
      timer.cancel()
      timer = this.#clock.every(PATCH_EVERY_MS, () => this.#tick())
    })
    this.#stopWatching = () => {
      timer.cancel()
      unsubscribe()
    }
  }

  /** Of the site now, never of before: the same one for all who ask until there is another view. */
  #current(): Snapshot {
    const view = this.#site.view()
    if (this.#now === undefined || this.#view !== view) this.#now = snapshot(view)
    this.#view = view
    return this.#now
  }

  #tick(): void {
    if (this.#changed) this.#current()
    this.#changed = false
    this.#changes.clear()
    this.#alike = undefined
    for (const reader of [...this.#readers]) this.#serve(reader)
  }

  #serve(reader: Reader): void {
    const nowMs = this.#clock.monoMs()
    const takes = (reader.controller.desiredSize ?? 0) > 0
    if (!takes && nowMs - reader.takenMonoMs >= STALLED_MS) {
      this.#drop(reader)
      reader.controller.error(new Error('the reader took nothing for too long'))
      return
    }
    if (takes) reader.takenMonoMs = nowMs
    const change = takes && this.#now !== undefined ? this.#change(reader, this.#now) : undefined
    if (change !== undefined) reader.controller.enqueue(change)
    if (nowMs - reader.checkedMonoMs < HEARTBEAT_MS) return
    reader.checkedMonoMs = nowMs
    if (takes && change === undefined) reader.controller.enqueue(this.#beat(reader.sent))
    this.#recheck(reader).catch(() => this.#finish(reader))
  }

  /** What the reader is to be sent, who then has seen it. */
  #change(reader: Reader, now: Snapshot): Uint8Array | undefined {
    const before = reader.sent
    if (before === now) return undefined
    const change = this.#changes.has(before) ? this.#changes.get(before) : this.#compared(before, now)
    this.#changes.set(before, change)
    if (change === undefined) this.#alike ??= before
    reader.sent = change === undefined ? (this.#alike ?? before) : now
    return change
  }

  #compared(before: Snapshot, now: Snapshot): Uint8Array | undefined {
    const patch = patchText(before, now)
    if (patch === undefined) return this.#whole(now)
    return patch === '' ? undefined : this.#event('patch', patch)
  }

  #whole(moment: Snapshot): Uint8Array {
    const known = this.#wholes.get(moment)
    if (known !== undefined) return known
    const whole = this.#event('site', moment.wholeText())
    this.#wholes.set(moment, whole)
    return whole
  }

  #beat(sent: Snapshot): Uint8Array {
    return this.#now === undefined || this.#now === sent
      ? this.#encoder.encode(': alive\n\n')
      : this.#event('patch', timeText(this.#now))
  }

  async #recheck(reader: Reader): Promise<void> {
    if (!(await reader.identity.stillValid())) this.#finish(reader)
  }

  /** JSON has no line breaks of its own, so one data line holds it. */
  #event(event: string, json: string): Uint8Array {
    return this.#encoder.encode(`event: ${event}\ndata: ${json}\n\n`)
  }

  #finish(reader: Reader): void {
    // A reader that has left meanwhile has closed its stream itself.
    if (!this.#readers.has(reader)) return
    this.#drop(reader)
    reader.controller.close()
  }

  #drop(reader: Reader): void {
    this.#readers.delete(reader)
    if (this.#readers.size > 0) return
    this.#stopWatching?.()
    this.#stopWatching = undefined
    this.#now = undefined
    this.#view = undefined
    this.#alike = undefined
    this.#changes.clear()
  }
}
