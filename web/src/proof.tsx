/** What one fault at a time can do to this site, as an electrician or an insurer would read it: worst amps, and for how long. */
import { useEffect, useState } from 'preact/hooks'
import { loadProof, type SiteProof } from './api.js'
import { limitText } from './format.js'

export function Proof() {
  const [proof, setProof] = useState<SiteProof>()
  useEffect(() => {
    loadProof().then(setProof)
  }, [])
  if (proof === undefined) return null
  const unbounded = proof.singleFaults.filter(({ isBounded }) => !isBounded).length
  return (
    <section class="panel" aria-label="What one fault can do" data-testid="proof">
      <header class="panel-head">
        <h2>What one fault can do</h2>
        <span class="muted">
          {unbounded === 0 ? 'all inside 1.45 × the rating' : `${unbounded} beyond 1.45 × the rating`}
        </span>
      </header>
      <details>
        <summary>Worst case of each fault on each circuit</summary>
        <ProofTable proof={proof} />
        <p class="muted">
          Bounds by the configuration alone, not a forecast. Busbar lost: every station is at its fail-safe
          after at most {limitText(proof.lostOverLimitS)} s.
        </p>
      </details>
    </section>
  )
}

export function ProofTable({ proof }: { proof: Pick<SiteProof, 'singleFaults'> }) {
  return (
    <table class="circuits">
      <thead>
        <tr>
          <th scope="col">Fault</th>
          <th scope="col">Circuit</th>
          <th scope="col" class="num">
            At most
          </th>
          <th scope="col" class="num">
            Rating
          </th>
          <th scope="col">Above it</th>
        </tr>
      </thead>
      <tbody>
        {proof.singleFaults.map(row => (
          <tr key={`${row.fault} ${row.circuitId}`} data-testid="proof-row" data-bounded={row.isBounded}>
            <th scope="row">{row.fault}</th>
            <td>{row.circuitId}</td>
            <td class={`num${row.isBounded ? '' : ' over-text'}`}>{limitText(row.worstA)} A</td>
            <td class="num">{limitText(row.ratedCurrentA)} A</td>
            <td>{lasts(row)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function lasts({ worstA, ratedCurrentA, overS }: SiteProof['singleFaults'][number]): string {
  if (worstA <= ratedCurrentA) return 'never'
  return overS === undefined ? 'until it is mended' : `${limitText(overS)} s at most`
}
