/**
 * The language chosen in this browser, else the first of the browser's that we have, else English. Components that draw
 * themselves anew only when their data changes take it as a key.
 */
import { useEffect, useState } from 'preact/hooks'
import { type Language, language, languageOf, onWords, speak, tellLanguage } from './language.js'

const KEY = 'busbar-language'

/** Before anything is drawn. */
export function startLanguage(): void {
  speak(languageOf(localStorage.getItem(KEY)) ?? fromBrowser())
  showLanguage()
}

function fromBrowser(): Language {
  for (const tag of navigator.languages) {
    const known = languageOf(tag.slice(0, 2).toLowerCase())
    if (known !== undefined) return known
  }
  return 'en'
}

/** Kept in this browser. */
export function setLanguage(next: Language): void {
  speak(next)
  localStorage.setItem(KEY, next)
  showLanguage()
  tellLanguage()
}

/** What screen readers and hyphenation go by. */
function showLanguage(): void {
  document.documentElement.lang = language()
}

/** Draws anew when another one is chosen; the answer is another one each time. */
export function useLanguage(): string {
  const [turn, setTurn] = useState(0)
  useEffect(() => onWords(setTurn), [])
  return `${language()} ${turn}`
}
