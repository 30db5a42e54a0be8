/**
 * A key that stands twice in one object of a JSON text: JSON.parse takes the last without a word, so that one of two
 * contradicting limits would hold unseen. The text is known to be valid JSON.
 */

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g

/** Where it stands the second time, as "circuits.0.ratedCurrentA"; undefined when every key is there once. */
export function repeatedKey(text: string): string | undefined {
  const open: { readonly keys: Set<string> | undefined; step: string | number }[] = []
  let expectsKey = false
  for (const [token] of text.matchAll(TOKEN)) {
    const inner = open.at(-1)
    switch (token) {
      case '{':
      case '[':
        open.push({ keys: token === '{' ? new Set() : undefined, step: token === '{' ? '' : 0 })
        expectsKey = token === '{'
        break
      case '}':
      case ']':
        open.pop()
        expectsKey = false
        break
      case ',':
        if (typeof inner?.step === 'number') inner.step++
        expectsKey = inner?.keys !== undefined
        break
      case ':':
        expectsKey = false
        break
      default: {
        if (!expectsKey || inner?.keys === undefined) break
        const key: unknown = JSON.parse(token)
        inner.step = String(key)
        if (inner.keys.has(inner.step)) return open.map(({ step }) => step).join('.')
        inner.keys.add(inner.step)
      }
    }
  }
  return undefined
}
