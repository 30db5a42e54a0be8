/** How the one who is logged in wants the page: kept with the user, so that it is so on every machine. */
import type { PageWish } from '../../src/core/config/secrets.js'
import { ask } from './ask.js'
import { setTheme, storedTheme } from './theme.js'
import { setLanguage } from './words/browser-language.js'
import { type Language, language } from './words/language.js'

/** What was chosen since the page was loaded: newer than what is kept. */
let chosen: PageWish = {}
let isIn = false

/** At the login; what was chosen just before it holds, and is kept. */
export async function takeWish(kept: PageWish | undefined): Promise<void> {
  if (isIn) return
  isIn = true
  const wish = { ...kept, ...chosen }
  if (wish.theme !== undefined && wish.theme !== storedTheme()) setTheme(wish.theme)
  if (wish.language !== undefined && wish.language !== language()) await setLanguage(wish.language)
  await keep(chosen)
}

/** Somebody else may log in. */
export function endWish(): void {
  isIn = false
  chosen = {}
}

export async function chooseLanguage(next: Language): Promise<void> {
  // what is kept with the user may come while its words are on their way
  chosen = { ...chosen, language: next }
  await setLanguage(next)
  await choose({ language: language() })
}

export async function chooseTheme(theme: NonNullable<PageWish['theme']>): Promise<void> {
  setTheme(theme)
  await choose({ theme })
}

async function choose(wish: PageWish): Promise<void> {
  chosen = { ...chosen, ...wish }
  if (isIn) await keep(chosen)
}

/** Where it cannot be kept, as in the demo, it holds in this browser alone. */
async function keep(wish: PageWish): Promise<void> {
  if (wish.language === undefined && wish.theme === undefined) return
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  await ask('me/page', { method: 'PUT', headers, body: JSON.stringify(wish) })
}
