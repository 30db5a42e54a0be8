/** What one fault at a time can do to this site, as an electrician or an insurer would read it: worst amps, and for how long. */
import { useEffect, useState } from 'preact/hooks'
import { loadProof, type SiteProof } from './api.js'
import { limitText } from './format.js'
import { site } from './words/site.js'

export function Proof() {
  const [proof, setProof] = useState<SiteProof>()
  useEffect(() => {
    loadProof().then(setProof)
  }, [])
  if (proof === undefined) return null
  const unbounded = proof.singleFaults.filter(({ isBounded }) => !isBounded).length
  return (
    <section class="panel" aria-label={site('proof')} data-testid="proof">
      <header class="panel-head">
        <h2>{site('proof')}</h2>
        <span class="muted">
          {unbounded === 0 ? site('allInside') : site('beyond', { count: unbounded })}
        </span>
      </header>
      <details>
        <summary>{site('proofAbout')}</summary>
        <ProofTable proof={proof} />
        <p class="muted">{site('proofNote', { time: limitText(proof.lostOverLimitS) })}</p>
      </details>
    </section>
  )
}

export function ProofTable({ proof }: { proof: Pick<SiteProof, 'singleFaults'> }) {
  return (
    <table class="circuits">
      <thead>
        <tr>
          <th scope="col">{site('fault')}</th>
          <th scope="col">{site('circuit')}</th>
          <th scope="col" class="num">
            {site('atMost')}
          </th>
          <th scope="col" class="num">
            {site('rating')}
          </th>
          <th scope="col">{site('aboveIt')}</th>
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
  if (worstA <= ratedCurrentA) return site('never')
  return overS === undefined ? site('untilMended') : site('secondsAtMost', { time: limitText(overS) })
}
