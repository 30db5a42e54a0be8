/** The one way from the page to Busbar's API. */

/** Undefined when nobody answers. `path` below `api/v1/`. */
export async function ask(path: string, init: RequestInit): Promise<Response | undefined> {
  try {
    return await fetch(`api/v1/${path}`, init)
  } catch (error) {
    // fetch rejects only when there is no answer at all.
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** What stands there; undefined when it cannot be had now. */
export async function read<T>(path: string): Promise<T | undefined> {
  const answer = await ask(path, { headers: { accept: 'application/json' } })
  return answer?.ok ? await answer.json() : undefined
}
