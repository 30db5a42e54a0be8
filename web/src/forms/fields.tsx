/** One key of the document as a field: label, unit, help, and what is wrong with it beside it. */

import type { ComponentChildren } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { Icon } from '../icon.js'
import { faultText } from '../words/answer-words.js'
import { config } from '../words/config.js'
import { useForm } from './context.js'
import {
  at,
  type Field,
  fieldOf,
  helpOf,
  inOrder,
  labelText,
  numberFrom,
  type Path,
  pathText,
  rangeOf,
  textAt,
  titleOf,
  valueAt,
  valueText,
} from './document.js'

export interface FieldProps {
  readonly name: string
  readonly node: unknown
  readonly path: Path
  readonly required: boolean
}

export function ScalarField(props: FieldProps) {
  const field = fieldOf(props.node)
  return (
    <Labelled {...props}>
      <Input {...props} field={field} />
    </Labelled>
  )
}

export function fieldId(path: Path): string {
  return `field-${pathText(path)}`
}

function Labelled({ name, node, path, required, children }: FieldProps & { children: ComponentChildren }) {
  const { faults } = useForm()
  const id = fieldId(path)
  const wrong = faults.filter(fault => fault.path === pathText(path))
  const unit = textAt(node, 'unit')
  const range = rangeOf(node)
  const about = [helpOf(node), range === '' ? '' : `${range}.`].filter(text => text !== '')
  return (
    <div class={`field${wrong.length > 0 ? ' faulty' : ''}`} data-field={pathText(path)}>
      <label for={id}>
        {titleOf(name, node)}
        {unit !== undefined && <span class="muted"> {config('inUnit', { unit: labelText(unit) })}</span>}
        {required && <span class="muted"> *</span>}
      </label>
      {children}
      {about.length > 0 && (
        <p class="field-help muted" id={`${id}-help`}>
          {about.join(' ')}
        </p>
      )}
      {wrong.map(fault => (
        <p key={fault.found} class="field-fault" id={`${id}-fault`}>
          <Icon name="alarm" /> {faultText(fault)}
        </p>
      ))}
    </div>
  )
}

function Input(props: FieldProps & { field: Field }) {
  const { field, path } = props
  switch (field.kind) {
    case 'number':
      return <NumberInput {...props} />
    case 'choice':
      return <Choice {...props} values={field.values} />
    case 'reference':
      return <Reference {...props} to={field.to} />
    case 'yes-no':
      return field.unset ? <YesNo {...props} /> : <Tick {...props} />
    case 'words':
      return field.values === undefined ? <Words {...props} /> : <Ticks {...props} values={field.values} />
    case 'text':
      return path.at(-1) === 'id' ? <Id {...props} /> : <Text {...props} />
    default:
      return <p class="muted">{config('onlyJson')}</p>
  }
}

/** What is read aloud with a field, and whether it is wrong. */
function useAria({ node, path }: FieldProps) {
  const { faults, readOnly } = useForm()
  const id = fieldId(path)
  const isWrong = faults.some(fault => fault.path === pathText(path))
  const hasHelp = helpOf(node) !== '' || rangeOf(node) !== ''
  const described = [hasHelp && `${id}-help`, isWrong && `${id}-fault`].filter(Boolean).join(' ')
  return {
    id,
    disabled: readOnly,
    'aria-invalid': isWrong,
    ...(described !== '' && { 'aria-describedby': described }),
  }
}

const standing = (node: unknown): string => {
  const value = at(node, 'default')
  return value === undefined || typeof value === 'object' ? '' : valueText(node, value)
}

/** What is typed stays as it was typed until something else changes the value. */
function NumberInput(props: FieldProps) {
  const { document, set } = useForm()
  const value = valueAt(document, props.path)
  const written = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)
  const [typed, setTyped] = useState(written)
  useEffect(() => {
    if (numberFrom(typed) !== value) setTyped(written)
  }, [value])
  return (
    <input
      {...useAria(props)}
      type="text"
      inputMode="decimal"
      autocomplete="off"
      class="number"
      value={typed}
      placeholder={standing(props.node)}
      onInput={event => {
        setTyped(event.currentTarget.value)
        set(props.path, numberFrom(event.currentTarget.value))
      }}
    />
  )
}

