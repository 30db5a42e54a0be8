/** The configuration as forms, one for each part of the document, drawn from its schema. */
import { useEffect, useMemo, useState } from 'preact/hooks'
import { loadSecretNames, type SecretNames, setSecret } from '../account-api.js'
import { type ConfigurationCheck, loadConfigChoices, loadConfigSchema } from '../config-api.js'
import { Icon } from '../icon.js'
import { insist } from '../insist.js'
import { CircuitParts } from './circuit-tree.js'
import { Form, type FormContext } from './context.js'
import {
  at,
  blank,
  fieldOf,
  idsOf,
  isWithin,
  membersOf,
  type Path,
  renamed,
  titleOf,
  valueAt,
  withValue,
} from './document.js'
import { Fields, Members, OwnFaults, Remove } from './groups.js'
import './forms.css'
import { config } from '../words/config.js'

interface Props {
  readonly document: unknown
  readonly part: string
  readonly schema: unknown
  readonly check: ConfigurationCheck | undefined
  readonly readOnly: boolean
  onChange(document: unknown): void
}

export type Choices = Readonly<Record<string, readonly string[]>>

/** The schema and what Busbar knows by name; undefined before they came. */
export function useConfigSchema(): unknown {
  const [schema, setSchema] = useState<unknown>()
  useEffect(() => insist(loadConfigSchema, setSchema), [])
  return schema
}

export function ConfigForms({ document, part, schema, check, readOnly, onChange }: Props) {
  const [known, setKnown] = useState<Choices>({})
  const [secrets, setSecrets] = useState<SecretNames>()
  useEffect(() => {
    loadConfigChoices().then(setKnown)
    return insist(loadSecretNames, setSecrets)
  }, [])
  const faults = check?.faults ?? []
  const form = useMemo((): FormContext => {
    const set = (path: Path, value: unknown) => onChange(withValue(document, path, value))
    return {
      document,
      schema,
      faults,
      readOnly,
      choices: list => known[list] ?? idsOf(valueAt(document, [list])),
      secrets,
      setSecret: async (...wish) => {
        const wrong = await setSecret(...wish)
        setSecrets(await loadSecretNames())
        return wrong
      },
      set,
      rename: (path, id) => {
        const list = String(path[0])
        const before = valueAt(document, path)
        const others = idsOf(valueAt(document, [list]))
        const isOwn = path.length === 3 && typeof before === 'string' && !others.includes(id)
        const base = isOwn ? renamed(document, schema, list, [before, id]) : document
        onChange(withValue(base, path, id === '' ? undefined : id))
      },
    }
  }, [document, schema, faults, readOnly, known, secrets, onChange])
  const node = at(at(schema, 'properties'), part)
  return (
    <Form.Provider value={form}>
      <div class="config-form" key={part} data-testid={`form-${part}`}>
        <Part name={part} node={node} check={check} form={form} />
      </div>
    </Form.Provider>
  )
}

interface PartProps {
  readonly name: string
  readonly node: unknown
  readonly check: ConfigurationCheck | undefined
  readonly form: FormContext
}

function Part({ name, node, check, form }: PartProps) {
  const field = fieldOf(node)
  if (name === 'circuits') return <CircuitParts node={node} sums={check?.proof?.circuits ?? []} />
  if (field.kind === 'members')
    return <Members name={name} node={node} path={[name]} required of={field.of} />
  const isThere = valueAt(form.document, [name]) !== undefined || at(node, 'default') !== undefined
  const required = at(form.schema, 'required')
  if (!isThere && !(Array.isArray(required) && required.includes(name)))
    return (
      <p>
        <button
          type="button"
          class="action"
          disabled={form.readOnly}
          onClick={() => form.set([name], blank(node))}
        >
          {config('setUp', { what: titleOf(name, node) })}
        </button>{' '}
        <span class="muted">{config('thereIsNone')}</span>
      </p>
    )
  return (
    <>
      <OwnFaults path={[name]} />
      <Fields node={node} path={[name]} />
      {at(node, 'default') === undefined && !(Array.isArray(required) && required.includes(name)) && (
        <Remove what={titleOf(name, node)} path={[name]} />
      )}
    </>
  )
}

interface TabsProps {
  readonly schema: unknown
  readonly faults: readonly { readonly path: string }[]
  readonly part: string
  onPart(part: string): void
}

/** The parts as a row of buttons, each with what is wrong in it; the last is the document itself. */
export function PartTabs({ schema, faults, part, onPart }: TabsProps) {
  const parts = membersOf(schema).filter(({ node }) => fieldOf(node).kind !== 'fixed')
  return (
    <nav class="parts" aria-label={config('parts')}>
      {parts.map(({ name, node }) => {
        const wrong = faults.filter(({ path }) => isWithin(path, name)).length
        return (
          <button
            key={name}
            type="button"
            aria-current={part === name}
            data-part={name}
            onClick={() => onPart(name)}
          >
            {titleOf(name, node)}
            {wrong > 0 && (
              <span class="over-text">
                {' '}
                <Icon name="alarm" />
                {wrong}
              </span>
            )}
          </button>
        )
      })}
      <button
        type="button"
        aria-current={part === JSON_PART}
        data-part={JSON_PART}
        onClick={() => onPart(JSON_PART)}
      >
        JSON
      </button>
    </nav>
  )
}

/** The first part that something is wrong in; undefined where that is none of them. */
export function firstFaulty(
  schema: unknown,
  faults: readonly { readonly path: string }[],
): string | undefined {
  return membersOf(schema).find(({ name }) => faults.some(({ path }) => isWithin(path, name)))?.name
}

export const JSON_PART = 'json'

/** Opens what the field lies in and puts the cursor there. */
export function goToField(place: string): void {
  const around = [...document.querySelectorAll<HTMLElement>('[data-member]')].find(
    element => isWithin(place, element.dataset.member ?? '') && !isOpen(element),
  )
  if (around !== undefined) {
    around.click()
    // What it opens is drawn after this.
    setTimeout(() => goToField(place), 50)
    return
  }
  const element = document.querySelector<HTMLElement>(
    `[data-field="${CSS.escape(place)}"] :is(input, select, textarea)`,
  )
  const fold = element?.closest('details')
  if (fold != null) fold.open = true
  element?.focus()
  element?.scrollIntoView({ block: 'center' })
}

function isOpen(element: HTMLElement): boolean {
  const { parentElement } = element
  if (parentElement instanceof HTMLDetailsElement) return parentElement.open
  return element.getAttribute('aria-pressed') === 'true'
}
