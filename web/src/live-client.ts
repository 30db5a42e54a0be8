/**
 * Reads the live feed with fetch, not EventSource: that one hides the status, and "not logged in" must be told from
 * "no connection". Reconnects by itself; silence longer than two heartbeats counts as lost.
 */
import type { SiteView } from '../../src/core/view/document.js'
import { takeLive } from './live-start.js'
import type { SitePatch } from './site-state.js'

const SILENCE_MS = 35_000
const RETRY_MS = [500, 1000, 2000, 4000, 8000]

export interface LiveHandlers {
  site(site: SiteView): void
  patch(patch: SitePatch): void
  /** Not logged in, or no longer. The client has stopped. */
  loggedOut(): void
  /** No connection; it goes on trying. */
  lost(): void
}

/** Starts reading; the answer stops it. */
export function readLive(handlers: LiveHandlers): () => void {
  const stop = new AbortController()
  run(handlers, stop.signal)
  return () => stop.abort()
}

async function run(handlers: LiveHandlers, stop: AbortSignal): Promise<void> {
  for (let tries = 0; !stop.aborted; tries++) {
    const outcome = await readOnce(handlers, stop, () => {
      tries = 0
    })
    if (stop.aborted) return
    if (outcome === 'refused') return handlers.loggedOut()
    handlers.lost()
    await pause(RETRY_MS[Math.min(tries, RETRY_MS.length - 1)] ?? 8000)
  }
}

async function readOnce(
  handlers: LiveHandlers,
  stop: AbortSignal,
  good: () => void,
): Promise<'refused' | 'lost'> {
  const request = takeLive()
  let timer = 0
  const heard = () => {
    clearTimeout(timer)
    timer = window.setTimeout(request.end, SILENCE_MS)
  }
  heard()
  stop.addEventListener('abort', request.end)
  if (stop.aborted) request.end()
  try {
    const answer = await request.answer
    if (answer.status === 401) return 'refused'
    if (!answer.ok || answer.body === null) return 'lost'
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader()
    let rest = ''
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return 'lost'
      heard()
      const events = (rest + value).split('\n\n')
      rest = events.pop() ?? ''
      for (const event of events) deliver(event, handlers)
      good()
    }
  } catch {
    // Aborted, cut or never there: all the same to who looks at the page.
    return 'lost'
  } finally {
    clearTimeout(timer)
    stop.removeEventListener('abort', request.end)
    request.end()
  }
}

function deliver(event: string, handlers: LiveHandlers): void {
  const [, kind, data] = /^event: (\w+)\ndata: (.*)$/s.exec(event) ?? []
  if (data === undefined) return
  if (kind === 'site') handlers.site(JSON.parse(data))
  else if (kind === 'patch') handlers.patch(JSON.parse(data))
}

function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
