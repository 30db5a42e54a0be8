/**
 * The live feed (server-sent events): first the whole site, then at most once a second what changed that can be seen; the
 * time alone only at a heartbeat. One timer, one serialisation and one comparison serve all readers. A slow reader gets fewer, newer events, never a backlog; one that takes
 * nothing for long is dropped. Ends with the session. Knows the site only through SiteReader.
 */
import type { Clock } from '../ports.js'
import type { Identity } from './identity.js'
import { type PatchText, patchText, type Snapshot, snapshot, timeText } from './site-patch.js'
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
  /** From each moment that readers have to this one. */
  readonly #changes = new Map<Snapshot, PatchText>()

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
          const sent = snapshot(this.#site.view())
          reader = { controller, identity, sent, takenMonoMs: nowMs, checkedMonoMs: nowMs }
          this.#readers.add(reader)
          this.#watch()
          this.#send(reader, eventText('site', sent.wholeText()))
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

  #tick(): void {
    if (this.#changed) this.#now = snapshot(this.#site.view())
    this.#changed = false
    this.#changes.clear()
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
    const text = takes && this.#now !== undefined ? this.#changeText(reader.sent, this.#now) : ''
    if (text !== '' && this.#now !== undefined) {
      this.#send(reader, text)
      reader.sent = this.#now
    }
    if (nowMs - reader.checkedMonoMs < HEARTBEAT_MS) return
    reader.checkedMonoMs = nowMs
    if (takes && text === '') this.#send(reader, this.#beatText(reader.sent))
    this.#recheck(reader).catch(() => this.#finish(reader))
  }

  /** Empty where there is nothing to be seen. */
  #changeText(before: Snapshot, now: Snapshot): string {
    if (before === now) return ''
    const patch = this.#changes.has(before) ? this.#changes.get(before) : patchText(before, now)
    this.#changes.set(before, patch)
    if (patch === undefined) return eventText('site', now.wholeText())
    return patch === '' ? '' : eventText('patch', patch)
  }

  #beatText(sent: Snapshot): string {
    return this.#now === undefined || this.#now === sent
      ? ': alive\n\n'
      : eventText('patch', timeText(this.#now))
  }

  async #recheck(reader: Reader): Promise<void> {
    if (!(await reader.identity.stillValid())) this.#finish(reader)
  }

  #send(reader: Reader, text: string): void {
    reader.controller.enqueue(this.#encoder.encode(text))
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
    this.#changes.clear()
  }
}

/** JSON has no line breaks of its own, so one data line holds it. */
function eventText(event: string, json: string): string {
  return `event: ${event}\ndata: ${json}\n\n`
}
