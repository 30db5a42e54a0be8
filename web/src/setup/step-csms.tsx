/** Where the CSMS is and whether it answers, or that there is none; then everything so far is written and control begins. */

import { useEffect, useState } from 'preact/hooks'
import type { ConfigurationCheck, Taken } from '../config-api.js'
import { isSetUp } from '../set-up-mode.js'
import { setup } from '../words/setup.js'
import { documentFrom, isCsmsUrl, missingOf } from './draft.js'
import { Field, Judged, judge, Outcome, writeConfig } from './parts.js'
import { type CsmsTested, testCsms } from './setup-api.js'
import type { StepProps } from './wizard.js'

const JUDGE_AFTER_MS = 500

export function StepCsms({ draft, onDraft, site, onWritten }: StepProps) {
  const [as, setAs] = useState(draft.csmsTested?.as ?? 'busbar-test')
  const [password, setPassword] = useState('')
  const [isTesting, setTesting] = useState(false)
  const [refused, setRefused] = useState<string>()
  const { csmsUrl = '', csmsTested } = draft
  const tested = csmsTested?.url === csmsUrl && csmsTested.as === as ? csmsTested : undefined
  const test = async (event: Event) => {
    event.preventDefault()
    setTesting(true)
    const wish = { url: csmsUrl, stationId: as, ...(password !== '' && { password }) }
    const outcome = await testCsms(wish)
    setTesting(false)
    setRefused(typeof outcome === 'string' ? outcome || setup('notSaved') : undefined)
    if (typeof outcome !== 'string') onDraft({ ...draft, csmsTested: { ...outcome, url: csmsUrl, as } })
  }
  return (
    <>
      <label class="setup-tick">
        <input
          type="checkbox"
          checked={draft.noCsms === true}
          onChange={({ currentTarget }) => onDraft({ ...draft, noCsms: currentTarget.checked || undefined })}
        />{' '}
        {setup('noCsms')}
      </label>
      {draft.noCsms !== true && (
        <form class="setup-part" onSubmit={test}>
          <div class="fields">
            <Field
              id="csms-url"
              label={setup('csmsAddress')}
              help={setup('csmsHelp')}
              fault={csmsUrl === '' || isCsmsUrl(csmsUrl) ? undefined : setup('csmsWrong')}
            >
              <input
                id="csms-url"
                value={csmsUrl}
                spellcheck={false}
                placeholder="wss://csms.example.com/ocpp"
                aria-describedby="csms-url-help"
                onInput={({ currentTarget }) => onDraft({ ...draft, csmsUrl: currentTarget.value.trim() })}
              />
            </Field>
            <Field id="csms-as" label={setup('csmsAs')} help={setup('csmsAsHelp')}>
              <input
                id="csms-as"
                value={as}
                spellcheck={false}
                onInput={({ currentTarget }) => setAs(currentTarget.value.trim())}
              />
            </Field>
            <Field id="csms-password" label={setup('csmsPassword')}>
              <input
                id="csms-password"
                type="password"
                autocomplete="off"
                value={password}
                onInput={({ currentTarget }) => {
                  setPassword(currentTarget.value)
                  // What was said of another password is not true of this one.
                  onDraft({ ...draft, csmsTested: undefined })
                }}
              />
            </Field>
          </div>
          <p>
            <button
              type="submit"
              class="action"
              disabled={isTesting || !isCsmsUrl(csmsUrl)}
              data-testid="csms-test"
            >
              {setup('test')}
            </button>{' '}
            <span role="status" data-testid="csms-tested" class={tested?.open === false ? 'fault-text' : ''}>
              {isTesting
                ? setup('testing')
                : (refused ?? (tested === undefined ? setup('untested') : told(tested)))}
            </span>
          </p>
        </form>
      )}
      <Begin draft={draft} onWritten={onWritten} isRunning={isSetUp(site)} />
    </>
  )
}

function told({ open, reason, detail, tookMs }: CsmsTested): string {
  if (open) return setup('csmsOpen', { ms: tookMs })
  const words = setup(
    reason === 'dns'
      ? 'failDns'
      : reason === 'tcp'
        ? 'failTcp'
        : reason?.startsWith('tls') === true
          ? 'failTls'
          : reason === 'timeout'
            ? 'failTimeout'
            : reason === 'unauthorized'
              ? 'fail401'
              : reason === 'forbidden'
                ? 'fail403'
                : reason === 'not-found'
                  ? 'fail404'
                  : reason === 'sub-protocol'
                    ? 'failProtocol'
                    : 'failOther',
  )
  return detail === undefined ? words : `${words} (${detail})`
}

interface BeginProps extends Pick<StepProps, 'draft' | 'onWritten'> {
  readonly isRunning: boolean
}

/** Everything so far, judged as it is typed, and written when the person says so. */
function Begin({ draft, onWritten, isRunning }: BeginProps) {
  const [check, setCheck] = useState<ConfigurationCheck>()
  const [taken, setTaken] = useState<Taken>()
  const webPort = Number(location.port === '' ? (location.protocol === 'https:' ? 443 : 80) : location.port)
  const key = JSON.stringify(draft)
  useEffect(() => {
    let isWanted = true
    const timer = window.setTimeout(async () => {
      const found = await judge(base => documentFrom(JSON.parse(key), base, webPort))
      if (isWanted) setCheck(found)
    }, JUDGE_AFTER_MS)
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [key, webPort])
  const write = async () => {
    const outcome = await writeConfig(base => documentFrom(draft, base, webPort))
    setTaken(outcome)
    if (outcome.kind === 'restarts' || outcome.kind === 'applied' || outcome.kind === 'unchanged') onWritten()
  }
  return (
    <section class="setup-part">
      <Judged check={check} />
      {!isRunning && <p>{setup('beginWhy', { port: '9000' })}</p>}
      <p>
        <button
          type="button"
          class="action primary"
          disabled={
            check === undefined ||
            check.faults.length > 0 ||
            taken?.kind === 'restarts' ||
            // Without a CSMS only where somebody says so.
            missingOf('csms', draft).length > 0
          }
          onClick={write}
          data-testid="begin-control"
        >
          {setup(isRunning ? 'change' : 'begin')}
        </button>
      </p>
      <Outcome taken={taken} />
    </section>
  )
}
