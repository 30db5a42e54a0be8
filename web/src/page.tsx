/** Draws the page, while the site and the words are on their way. */
import './main.js'
import { render } from 'preact'
import { App } from './app.js'
import { setTheme, storedTheme } from './theme.js'
import { loadForeign } from './words/from-core.js'

const root = document.getElementById('app')
setTheme(storedTheme())
// what it says is asked for already; without it the page speaks English
loadForeign()
  .catch(() => undefined)
  .then(() => {
    if (root !== null) render(<App />, root)
  })
