/** What the technical words beside it mean, one line each, one touch away. */
import { termNames, terms, termsHead } from './words/terms.js'

type Term = Parameters<typeof termNames>[0]

export function TermList({ of }: { of: readonly Term[] }) {
  return (
    <details class="terms" data-testid="terms">
      <summary>{termsHead('about')}</summary>
      <dl>
        {of.map(term => (
          <div key={term}>
            <dt>{termNames(term)}</dt>
            <dd>{terms(term)}</dd>
          </div>
        ))}
      </dl>
    </details>
  )
}
