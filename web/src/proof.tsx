/** What one fault at a time can do to this site, as an electrician or an insurer would read it: worst amps, and for how long. */
import { useEffect, useState } from 'preact/hooks'
import { loadProof, type SiteProof } from './api.js'
import { limitText } from './format.js'
import { site } from './words/site.js'

type Table = typeof import('./proof-table.js').ProofTable

/** The table is loaded when somebody opens it. */
export function Proof() {
  const [proof, setProof] = useState<SiteProof>()
  useEffect(() => {
    loadProof().then(setProof)
  }, [])
  const [view, setView] = useState<{ readonly Table: Table }>()
  const load = () => import('./proof-table.js').then(({ ProofTable }) => setView({ Table: ProofTable }))
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
      <details onToggle={event => event.currentTarget.open && load()}>
        <summary>{site('proofAbout')}</summary>
        {view !== undefined && <view.Table proof={proof} />}
        <p class="muted">{site('proofNote', { time: limitText(proof.lostOverLimitS) })}</p>
      </details>
    </section>
  )
}
