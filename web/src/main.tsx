/** Starts the page. */
import { render } from 'preact'
import { App } from './app.js'
import './style.css'
import { setTheme, storedTheme } from './theme.js'
import { loadForeign } from './words/from-core.js'
import { tellLanguage } from './words/language.js'

const root = document.getElementById('app')
setTheme(storedTheme())
loadForeign().then(tellLanguage)
if (root !== null) render(<App />, root)
