/** What stands beside the editor: faults with their place, the sums of the proof, the difference, the earlier changes. */

import { useState } from 'preact/hooks'
import { type ConfigurationChange, type ConfigurationCheck, loadConfigSchema } from './config-api.js'
import { METER_EXAMPLE, STATION_EXAMPLE } from './config-start.js'
import { limitText } from './format.js'
import { Icon } from './icon.js'
import { ProofTable } from './proof-table.js'
import { keysOf, type SchemaKey } from './schema-keys.js'
import { TermList } from './term-list.js'
import { faultText } from './words/answer-words.js'
import { config } from './words/config.js'
import { when } from './words/numbers.js'

type Fault = ConfigurationCheck['faults'][number]

interface FaultsProps {
  readonly faults: readonly Fault[]
  readonly more: number
  onPlace(fault: Fault): void
}

export function ConfigFaults({ faults, more, onPlace }: FaultsProps) {
  return (
    <ul class="config-faults" data-testid="config-faults">
      {faults.map(fault => (
        <li key={`${fault.path} ${fault.line} ${fault.column} ${fault.found}`}>
          <Icon name="alarm" />
          <span>
            <b>{fault.path}</b>
            {fault.line !== undefined && (
              <button
                type="button"
                class="link"
                aria-label={config('goTo', { path: fault.path, line: fault.line })}
                onClick={() => onPlace(fault)}
              >
                {config('line', { line: fault.line })}
              </button>
            )}
            <br />
            {faultText(fault)}
          </span>
        </li>
      ))}
      {more > 0 && <li class="muted">{config('andMore', { count: more })}</li>}
    </ul>
  )
}

type Proof = NonNullable<ConfigurationCheck['proof']>
type Sum = Proof['circuits'][number]

/** `before`: of the configuration that is edited. */
export function ConfigProof({ proof, before }: { proof: Proof; before?: Proof | undefined }) {
  return (
    <div data-testid="config-proof">
      <table class="circuits config-proof">
        <thead>
          <tr>
            <th scope="col">{config('circuit')}</th>
            <th scope="col" class="num">
              {config('failSafes')}
            </th>
            <th scope="col" class="num">
              {config('plusOther')}
            </th>
            <th scope="col" class="num">
              {config('ofLimit')}
            </th>
            <th scope="col" class="num">
              {config('left')}
            </th>
          </tr>
        </thead>
        <tbody>
          {proof.circuits.map(sum => (
            <ProofRow
              key={sum.circuitId}
              sum={sum}
              before={before?.circuits.find(old => old.circuitId === sum.circuitId)}
            />
          ))}
        </tbody>
      </table>
      <p class="config-note muted">
        {config('proofNote', {
          time: limitText(proof.lostOverLimitS),
          was:
            before !== undefined && before.lostOverLimitS !== proof.lostOverLimitS
              ? config('wasSeconds', { time: limitText(before.lostOverLimitS) })
              : '',
        })}
      </p>
      <TermList of={['failSafe', 'worstCase', 'limit', 'headroom']} />
      <details>
        <summary>{config('singleFaults')}</summary>
        <ProofTable proof={proof} />
      </details>
    </div>
  )
}

function ProofRow({ sum, before }: { sum: Sum; before: Sum | undefined }) {
  const cell = (amps: (sum: Sum) => number) => (
    <td class="num">
      {limitText(amps(sum))} A
      {before !== undefined && limitText(amps(before)) !== limitText(amps(sum)) && (
        <span class="muted was">{config('was', { amps: limitText(amps(before)) })}</span>
      )}
    </td>
  )
  return (
    <tr class={sum.holds ? '' : 'over-text'} data-circuit={sum.circuitId}>
      <th scope="row">
        <Icon name={sum.holds ? 'ok' : 'alarm'} /> {sum.circuitId}
      </th>
      {cell(({ failSafeA }) => failSafeA)}
      {cell(({ worstOtherLoadA }) => worstOtherLoadA)}
      {cell(({ limitA }) => limitA)}
      {cell(({ limitA, failSafeA, worstOtherLoadA }) => limitA - failSafeA - worstOtherLoadA)}
    </tr>
  )
}

export function Changes({ changes, more }: { changes: ConfigurationCheck['changes']; more: number }) {
  return (
    <ul class="config-changes" data-testid="config-changes">
      {changes.map(({ path, before, after }) => (
        <li key={path}>
          <b>{path}</b> {before !== undefined && <del>{before}</del>}
          {before !== undefined && after !== undefined && ' → '}
          {after !== undefined && <ins>{after}</ins>}
        </li>
      ))}
      {more > 0 && <li class="muted">{config('andMore', { count: more })}</li>}
    </ul>
  )
}

interface HistoryProps {
  readonly history: readonly ConfigurationChange[]
  readonly mayChange: boolean
  onRollBack(number: number): void
}

export function ConfigHistory({ history, mayChange, onRollBack }: HistoryProps) {
  const [asked, setAsked] = useState<number>()
  return (
    <section class="panel" aria-label={config('history')} data-testid="config-history">
      <header class="panel-head">
        <h2>{config('history')}</h2>
        <span class="muted">{config('last50')}</span>
      </header>
      {history.length === 0 && <p class="config-note muted">{config('noneYet')}</p>}
      <ol class="config-history">
        {history.map(({ number, at, by, action, hadBefore, isInFile, changes, moreChanges }) => (
          <li key={number}>
            <p>
              <b>#{number}</b> {when(at, 'moment')}, {by} {config(`did ${action}`)}
              {mayChange &&
                hadBefore &&
                (asked === number ? (
                  <button
                    type="button"
                    class="action"
                    onClick={() => {
                      setAsked(undefined)
                      onRollBack(number)
                    }}
                  >
                    {config('rollBackSure', { number })}
                  </button>
                ) : (
                  <button type="button" class="action" onClick={() => setAsked(number)}>
                    {config('rollBack')}
                  </button>
                ))}
            </p>
            {!isInFile && <p class="muted">{config('notInFile')}</p>}
            <Changes changes={changes} more={moreChanges} />
          </li>
        ))}
      </ol>
    </section>
  )
}

/** Label, unit, range, default and help of every key, from the schema; and what a station and a meter look like. */
export function KeyHelp() {
  const [keys, setKeys] = useState<readonly SchemaKey[]>()
  const load = async () => setKeys(keysOf(await loadConfigSchema()))
  return (
    <section class="panel" aria-label={config('keys')}>
      <details
        class="config-help"
        onToggle={event => event.currentTarget.open && keys === undefined && load()}
      >
        <summary>{config('keysAbout')}</summary>
        <h3>{config('oneOf', { list: 'stations' })}</h3>
        <pre>{STATION_EXAMPLE}</pre>
        <h3>{config('oneOf', { list: 'meters' })}</h3>
        <pre>{METER_EXAMPLE}</pre>
        <dl class="config-keys">
          {keys?.map(({ path, title, about, facts }) => (
            <div key={`${path} ${title}`}>
              <dt>
                <code>{path}</code>
              </dt>
              <dd>
                <b>{title}</b>
                {facts !== '' && <span class="muted"> {facts}</span>} {about}
              </dd>
            </div>
          ))}
        </dl>
      </details>
    </section>
  )
}
