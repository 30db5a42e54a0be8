/** The first request for the live feed, sent before the page can draw anything. */

export interface LiveRequest {
  readonly answer: Promise<Response>
  /** Ends it, whether it was answered or not. */
  end(): void
}

let asked: LiveRequest | undefined

export function askLive(): LiveRequest {
  const ending = new AbortController()
  const answer = fetch('api/v1/live', {
    headers: { accept: 'text/event-stream' },
    cache: 'no-store',
    signal: ending.signal,
  })
  // whoever takes it sees how it failed
  answer.catch(() => undefined)
  asked = { answer, end: () => ending.abort() }
  return asked
}

/** The one that is on its way already, once; else a new one. */
export function takeLive(): LiveRequest {
  const taken = asked ?? askLive()
  asked = undefined
  return taken
}
