/** Keys that belong together, lists of members, and kinds of which one is chosen. */

import { Fragment } from 'preact'
import { useState } from 'preact/hooks'
import { Icon } from '../icon.js'
import { faultText } from '../words/answer-words.js'
import { config } from '../words/config.js'
import { Announced } from './announced.js'
import { useForm } from './context.js'
import {
  anotherMember,
  at,
  blank,
  fieldOf,
  helpOf,
  inSentence,
  isWithin,
  labelText,
  membersOf,
  type Path,
  pathText,
  textAt,
  titleOf,
  valueAt,
  valueText,
} from './document.js'
import { type FieldProps, fieldId, ScalarField } from './fields.js'
import { MeterNow } from './meter-now.js'
import { SecretField } from './secret-field.js'

/** From so many on, keys that say nothing fold away. */
const FOLD_FROM = 4

/** Whatever a key holds. */
export function AnyField(props: FieldProps) {
  const field = fieldOf(props.node)
  switch (field.kind) {
    case 'fixed':
      return null
    case 'group':
      return props.required ? <Fieldset {...props} /> : <MayBeThere {...props} />
    case 'members':
      return <Members {...props} of={field.of} />
    case 'switch':
      return <Switched {...props} of={field.of} plain={field.plain} />
    case 'variants':
      return <Variants {...props} kindKey={field.key} variants={field.variants} />
    default:
      return <ScalarField {...props} />
  }
}

/** The keys of one object. `folds`: those that are optional and say nothing wait behind "More". */
export function Fields({ node, path, folds = false }: { node: unknown; path: Path; folds?: boolean }) {
  const { document, faults } = useForm()
  const members = membersOf(node)
  // Once, when it is opened: a field that moves while one types in it loses the cursor.
  const [folded] = useState<ReadonlySet<string>>(() => {
    const silent = members.filter(
      ({ name, required }) => !required && valueAt(document, [...path, name]) === undefined,
    )
    return new Set(folds && silent.length >= FOLD_FROM ? silent.map(({ name }) => name) : [])
  })
  const rest = members.filter(({ name }) => folded.has(name))
  const draw = ({ name, node, required }: (typeof members)[number]) => {
    const named = /Secret$/.test(name) ? textAt(valueAt(document, path), name) : undefined
    return (
      <Fragment key={name}>
        <AnyField name={name} node={node} path={[...path, name]} required={required} />
        {named !== undefined && <SecretField kind="named" name={named} note={config('afterRestart')} />}
      </Fragment>
    )
  }
  const owner =
    path.length === 2 && path[0] === 'stations' ? textAt(valueAt(document, path), 'id') : undefined
  const isWrong = rest.some(({ name }) =>
    faults.some(fault => isWithin(fault.path, pathText([...path, name]))),
  )
  return (
    <>
      <div class="fields">
        {members.filter(({ name }) => !folded.has(name)).map(draw)}
        {owner !== undefined && <SecretField kind="stations" name={owner} note={config('stationSecret')} />}
        {path.length === 2 && path[0] === 'meters' && <MeterNow path={path} />}
        {path.length === 1 && path[0] === 'web' && <Announced />}
      </div>
      {rest.length > 0 && (
        <details class="more" open={isWrong}>
          <summary>
            {config('moreKeys', {
              list: titlesOf(rest),
            })}
          </summary>
          <div class="fields">{rest.map(draw)}</div>
        </details>
      )}
    </>
  )
}

function Fieldset({ name, node, path }: FieldProps) {
  return (
    <fieldset class="wide">
      <legend>{titleOf(name, node)}</legend>
      <OwnFaults path={path} />
      <Fields node={node} path={path} />
    </fieldset>
  )
}

