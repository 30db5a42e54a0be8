/** Why the configuration was not taken: each fault with its place. Nothing where there is none. */
import type { SiteView } from '../../src/core/view/document.js'

export function SetupFaults({ faults = [] }: { faults?: SiteView['configurationFaults'] }) {
  if (faults.length === 0) return null
  return (
    <section class="panel" aria-label="Faults of the configuration" data-testid="setup-faults">
      <h2>Faults of the configuration</h2>
      <table>
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
              <td>{found}</td>
              <td>{expected}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
