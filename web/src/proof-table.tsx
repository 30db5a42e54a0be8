/** The table of single faults: each once, with what it can do to each circuit. */
import type { SiteProof } from './api.js'
import { limitText } from './format.js'
import { FAULTS } from './words/single-faults.js'
import { site } from './words/site.js'

export function ProofTable({ proof }: { proof: Pick<SiteProof, 'singleFaults'> }) {
  return (
    <table class="circuits single-faults">
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
        {proof.singleFaults.map((row, index, all) => (
          <tr key={`${row.fault} ${row.circuitId}`} data-testid="proof-row" data-bounded={row.isBounded}>
            {all[index - 1]?.fault !== row.fault && (
              <th scope="rowgroup" rowSpan={all.filter(({ fault }) => fault === row.fault).length}>
                {FAULTS(row.kind) ?? row.fault}
              </th>
            )}
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
