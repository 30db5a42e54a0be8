/** Which language the page speaks. Knows no browser: what that says and keeps is in `browser-language.ts`. */

export type Language = 'en' | 'de' | 'pt'

export const LANGUAGES: readonly { readonly id: Language; readonly name: string; readonly locale: string }[] =
  [
    { id: 'en', name: 'English', locale: 'en-GB' },
    { id: 'de', name: 'Deutsch', locale: 'de-DE' },
    { id: 'pt', name: 'Português', locale: 'pt-PT' },
  ]

const listeners = new Set<(turn: number) => void>()
let turn = 0
let spoken: Language = 'en'

export function languageOf(text: unknown): Language | undefined {
  return LANGUAGES.find(({ id }) => id === text)?.id
}

export function language(): Language {
  return spoken
}

/** For numbers and times. */
export function locale(): string {
  return LANGUAGES.find(({ id }) => id === spoken)?.locale ?? 'en-GB'
}

/** From now on; nobody is told yet. */
export function speak(next: Language): void {
  spoken = next
}

/** Whoever shows words draws anew: another language, or more of its words are there. */
export function tellLanguage(): void {
  turn += 1
  for (const listener of listeners) listener(turn)
}

/** How often words have changed; another one each time. */
export function wordsTurn(): number {
  return turn
}

/** Told of each such turn, and of the last one at once; ended by what is returned. */
export function onWords(listener: (turn: number) => void): () => void {
  listener(turn)
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
