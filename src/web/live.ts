/**
 * The live feed (server-sent events): first the whole site, then at most once a second what changed. One timer and
 * one serialisation serve all readers. A slow reader gets fewer, newer events, never a backlog; one that takes
 * nothing for long is dropped. Ends with the session. Knows the site only through SiteReader.
 */
import type { Clock, Timer } from '../ports.js'
import type { Identity } from './identity.js'
import { patchText, type Snapshot, snapshot } from './site-patch.js'
import type { SiteReader } from './site-reader.js'

/** Fifty dashboards and some to spare; each costs one socket and one event of memory. */
export const MAX_STREAMS = 64
const PATCH_EVERY_MS = 1000
/** Keeps proxies and the page sure that we live; the session is looked at again at the same time. */
export const HEARTBEAT_MS = 15_000
/** A reader that has taken nothing this long has gone. */
export const STALLED_MS = 30_000

export interface LiveFeed {
  /** A stream of UTF-8 event text; undefined when there are too many. Ends when `identity` is no longer valid. */
  open(identity: Identity): ReadableStream<Uint8Array> | undefined
  /** Ends the streams of one session now. */
  endSession(sessionId: string): void
}

interface Reader {
  readonly controller: ReadableStreamDefaultController<Uint8Array>
  readonly identity: Identity
  sent: Snapshot
  takenMonoMs: number
  checkedMonoMs: number
}

export function createLiveFeed(clock: Clock, site: SiteReader): LiveFeed {
  const readers = new Set<Reader>()
  const encoder = new TextEncoder()
  let timer: Timer | undefined
  let unsubscribe: (() => void) | undefined
  let changed = false
  let now: Snapshot | undefined

  const send = (reader: Reader, text: string) => reader.controller.enqueue(encoder.encode(text))
  const drop = (reader: Reader): void => {
    if (!readers.delete(reader) || readers.size > 0) return
    timer?.cancel()
    unsubscribe?.()
    timer = unsubscribe = now = undefined
  }
  const finish = (reader: Reader): void => {
    // A reader that has left meanwhile has closed its stream itself.
    if (!readers.has(reader)) return
    drop(reader)
    reader.controller.close()
  }
  const recheck = async (reader: Reader): Promise<void> => {
    if (!(await reader.identity.stillValid())) finish(reader)
  }
  const serve = (reader: Reader): void => {
    const nowMs = clock.monoMs()
    if ((reader.controller.desiredSize ?? 0) > 0) {
      reader.takenMonoMs = nowMs
      if (now !== undefined && now !== reader.sent) {
        send(reader, changeText(reader.sent, now))
        reader.sent = now
      }
    } else if (nowMs - reader.takenMonoMs >= STALLED_MS) {
      drop(reader)
      reader.controller.error(new Error('the reader took nothing for too long'))
      return
    }
    if (nowMs - reader.checkedMonoMs < HEARTBEAT_MS) return
    reader.checkedMonoMs = nowMs
    if ((reader.controller.desiredSize ?? 0) > 0) send(reader, ': alive\n\n')
    recheck(reader).catch(() => finish(reader))
  }
  const tick = (): void => {
    if (changed) now = snapshot(site.view())
    changed = false
    for (const reader of [...readers]) serve(reader)
  }
  const watch = (): void => {
    if (timer !== undefined) return
    unsubscribe = site.onChange(() => {
      changed = true
    })
    timer = clock.every(PATCH_EVERY_MS, tick)
  }

  return {
    open(identity) {
      if (readers.size >= MAX_STREAMS) return undefined
      let reader: Reader | undefined
      return new ReadableStream<Uint8Array>(
        {
          start(controller) {
            watch()
            const nowMs = clock.monoMs()
            const sent = snapshot(site.view())
            reader = { controller, identity, sent, takenMonoMs: nowMs, checkedMonoMs: nowMs }
            readers.add(reader)
            send(reader, eventText('site', sent.wholeText))
          },
          cancel() {
            if (reader !== undefined) drop(reader)
          },
        },
        { highWaterMark: 1 },
      )
    },
    endSession(sessionId) {
      for (const reader of [...readers]) if (reader.identity.sessionId === sessionId) finish(reader)
    },
  }
}

function changeText(before: Snapshot, after: Snapshot): string {
  const patch = patchText(before, after)
  return patch === undefined ? eventText('site', after.wholeText) : eventText('patch', patch)
}

/** JSON has no line breaks of its own, so one data line holds it. */
function eventText(event: string, json: string): string {
  return `event: ${event}\ndata: ${json}\n\n`
}
