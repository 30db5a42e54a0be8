/** The table of single faults: each once, with what it can do to each circuit. */
import type { SiteProof } from './api.js'
import { limitText } from './format.js'
import { FAULTS } from './words/single-faults.js'
import { site } from './words/site.js'

type Row = SiteProof['singleFaults'][number]

export function ProofTable({ proof }: { proof: Pick<SiteProof, 'singleFaults'> }) {
  return (
    <table class="circuits single-faults">
      <thead>
        <tr>
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
      {byFault(proof.singleFaults).map(([first, rows]) => (
        <tbody key={first.fault} data-testid="proof-fault">
          <tr>
            <th colSpan={4} scope="rowgroup">
              {FAULTS(first.kind) ?? first.fault}
            </th>
          </tr>
          {rows.map(row => (
            <tr key={row.circuitId} data-testid="proof-row" data-bounded={row.isBounded}>
              <td>{row.circuitId}</td>
              <td class={`num${row.isBounded ? '' : ' over-text'}`}>{limitText(row.worstA)} A</td>
              <td class="num">{limitText(row.ratedCurrentA)} A</td>
              <td>{lasts(row)}</td>
            </tr>
          ))}
        </tbody>
      ))}
    </table>
  )
}

/** In the order in which they are told: the head of each, and its circuits. */
function byFault(all: readonly Row[]): readonly (readonly [Row, readonly Row[]])[] {
  const firsts = all.filter(({ fault }, index) => all.findIndex(one => one.fault === fault) === index)
  return firsts.map(first => [first, all.filter(({ fault }) => fault === first.fault)] as const)
}

function lasts({ kind, worstA, ratedCurrentA, overS, untold }: Row): string {
  if (worstA <= ratedCurrentA) return site('never')
  if (untold !== undefined)
    return site('thenUntold', { time: limitText(untold.afterS), amps: limitText(untold.worstA) })
  if (overS !== undefined) return site('secondsAtMost', { time: limitText(overS) })
  return site(kind === 'meter wrong' ? 'untilCarMoves' : 'untilMended')
}
