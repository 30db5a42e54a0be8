/** Which language the page speaks, to be chosen before and after the login. */

import { chooseLanguage } from './page-wish.js'
import { useLanguage } from './words/browser-language.js'
import { frame } from './words/frame.js'
import { LANGUAGES, language, languageOf } from './words/language.js'

export function LanguageSwitch() {
  useLanguage()
  return (
    <select
      class="tool language"
      aria-label={frame('language')}
      title={frame('language')}
      value={language()}
      onChange={({ currentTarget: { value } }) => {
        const next = languageOf(value)
        if (next !== undefined) chooseLanguage(next)
      }}
      data-testid="language"
    >
      {LANGUAGES.map(({ id, name }) => (
        // Short, so that it fits on a phone; the same in every language.
        <option key={id} value={id} lang={id} title={name}>
          {id.toUpperCase()}
        </option>
      ))}
    </select>
  )
}
