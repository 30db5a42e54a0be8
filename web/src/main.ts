/** Starts before the page is there that draws: what is asked for here comes while the page is read (`page.tsx`). */
import { askLive } from './live-start.js'
import './style.css'
import { startLanguage } from './words/first-language.js'
import { loadFirstTexts } from './words/first-texts.js'

askLive()
startLanguage()
loadFirstTexts()