/** A group that may be absent altogether. */
function MayBeThere({ name, node, path, required }: FieldProps) {
  const { document, readOnly, set } = useForm()
  const title = titleOf(name, node)
  if (valueAt(document, path) === undefined && at(node, 'default') === undefined)
    return (
      <p class="wide">
        <button type="button" class="action" disabled={readOnly} onClick={() => set(path, blank(node))}>
          {config('set', { what: title })}
        </button>{' '}
        <span class="muted">{config('noneSet')}</span>
      </p>
    )
  return (
    <div class="wide">
      <Fieldset name={name} node={node} path={path} required={required} />
      {at(node, 'default') === undefined && <Remove what={title} path={path} />}
    </div>
  )
}

function Switched({ name, node, path, of, plain }: FieldProps & { of: unknown; plain: boolean }) {
  const { document, readOnly, set } = useForm()
  const value = valueAt(document, path)
  const title = titleOf(name, node)
  if (typeof value === 'object' && value !== null)
    return (
      <div class="wide">
        <Fieldset name={name} node={{ ...Object(of), title }} path={path} required={false} />
        <Remove what={title} path={path} />
      </div>
    )
  return (
    <div class="wide">
      {plain ? (
        <ScalarField name={name} node={yesNoOf(node)} path={path} required={false} />
      ) : (
        <OwnFaults path={path} />
      )}
      {value !== false && plain && (
        <button type="button" class="action" disabled={readOnly} onClick={() => set(path, {})}>
          {config('moreKeys', { list: titlesOf(membersOf(of)) })}
        </button>
      )}
      {!plain && (
        <>
          <button type="button" class="action" disabled={readOnly} onClick={() => set(path, blank(of))}>
            {config('set', { what: title })}
          </button>{' '}
          <span class="muted">
            {config('none')} {helpOf(node)}
          </span>
        </>
      )}
    </div>
  )
}

/** The same question without its details. */
function yesNoOf(node: unknown): unknown {
  const { anyOf: _, ...rest } = Object(node)
  return { ...rest, type: 'boolean' }
}

function titlesOf(members: ReturnType<typeof membersOf>): string {
  return members.map(({ name, node }) => inSentence(titleOf(name, node))).join(', ')
}

function Variants({
  kindKey,
  variants,
  ...props
}: FieldProps & { kindKey: string; variants: ReadonlyMap<string, unknown> }) {
  const { document, readOnly, set } = useForm()
  const { name, node, path } = props
  const kind = valueAt(document, [...path, kindKey])
  const chosen = variants.get(String(kind))
  const id = fieldId([...path, kindKey])
  return (
    <fieldset class="wide">
      <legend>{titleOf(name, node)}</legend>
      <OwnFaults path={path} />
      <div class="field">
        <label for={id}>{config('kind')}</label>
        <select
          id={id}
          disabled={readOnly}
          value={kind === undefined ? '' : String(kind)}
          onChange={({ currentTarget: { value } }) =>
            set(path, keptKeys(valueAt(document, path), variants.get(value), { [kindKey]: value }))
          }
        >
          {chosen === undefined && (
            <option value={kind === undefined ? '' : String(kind)}>{config('choose')}</option>
          )}
          {[...variants].map(([value, variant]) => (
            <option key={value} value={value}>
              {titleOf(value, at(at(variant, 'properties'), kindKey))}
            </option>
          ))}
        </select>
      </div>
      {chosen !== undefined && <Fields key={String(kind)} node={chosen} path={path} />}
    </fieldset>
  )
}

/** What the other kind has too stays: an address is one for either protocol. */
function keptKeys(value: unknown, variant: unknown, kind: object): unknown {
  const kept = membersOf(variant)
    .map(({ name }) => [name, at(value, name)] as const)
    .filter(([, old]) => old !== undefined)
  return { ...Object.fromEntries(kept), ...kind }
}

