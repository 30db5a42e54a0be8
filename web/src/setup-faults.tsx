/** Why the configuration was not taken: each fault with its place. Nothing where there is none. */
import type { SiteView } from '../../src/core/view/document.js'

export function SetupFaults({ faults = [] }: { faults?: SiteView['configurationFaults'] }) {
  if (faults.length === 0) return null
  return (
    <section class="panel" aria-label="Faults of the configuration" data-testid="setup-faults">
      <header class="panel-head">
        <h2>Faults of the configuration</h2>
      </header>
      <table class="faults">
        <thead>
          <tr>
            <th scope="col">Where</th>
            <th scope="col">Found</th>
            <th scope="col">Expected</th>
          </tr>
        </thead>
        <tbody>
          {faults.map(({ path, found, expected }) => (
            <tr key={`${path} ${found} ${expected}`}>
              <th scope="row">{path}</th>
              <td data-head="found">{found}</td>
              <td data-head="expected">{expected}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
