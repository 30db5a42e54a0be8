/** Who comes in, what the site is called, and whose clock its windows follow. The language stands in the header. */
import { useEffect, useState } from 'preact/hooks'
import { changePassword } from '../account-api.js'
import { Restore } from '../backups.js'
import { when } from '../words/numbers.js'
import { setup } from '../words/setup.js'
import { isSiteId } from './draft.js'
import { Choice, Field } from './parts.js'
import { typedAtLogin } from './typed.js'
import type { StepProps } from './wizard.js'

/** As the server wants it. */
const LEAST_SIGNS = 10

export function StepSite({ site, draft, unfinished, onDraft }: StepProps) {
  const zones = Intl.supportedValuesOf('timeZone')
  const all = zones.includes(draft.timeZone) ? zones : [draft.timeZone, ...zones]
  return (
    <>
      <Password unfinished={unfinished} />
      <div class="fields">
        <Field
          id="setup-site"
          label={setup('siteName')}
          help={setup('siteNameHelp')}
          fault={draft.siteId === '' || isSiteId(draft.siteId) ? undefined : setup('siteNameWrong')}
        >
          <input
            id="setup-site"
            value={draft.siteId}
            maxLength={48}
            spellcheck={false}
            aria-describedby="setup-site-help"
            onInput={({ currentTarget }) => onDraft({ ...draft, siteId: currentTarget.value.trim() })}
          />
        </Field>
        <Field
          id="setup-zone"
          label={setup('timeZone')}
          help={setup('timeThere', { time: timeIn(draft.timeZone) })}
        >
          <Choice
            id="setup-zone"
            value={draft.timeZone}
            choices={all.map(zone => [zone, zone])}
            onValue={timeZone => onDraft({ ...draft, timeZone })}
          />
        </Field>
      </div>
      {site.circuits.length === 0 && (
        <details class="setup-part" data-testid="replaces">
          <summary>{setup('replaces')}</summary>
          <p class="muted">{setup('replacesWhy')}</p>
          <Restore />
        </details>
      )}
    </>
  )
}

function timeIn(timeZone: string): string {
  // As a wall clock there would show it, written as the language writes times.
  return when(new Date(new Date().toLocaleString('en-US', { timeZone })), 'minute')
}

/** What is typed is set when the step is left too: nobody who has typed it twice thinks that it is not. */
function Password({ unfinished }: Pick<StepProps, 'unfinished'>) {
  const [now, setNow] = useState(typedAtLogin() ?? '')
  const [next, setNext] = useState('')
  const [again, setAgain] = useState('')
  const [said, setSaid] = useState<{ readonly isSet: boolean; readonly text: string }>()
  const isKnown = typedAtLogin() !== undefined
  const set = async (): Promise<boolean> => {
    const wrong =
      next.length < LEAST_SIGNS
        ? setup('passwordShort')
        : next !== again
          ? setup('passwordUnlike')
          : await changePassword(now, next)
    setSaid({ isSet: wrong === undefined, text: wrong ?? setup('passwordIsSet') })
    return wrong === undefined
  }
  const isTyped = next !== '' || again !== ''
  useEffect(() => {
    unfinished.current = isTyped && said?.isSet !== true ? set : undefined
    return () => {
      unfinished.current = undefined
    }
  })
  const submit = (event: Event) => {
    event.preventDefault()
    set()
  }
  if (said?.isSet === true)
    return (
      <p class="setup-said" role="status" data-testid="password-set">
        {said.text}
      </p>
    )
  const field = (id: string, label: string, value: string, onValue: (value: string) => void) => (
    <Field id={id} label={label}>
      <input
        id={id}
        type="password"
        value={value}
        autocomplete={id === 'setup-password-now' ? 'current-password' : 'new-password'}
        onInput={({ currentTarget }) => onValue(currentTarget.value)}
      />
    </Field>
  )
  return (
    <form class="setup-part" onSubmit={submit} aria-label={setup('password')}>
      <h3>{setup('password')}</h3>
      <p class="muted">{setup('passwordWhy')}</p>
      <div class="fields">
        {!isKnown && field('setup-password-now', setup('passwordNow'), now, setNow)}
        {field('setup-password', setup('passwordNext'), next, setNext)}
        {field('setup-password-again', setup('passwordAgain'), again, setAgain)}
      </div>
      <p>
        <button type="submit" class="action">
          {setup('passwordSet')}
        </button>{' '}
        {said !== undefined ? (
          <span class="fault-text" role="alert">
            {said.text}
          </span>
        ) : (
          isTyped && <span class="muted">{setup('passwordNotYet')}</span>
        )}
      </p>
    </form>
  )
}
