/** Name and password; why it was refused, in words. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { type LoginOutcome, logIn } from './api.js'
import { Wordmark } from './header.js'

const REFUSED: Readonly<Record<Exclude<LoginOutcome, 'ok'>, string>> = {
  wrong: 'Name or password is not right.',
  throttled: 'Too many tries. Wait a minute, then try again.',
  unreachable: 'No connection to Busbar. Check the cable and try again.',
}

export function Login({ onDone }: { onDone(): void }) {
  const form = useRef<HTMLFormElement>(null)
  const password = useRef<HTMLInputElement>(null)
  useEffect(() => password.current?.focus(), [])
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState('')
  const submit = async (event: Event) => {
    event.preventDefault()
    if (form.current === null) return
    const fields = new FormData(form.current)
    setBusy(true)
    const outcome = await logIn(String(fields.get('name')), String(fields.get('password')))
    setBusy(false)
    if (outcome === 'ok') onDone()
    else setRefused(REFUSED[outcome])
  }
  return (
    <main class="login">
      <div class="login-bar" aria-hidden="true" />
      <form ref={form} class="panel" onSubmit={submit} data-testid="login-form">
        <h1>
          <Wordmark />
        </h1>
        <label>
          Name
          <input name="name" autocomplete="username" required defaultValue="admin" />
        </label>
        <label>
          Password
          <input name="password" type="password" autocomplete="current-password" required ref={password} />
        </label>
        <p class="refused" role="alert">
          {refused}
        </p>
        <button type="submit" class="primary" disabled={busy}>
          {busy ? 'Checking…' : 'Log in'}
        </button>
      </form>
    </main>
  )
}
