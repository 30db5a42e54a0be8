/** Pieces that the steps share: a labelled field, a number that may be missing, the configuration that is written. */

import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import {
  type ConfigurationCheck,
  type ConfigurationText,
  checkConfig,
  loadConfig,
  putConfig,
  type Taken,
} from '../config-api.js'
import { Icon } from '../icon.js'
import { expectedText, foundText } from '../words/answer-words.js'
import { setup } from '../words/setup.js'
import { ampsFrom, parsed } from './draft.js'

interface FieldProps {
  readonly id: string
  readonly label: string
  readonly help?: string | undefined
  /** What is wrong with what was typed. */
  readonly fault?: string | undefined
  readonly children: ComponentChildren
}

export function Field({ id, label, help, fault, children }: FieldProps) {
  return (
    <div class={fault === undefined ? 'field' : 'field faulty'}>
      <label for={id}>{label}</label>
      {children}
      {fault !== undefined && (
        <p class="field-fault" role="status">
          <Icon name="alarm" /> {fault}
        </p>
      )}
      {help !== undefined && (
        <p class="field-help muted" id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  )
}

interface AmpsProps {
  readonly id: string
  readonly value: number | undefined
  onValue(value: number | undefined): void
}

/** What is no number is none, and stays as it was typed. */
export function Amps({ id, value, onValue }: AmpsProps) {
  const [typed, setTyped] = useState<string>()
  return (
    <input
      id={id}
      class="number"
      inputMode="decimal"
      value={typed ?? (value === undefined ? '' : String(value))}
      onInput={({ currentTarget }) => {
        setTyped(currentTarget.value)
        onValue(ampsFrom(currentTarget.value))
      }}
      onBlur={() => setTyped(undefined)}
    />
  )
}

interface ChoiceProps {
  readonly id: string
  readonly value: string
  readonly choices: readonly (readonly [value: string, label: string])[]
  onValue(value: string): void
}

export function Choice({ id, value, choices, onValue }: ChoiceProps) {
  return (
    <select id={id} value={value} onChange={({ currentTarget }) => onValue(currentTarget.value)}>
      {choices.map(([one, label]) => (
        <option key={one} value={one}>
          {label}
        </option>
      ))}
    </select>
  )
}

/** The configuration as it is now, changed and written; `change` is told what it has and gives what it shall have. */
export async function writeConfig(
  change: (document: unknown) => object,
): Promise<Taken | { readonly kind: 'refused'; readonly text: string }> {
  const base = await loadConfig()
  if (base === undefined) return { kind: 'refused', text: setup('notSaved') }
  return putConfig(textOf(change(parsed(base.text))), base.tag)
}

export async function judge(change: (document: unknown) => object): Promise<ConfigurationCheck | undefined> {
  const base = await loadConfig()
  const check = base && (await checkConfig(textOf(change(parsed(base.text)))))
  return check === 'forbidden' ? undefined : check
}

export const textOf = (document: object) => `${JSON.stringify(document, undefined, 2)}\n`
export type { ConfigurationText }

/** "circuits[0].id: found …, expected …" */
const faultAt = (fault: ConfigurationCheck['faults'][number]): string =>
  setup('fault', { path: fault.path, found: foundText(fault), expected: expectedText(fault) })

/** Faults, and what would hold if every link were dead. */
export function Judged({ check }: { check: ConfigurationCheck | undefined }) {
  if (check === undefined) return null
  return (
    <>
      {check.faults.length > 0 && (
        <ul class="setup-faults" role="alert" data-testid="setup-faults">
          {check.faults.map(fault => (
            <li key={`${fault.path} ${fault.found}`}>{faultAt(fault)}</li>
          ))}
        </ul>
      )}
      {check.proof !== undefined && (
        <div class="setup-proof" data-testid="setup-proof">
          <h3>{setup('proofHead')}</h3>
          <p class="muted">{setup('proofWhy')}</p>
          <ul>
            {check.proof.circuits.map(({ circuitId, failSafeA, worstOtherLoadA, limitA, holds }) => (
              <li key={circuitId} class={holds ? '' : 'faulty'}>
                {setup('proofLine', {
                  ...{ circuit: circuitId, failSafe: failSafeA, other: worstOtherLoadA, limit: limitA },
                })}
                {': '}
                <b>{setup(holds ? 'holds' : 'doesNotHold')}</b>
              </li>
            ))}
          </ul>
        </div>
      )}
    </>
  )
}

/** What became of a change. */
export function Outcome({ taken }: { taken: Taken | undefined }) {
  if (taken === undefined) return null
  const isBad = taken.kind === 'faulty' || taken.kind === 'refused' || taken.kind === 'changed-meanwhile'
  return (
    <div role={isBad ? 'alert' : 'status'} class={isBad ? 'fault-text' : 'setup-said'}>
      <p>{taken.kind === 'restarts' ? setup('restarting') : taken.text}</p>
      {taken.kind === 'faulty' && (
        <ul class="setup-faults">
          {taken.faults.map(fault => (
            <li key={`${fault.path} ${fault.found}`}>{faultAt(fault)}</li>
          ))}
        </ul>
      )}
    </div>
  )
}
