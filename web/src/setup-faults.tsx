/** Why the configuration was not taken: each fault with its place. Nothing where there is none. */
import { useEffect } from 'preact/hooks'
import type { SiteView } from '../../src/core/view/document.js'
import { expectedText, foundText, loadAnswers } from './words/answer-words.js'
import { tellLanguage } from './words/language.js'
import { site } from './words/site.js'

export function SetupFaults({ faults = [] }: { faults?: SiteView['configurationFaults'] }) {
  useEffect(() => {
    if (faults.length > 0) loadAnswers().then(tellLanguage)
  }, [faults.length])
  if (faults.length === 0) return null
  return (
    <section class="panel" aria-label={site('faultsOf')} data-testid="setup-faults">
      <header class="panel-head">
        <h2>{site('faultsOf')}</h2>
      </header>
      <table class="faults">
        <thead>
          <tr>
            <th scope="col">{site('where')}</th>
            <th scope="col">{site('found')}</th>
            <th scope="col">{site('expected')}</th>
          </tr>
        </thead>
        <tbody>
          {faults.map(fault => (
            <tr key={`${fault.path} ${fault.found} ${fault.expected}`}>
              <th scope="row">{fault.path}</th>
              <td data-head={site('found').toLowerCase()}>{foundText(fault)}</td>
              <td data-head={site('expected').toLowerCase()}>{expectedText(fault)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
