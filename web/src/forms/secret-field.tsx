/** A password that the document only names, or that belongs to a station: set and taken away here, never shown. */
import { useRef, useState } from 'preact/hooks'
import type { SecretNames } from '../account-api.js'
import { config } from '../words/config.js'
import { useForm } from './context.js'

interface Props {
  readonly kind: keyof SecretNames
  readonly name: string
  /** When it is used. */
  readonly note: string
}

export function SecretField({ kind, name, note }: Props) {
  const { readOnly, secrets, setSecret } = useForm()
  const input = useRef<HTMLInputElement>(null)
  const [said, setSaid] = useState('')
  if (secrets === undefined || name === '') return null
  const isSet = secrets[kind].includes(name)
  const act = async (secret: string | undefined) => {
    const wrong = await setSecret(kind, name, secret)
    setSaid(wrong ?? config(secret === undefined ? 'takenAway' : 'secretSet'))
    if (wrong === undefined && input.current !== null) input.current.value = ''
  }
  const id = `secret-${kind}-${name}`
  return (
    <div class="field secret" data-secret={`${kind} ${name}`}>
      <label for={id}>
        {config('passwordIs', { name: kind === 'named' ? `"${name}"` : '' })}{' '}
        <span class="muted">{config(isSet ? 'isSet' : 'isNotSet')}</span>
      </label>
      <input
        id={id}
        ref={input}
        type="password"
        autocomplete="new-password"
        maxLength={4096}
        disabled={readOnly}
      />
      <p class="field-help muted">{config('keptApart', { note })}</p>
      <p>
        <button
          type="button"
          class="action"
          disabled={readOnly}
          onClick={() => {
            const secret = input.current?.value ?? ''
            if (secret === '') setSaid(config('nothingTyped'))
            else act(secret)
          }}
        >
          {config('setIt')}
        </button>{' '}
        {isSet && (
          <button type="button" class="action" disabled={readOnly} onClick={() => act(undefined)}>
            {config('takeAway')}
          </button>
        )}{' '}
        <span role="status">{said}</span>
      </p>
    </div>
  )
}
