/**
 * Which language the page speaks: the one chosen in this browser, else the first of the browser's that we have, else English.
 * Components that draw themselves anew only when their data changes take it as a key.
 */
import { useEffect, useState } from 'preact/hooks'

export type Language = 'en' | 'de' | 'pt'

export const LANGUAGES: readonly { readonly id: Language; readonly name: string; readonly locale: string }[] =
  [
    { id: 'en', name: 'English', locale: 'en-GB' },
    { id: 'de', name: 'Deutsch', locale: 'de-DE' },
    { id: 'pt', name: 'Português', locale: 'pt-PT' },
  ]

const KEY = 'busbar-language'
const listeners = new Set<(turn: number) => void>()
let turn = 0
let spoken: Language = languageOf(localStorage.getItem(KEY)) ?? fromBrowser()

export function languageOf(text: unknown): Language | undefined {
  return LANGUAGES.find(({ id }) => id === text)?.id
}

function fromBrowser(): Language {
  for (const tag of navigator.languages) {
    const known = languageOf(tag.slice(0, 2).toLowerCase())
    if (known !== undefined) return known
  }
  return 'en'
}

export function language(): Language {
  return spoken
}

/** For numbers and times. */
export function locale(): string {
  return LANGUAGES.find(({ id }) => id === spoken)?.locale ?? 'en-GB'
}

/** Kept in this browser. */
export function setLanguage(next: Language): void {
  spoken = next
  localStorage.setItem(KEY, next)
  showLanguage()
  tellLanguage()
}

/** Whoever shows words draws anew: another language, or more of its words are there. */
export function tellLanguage(): void {
  turn += 1
  for (const listener of listeners) listener(turn)
}

/** What screen readers and hyphenation go by. */
export function showLanguage(): void {
  document.documentElement.lang = spoken
}

/** Draws anew when another one is chosen; the answer is another one each time. */
export function useLanguage(): string {
  const [shown, setShown] = useState(turn)
  useEffect(() => {
    setShown(turn)
    listeners.add(setShown)
    return () => {
      listeners.delete(setShown)
    }
  }, [])
  return `${spoken} ${shown}`
}