export function Members({ name, node, path, of }: FieldProps & { of: unknown }) {
  const { document, readOnly, set } = useForm()
  const found = valueAt(document, path)
  const list: readonly unknown[] = Array.isArray(found) ? found : []
  const [opened, setOpened] = useState<number>()
  const one = titleOf(name, node)
  return (
    <section class="members wide">
      <OwnFaults path={path} />
      {list.length === 0 && <p class="muted">{config('none')}</p>}
      {list.map((member, index) => (
        <Member
          // An id is typed here and its field keeps the cursor; whoever moves up is drawn anew.
          key={`${index} of ${list.length}`}
          member={member}
          node={of}
          path={[...path, index]}
          isOpen={opened === index || list.length === 1}
        />
      ))}
      <button
        type="button"
        class="action"
        disabled={readOnly}
        data-testid={`add-${name}`}
        onClick={() => {
          set([...path, list.length], anotherMember(of, list))
          setOpened(list.length)
        }}
      >
        {list.length === 0 ? config('addTo', { what: inSentence(one) }) : config('addLike')}
      </button>
    </section>
  )
}

function Member({
  member,
  node,
  path,
  isOpen,
}: {
  member: unknown
  node: unknown
  path: Path
  isOpen: boolean
}) {
  const { faults } = useForm()
  const [shown, setShown] = useState(isOpen)
  const place = pathText(path)
  const wrong = faults.filter(fault => isWithin(fault.path, place)).length
  const named = nameOf(member, node)
  return (
    <details
      class={`member${wrong > 0 ? ' faulty' : ''}`}
      open={isOpen}
      onToggle={event => setShown(event.currentTarget.open)}
    >
      <summary data-member={place}>
        <b>{named}</b> <span class="muted">{summaryOf(member, node)}</span>
        {wrong > 0 && (
          <span class="over-text">
            {' '}
            <Icon name="alarm" /> {config('faults', { count: wrong })}
          </span>
        )}
      </summary>
      {shown && (
        <>
          <OwnFaults path={path} />
          <Fields node={node} path={path} folds />
          <Remove what={named} path={path} />
        </>
      )}
    </details>
  )
}

/** "CP-1", "Connector 2", "new". */
function nameOf(member: unknown, node: unknown): string {
  const id = at(member, 'id')
  if (typeof id === 'number') return `${titleOf('id', at(at(node, 'properties'), 'id'))} ${id}`
  return textAt(member, 'id') ?? textAt(member, 'idTag') ?? config('isNew')
}

/** "weg-wemob, feeder-1, Connectors: 2". */
function summaryOf(member: unknown, node: unknown): string {
  const parts = membersOf(node).flatMap(({ name, node: key }) => {
    const value = at(member, name)
    const { kind } = fieldOf(key)
    if (name === 'id' || name === 'idTag' || value === undefined) return []
    if (Array.isArray(value)) return kind === 'members' ? [`${titleOf(name, key)}: ${value.length}`] : []
    const unit = textAt(key, 'unit')
    return typeof value === 'object'
      ? []
      : [valueText(key, value) + (unit === undefined ? '' : ` ${labelText(unit)}`)]
  })
  return parts.slice(0, 4).join(', ')
}

export function Remove({ what, path }: { what: string; path: Path }) {
  const { readOnly, set } = useForm()
  const [asked, setAsked] = useState(false)
  if (readOnly) return null
  return (
    <p class="remove">
      <button
        type="button"
        class="action"
        onBlur={() => setAsked(false)}
        onClick={() => {
          if (asked) set(path, undefined)
          setAsked(!asked)
        }}
      >
        {config(asked ? 'removeSure' : 'remove', { what })}
      </button>
    </p>
  )
}

/** What is wrong with the whole of it. */
export function OwnFaults({ path }: { path: Path }) {
  const wrong = useForm().faults.filter(fault => fault.path === pathText(path))
  return (
    <>
      {wrong.map(fault => (
        <p key={fault.found} class="field-fault wide" data-field-fault={pathText(path)}>
          <Icon name="alarm" /> {faultText(fault)}
        </p>
      ))}
    </>
  )
}
