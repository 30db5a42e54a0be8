/** The circuits as they hang from one another, drawn while one edits, each filled by what it must carry with every link dead. */
import { useState } from 'preact/hooks'
import type { ConfigurationCheck } from '../config-api.js'
import { limitText } from '../format.js'
import { Icon } from '../icon.js'
import { config } from '../words/config.js'
import { useForm } from './context.js'
import { at, idsOf, isWithin, textAt, valueAt } from './document.js'
import { Fields, OwnFaults, Remove } from './groups.js'

type Sum = NonNullable<ConfigurationCheck['proof']>['circuits'][number]

export function CircuitParts({ node, sums }: { node: unknown; sums: readonly Sum[] }) {
  const { document, readOnly, set } = useForm()
  const found = valueAt(document, ['circuits'])
  const list: readonly unknown[] = Array.isArray(found) ? found : []
  const [picked, setPicked] = useState(0)
  const index = Math.min(picked, list.length - 1)
  const chosen = list[index]
  const id = textAt(chosen, 'id')
  const add = (parent: string | undefined) => {
    const taken = idsOf(list)
    let n = list.length + 1
    while (taken.includes(`circuit-${n}`)) n++
    set(['circuits', list.length], { id: `circuit-${n}`, ...(parent !== undefined && { parent }) })
    setPicked(list.length)
  }
  return (
    <section class="wide">
      <OwnFaults path={['circuits']} />
      <ul class="tree" data-testid="circuit-tree">
        {branches(list).map(branch => (
          <Branch key={branch.index} branch={branch} sums={sums} picked={index} onPick={setPicked} />
        ))}
      </ul>
      <p class="field-help muted">
        {config('deadLinks')} <i class="swatch safe" /> {config('barFailSafes')} <i class="swatch other" />{' '}
        {config('barOther')}
      </p>
      {chosen !== undefined && (
        <fieldset data-testid="circuit-form">
          <legend>{id ?? config('circuitUnnamed')}</legend>
          <OwnFaults path={['circuits', index]} />
          <Fields key={index} node={at(node, 'items')} path={['circuits', index]} />
          {list.length > 1 && <Remove what={id ?? config('circuit')} path={['circuits', index]} />}
        </fieldset>
      )}
      <button
        type="button"
        class="action"
        disabled={readOnly}
        data-testid="add-circuit"
        onClick={() => add(id)}
      >
        {id === undefined ? config('addCircuit') : config('addBelow', { id })}
      </button>
    </section>
  )
}

interface BranchShape {
  readonly index: number
  readonly circuit: unknown
  readonly below: readonly BranchShape[]
}

/** Each circuit once: one that hangs on nothing known, or on itself, stands at the top. */
function branches(list: readonly unknown[]): readonly BranchShape[] {
  const ids = idsOf(list)
  const drawn = new Set<number>()
  const draw = (circuit: unknown, index: number): BranchShape => {
    drawn.add(index)
    const id = textAt(circuit, 'id')
    const below = list.flatMap((child, at) => {
      const isBelow = id !== undefined && textAt(child, 'parent') === id && !drawn.has(at)
      return isBelow ? [draw(child, at)] : []
    })
    return { index, circuit, below }
  }
  const isRoot = (circuit: unknown) => !ids.includes(textAt(circuit, 'parent') ?? '')
  const roots = list.flatMap((circuit, index) => (isRoot(circuit) ? [draw(circuit, index)] : []))
  const lost = list.flatMap((circuit, index) => (drawn.has(index) ? [] : [draw(circuit, index)]))
  return [...roots, ...lost]
}

interface BranchProps {
  readonly branch: BranchShape
  readonly sums: readonly Sum[]
  readonly picked: number
  onPick(index: number): void
}

function Branch({ branch, sums, picked, onPick }: BranchProps) {
  const { document, faults } = useForm()
  const { index, circuit, below } = branch
  const id = textAt(circuit, 'id')
  const rated = at(circuit, 'ratedCurrentA')
  const stations = valueAt(document, ['stations'])
  const hanging = Array.isArray(stations) ? stations.filter(one => at(one, 'circuit') === id).length : 0
  const sum = sums.find(({ circuitId }) => circuitId === id)
  const isWrong = faults.some(fault => isWithin(fault.path, `circuits[${index}]`))
  return (
    <li>
      <button
        type="button"
        class={`branch${isWrong ? ' faulty' : ''}`}
        aria-pressed={picked === index}
        data-circuit={id}
        data-member={`circuits[${index}]`}
        onClick={() => onPick(index)}
      >
        <span class="branch-head">
          <b>
            {isWrong && <Icon name="alarm" />} {id ?? config('unnamed')}
          </b>
          <span class="muted">
            {typeof rated === 'number' ? `${limitText(rated)} A` : config('noRating')}
            {hanging > 0 && ` · ${config('stationsCount', { count: hanging })}`}
          </span>
          {sum !== undefined && (
            <span class={`branch-left${sum.holds ? '' : ' over-text'}`}>{leftText(sum)}</span>
          )}
        </span>
        {sum !== undefined && typeof rated === 'number' && <Bar sum={sum} ratedA={rated} />}
      </button>
      {below.length > 0 && (
        <ul>
          {below.map(child => (
            <Branch key={child.index} branch={child} sums={sums} picked={picked} onPick={onPick} />
          ))}
        </ul>
      )}
    </li>
  )
}

function leftText({ failSafeA, worstOtherLoadA, limitA }: Sum): string {
  const leftA = limitA - failSafeA - worstOtherLoadA
  return leftA < 0
    ? config('tooMuch', { amps: limitText(-leftA) })
    : config('ampsLeft', { amps: limitText(leftA) })
}

function Bar({ sum: { failSafeA, worstOtherLoadA, limitA }, ratedA }: { sum: Sum; ratedA: number }) {
  const fullA = Math.max(ratedA, failSafeA + worstOtherLoadA, 0.001)
  const part = (amps: number) => (100 * Math.max(0, amps)) / fullA
  return (
    <svg class="branch-bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="bar-back" width="100" height="8" />
      <rect class="bar-fill" width={part(failSafeA)} height="8" />
      <rect class="bar-other" x={part(failSafeA)} width={part(worstOtherLoadA)} height="8" />
      <rect class="bar-limit" x={Math.min(99.4, part(limitA))} width="0.6" height="8" />
    </svg>
  )
}
