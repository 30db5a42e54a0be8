/** Starts the page. */
import { render } from 'preact'
import { App } from './app.js'
import './style.css'
import { setTheme, storedTheme } from './theme.js'
import { showLanguage } from './words/language.js'

const root = document.getElementById('app')
setTheme(storedTheme())
showLanguage()
if (root !== null) render(<App />, root)
