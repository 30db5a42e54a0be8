/**
 * The page changes its language while it is open. Components that draw themselves anew only when their data changes take the
 * language as a key.
 */
import { useEffect, useState } from 'preact/hooks'
import { loadAnswers } from './answer-words.js'
import { keepLanguage, showLanguage } from './first-language.js'
import { loadForeign } from './from-core.js'
import { type Language, language, onWords, speak, tellLanguage, wordsTurn } from './language.js'
import { loadTexts } from './one-language.js'

/** Kept in this browser. Where its words do not come, as without a network, the page goes on in the one it spoke. */
export async function setLanguage(next: Language): Promise<void> {
  const before = language()
  if (next === before) return
  speak(next)
  showLanguage()
  const came = await Promise.allSettled([loadTexts(), loadForeign(), loadAnswers()])
  if (came.every(({ status }) => status === 'fulfilled')) keepLanguage()
  else {
    speak(before)
    showLanguage()
  }
  tellLanguage()
}

/** Draws anew when another one is chosen; the answer is another one each time. */
export function useLanguage(): string {
  const [turn, setTurn] = useState(wordsTurn)
  useEffect(() => onWords(setTurn), [])
  return `${language()} ${turn}`
}
