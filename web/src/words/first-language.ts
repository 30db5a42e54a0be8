/**
 * The language chosen in this browser, else the first of the browser's that we have, else English. Must import no words: they
 * come in the language that is spoken when they are first looked for.
 */
import { type Language, language, languageOf, speak } from './language.js'

const KEY = 'busbar-language'

/** Before any words are looked for. */
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

export function keepLanguage(): void {
  localStorage.setItem(KEY, language())
}

/** What screen readers and hyphenation go by. */
export function showLanguage(): void {
  document.documentElement.lang = language()
}
