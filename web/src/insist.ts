/** What a view needs once. Busbar may be restarting just then: it is asked for again until it comes, or the view is closed. */
const AGAIN_MS = 1_000
/** A restart takes a few; what is not there after so many is refused. */
const ATTEMPTS = 20

/** Gives what ends the asking. */
export function insist<T>(load: () => Promise<T | undefined>, take: (found: T) => void): () => void {
  let timer: number | undefined
  let isOver = false
  const ask = async (left: number): Promise<void> => {
    const found = await load()
    if (isOver) return
    if (found !== undefined) take(found)
    else if (left > 1) timer = window.setTimeout(() => ask(left - 1), AGAIN_MS)
  }
  ask(ATTEMPTS)
  return () => {
    isOver = true
    window.clearTimeout(timer)
  }
}