function Text(props: FieldProps) {
  const { document, set } = useForm()
  const value = valueAt(document, props.path)
  return (
    <input
      {...useAria(props)}
      type="text"
      autocomplete="off"
      autocapitalize="off"
      spellcheck={false}
      value={value === undefined ? '' : String(value)}
      placeholder={standing(props.node)}
      onInput={({ currentTarget: { value } }) => set(props.path, value === '' ? undefined : value)}
    />
  )
}

/** Taken when it is left: half an id may be that of somebody else. */
function Id(props: FieldProps) {
  const { document, rename } = useForm()
  const value = valueAt(document, props.path)
  return (
    <input
      {...useAria(props)}
      type="text"
      autocomplete="off"
      autocapitalize="off"
      spellcheck={false}
      value={value === undefined ? '' : String(value)}
      onInput={({ currentTarget: { value } }) => rename(props.path, value)}
    />
  )
}

function Choice(props: FieldProps & { values: readonly (string | number)[] }) {
  const { document, set } = useForm()
  const value = valueAt(document, props.path)
  const start = standing(props.node)
  const isOther = value !== undefined && !props.values.some(known => known === value)
  return (
    <select
      {...useAria(props)}
      value={value === undefined ? '' : JSON.stringify(value)}
      onChange={({ currentTarget: { value } }) =>
        set(props.path, value === '' ? undefined : JSON.parse(value))
      }
    >
      {(!props.required || value === undefined) && (
        <option value="">{start === '' ? config('notSet') : config('unlessSet', { value: start })}</option>
      )}
      {isOther && <option value={JSON.stringify(value)}>{JSON.stringify(value)}</option>}
      {props.values.map(known => (
        <option key={known} value={JSON.stringify(known)}>
          {valueText(props.node, known)}
        </option>
      ))}
    </select>
  )
}

function Reference(props: FieldProps & { to: string }) {
  const values = useForm().choices(props.to)
  return <Choice {...props} values={values} />
}

function YesNo(props: FieldProps) {
  const { document, set } = useForm()
  const value = valueAt(document, props.path)
  return (
    <select
      {...useAria(props)}
      value={value === undefined ? '' : String(value)}
      onChange={({ currentTarget: { value } }) =>
        set(props.path, value === '' ? undefined : value === 'true')
      }
    >
      <option value="">{config('notSet')}</option>
      <option value="true">{config('yes')}</option>
      <option value="false">{config('no')}</option>
    </select>
  )
}

function Tick(props: FieldProps) {
  const { document, set } = useForm()
  const start = at(props.node, 'default') === true
  const value = valueAt(document, props.path) ?? start
  return (
    <input
      {...useAria(props)}
      type="checkbox"
      checked={value === true}
      onChange={({ currentTarget: { checked } }) => set(props.path, checked === start ? undefined : checked)}
    />
  )
}

function Ticks(props: FieldProps & { values: readonly string[] }) {
  const { document, readOnly, set } = useForm()
  const found = valueAt(document, props.path)
  const chosen: readonly unknown[] = Array.isArray(found) ? found : []
  return (
    <ul class="ticks" id={fieldId(props.path)}>
      {inOrder(props.node, props.values).map(value => (
        <li key={value}>
          <label>
            <input
              type="checkbox"
              disabled={readOnly}
              checked={chosen.includes(value)}
              onChange={({ currentTarget: { checked } }) => {
                const others = chosen.filter(other => other !== value)
                const next = checked ? [...others, value] : others
                set(props.path, next.length === 0 ? undefined : next)
              }}
            />{' '}
            {valueText(props.node, value)}
          </label>
        </li>
      ))}
    </ul>
  )
}

/** One in a line. */
function Words(props: FieldProps) {
  const { document, set } = useForm()
  const found = valueAt(document, props.path)
  const words: readonly unknown[] = Array.isArray(found) ? found : []
  const [typed, setTyped] = useState(words.join('\n'))
  useEffect(() => {
    if (linesOf(typed).join('\n') !== words.join('\n')) setTyped(words.join('\n'))
  }, [words.join('\n')])
  return (
    <textarea
      {...useAria(props)}
      rows={3}
      spellcheck={false}
      autocapitalize="off"
      placeholder={config('oneInLine')}
      value={typed}
      onInput={({ currentTarget: { value } }) => {
        setTyped(value)
        const lines = linesOf(value)
        set(props.path, lines.length === 0 ? undefined : lines)
      }}
    />
  )
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
}
