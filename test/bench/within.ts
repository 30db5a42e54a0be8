/** A wait with an end: what has not come by then is named, so that a bench fails where it would stand still. */
import { setTimeout as after } from 'node:timers/promises'

/** What `wait` gives; rejects with the name of it after `mostMs`. */
export async function within<T>(mostMs: number, what: string, wait: Promise<T>): Promise<T> {
  const over = new AbortController()
  const late = after(mostMs, undefined, { signal: over.signal }).then(() => {
    throw new Error(`${what} did not come within ${mostMs / 1000} s`)
  })
  try {
    return await Promise.race([wait, late])
  } finally {
    over.abort()
    late.catch(() => undefined)
  }
}
