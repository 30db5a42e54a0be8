/** What stands beside the editor: faults with their place, the sums of the proof, the difference, the earlier changes. */
import { useState } from 'preact/hooks'
import { type ConfigurationChange, type ConfigurationCheck, loadConfigSchema } from './config-api.js'
import { METER_EXAMPLE, STATION_EXAMPLE } from './config-start.js'
import { limitText } from './format.js'
import { Icon } from './icon.js'
import { ProofTable } from './proof.js'
import { keysOf, type SchemaKey } from './schema-keys.js'

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
                aria-label={`Go to ${fault.path}, line ${fault.line}`}
                onClick={() => onPlace(fault)}
              >
                line {fault.line}
              </button>
            )}
            <br />
            found {fault.found}, expected {fault.expected}
          </span>
        </li>
      ))}
      {more > 0 && <li class="muted">and {more} more</li>}
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
            <th scope="col">Circuit</th>
            <th scope="col" class="num">
              Fail-safes
            </th>
            <th scope="col" class="num">
              + other load
            </th>
            <th scope="col" class="num">
              of limit
            </th>
            <th scope="col" class="num">
              Left
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
        Every link dead, every connector at its fail-safe, worst phase. Busbar lost: every station there after
        at most {limitText(proof.lostOverLimitS)} s
        {before !== undefined &&
          before.lostOverLimitS !== proof.lostOverLimitS &&
          `, was ${limitText(before.lostOverLimitS)} s`}
        .
      </p>
      <details>
        <summary>Worst case of each single fault</summary>
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
        <span class="muted was">was {limitText(amps(before))}</span>
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
      {more > 0 && <li class="muted">and {more} more</li>}
    </ul>
  )
}

interface HistoryProps {
  readonly history: readonly ConfigurationChange[]
  readonly mayChange: boolean
  onRollBack(number: number): void
}

const ACTIONS: Readonly<Record<ConfigurationChange['action'], string>> = {
  changed: 'changed it',
  'rolled back': 'rolled it back',
  restored: 'restored a backup',
  withdrawn: 'put the earlier one back',
}

export function ConfigHistory({ history, mayChange, onRollBack }: HistoryProps) {
  const [asked, setAsked] = useState<number>()
  return (
    <section class="panel" aria-label="Earlier changes" data-testid="config-history">
      <header class="panel-head">
        <h2>Earlier changes</h2>
        <span class="muted">the last 50</span>
      </header>
      {history.length === 0 && <p class="config-note muted">None yet.</p>}
      <ol class="config-history">
        {history.map(({ number, at, by, action, hadBefore, isInFile, changes, moreChanges }) => (
          <li key={number}>
            <p>
              <b>#{number}</b> {new Date(at).toLocaleString('en-GB')}, {by} {ACTIONS[action]}
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
                    Yes, go back to before #{number}
                  </button>
                ) : (
                  <button type="button" class="action" onClick={() => setAsked(number)}>
                    Roll back to before this
                  </button>
                ))}
            </p>
            {!isInFile && (
              <p class="muted">
                The file says something else: edited by hand since, or power was cut as it was written.
              </p>
            )}
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
    <section class="panel" aria-label="What the keys mean">
      <details
        class="config-help"
        onToggle={event => event.currentTarget.open && keys === undefined && load()}
      >
        <summary>What each key means, and examples</summary>
        <h3>One of "stations"</h3>
        <pre>{STATION_EXAMPLE}</pre>
        <h3>One of "meters"</h3>
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
