/** Name and password; why it was refused, in words. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { isSetUp, type LoginOutcome, logIn } from './api.js'
import { Wordmark } from './header.js'
import { LanguageSwitch } from './language-switch.js'
import { rememberTyped } from './setup/typed.js'
import { useLanguage } from './words/browser-language.js'
import { frame } from './words/frame.js'

export function Login({ onDone }: { onDone(): void }) {
  const form = useRef<HTMLFormElement>(null)
  const password = useRef<HTMLInputElement>(null)
  useEffect(() => password.current?.focus(), [])
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<Exclude<LoginOutcome, 'ok'>>()
  const [isNew, setNew] = useState(false)
  useEffect(() => {
    isSetUp().then(isThere => setNew(!isThere))
  }, [])
  useLanguage()
  const submit = async (event: Event) => {
    event.preventDefault()
    if (form.current === null) return
    const fields = new FormData(form.current)
    setBusy(true)
    const outcome = await logIn(String(fields.get('name')), String(fields.get('password')))
    setBusy(false)
    if (outcome === 'ok') rememberTyped(String(fields.get('password')))
    if (outcome === 'ok') onDone()
    else setRefused(outcome)
  }
  return (
    <main class="login">
      <div class="login-bar" aria-hidden="true" />
      <form ref={form} class="panel" onSubmit={submit} data-testid="login-form">
        <h1>
          <Wordmark />
          <LanguageSwitch />
        </h1>
        <label>
          {frame('name')}
          <input name="name" autocomplete="username" required defaultValue="admin" />
        </label>
        <label>
          {frame('password')}
          <input name="password" type="password" autocomplete="current-password" required ref={password} />
        </label>
        {isNew && (
          <p class="muted" data-testid="set-up-code">
            {frame('setUpCode')}
          </p>
        )}
        <p class="refused" role="alert">
          {refused !== undefined && frame(refused)}
        </p>
        <button type="submit" class="primary" disabled={busy}>
          {frame(busy ? 'checking' : 'logIn')}
        </button>
      </form>
    </main>
  )
}
