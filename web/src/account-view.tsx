/** Who I am, who else may come in, and what was changed by whom. What one may not do is not shown. */

import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { Said } from '../../src/core/words/said.js'
import {
  type AuditEntry,
  changePassword,
  loadAudit,
  loadMe,
  loadUsers,
  putUser,
  type Role,
  removeUser,
  type User,
} from './account-api.js'
import { Backups } from './backups.js'
import { CertificatesPanel } from './certificates.js'
import { RestartNow } from './setup/restart.js'
import { AUDIT } from './words/audit.js'
import { codedText } from './words/coded.js'
import './account.css'
import { account } from './words/account.js'
import { when } from './words/numbers.js'

const MIN_PASSWORD = 8
const ROLES: readonly Role[] = ['viewer', 'operator', 'admin']

const roleText = (role: Role): string =>
  account('roleIs', { role: account(role), may: account(`may ${role}`) })

export function AccountView() {
  const [me, setMe] = useState<User>()
  useEffect(() => {
    loadMe().then(setMe)
  }, [])
  if (me === undefined) return <p class="config-note muted">{account('asking')}</p>
  return (
    <div class="account" data-testid="account-view">
      <OwnPassword me={me} />
      {me.role === 'admin' && <Users me={me} />}
      {me.role === 'admin' && <CertificatesPanel />}
      {me.role === 'admin' && <Backups />}
      {me.role === 'admin' && <RestartNow />}
      {me.role === 'admin' && <Audit />}
    </div>
  )
}

function OwnPassword({ me }: { me: User }) {
  const form = useRef<HTMLFormElement>(null)
  const [said, setSaid] = useState('')
  const submit = async (event: Event) => {
    event.preventDefault()
    if (form.current === null) return
    const fields = new FormData(form.current)
    if (fields.get('next') !== fields.get('again')) return setSaid(account('notSame'))
    const wrong = await changePassword(String(fields.get('current')), String(fields.get('next')))
    setSaid(wrong ?? account('changed'))
    if (wrong === undefined) form.current.reset()
  }
  return (
    <section class="panel" aria-label={account('you')}>
      <header class="panel-head">
        <h2>{me.name}</h2>
        <span class="muted">{roleText(me.role)}</span>
      </header>
      <form ref={form} class="account-form" onSubmit={submit} data-testid="own-password">
        <Secret name="current" label={account('current')} autocomplete="current-password" />
        <Secret name="next" label={account('next')} autocomplete="new-password" min={MIN_PASSWORD} />
        <Secret name="again" label={account('again')} autocomplete="new-password" min={MIN_PASSWORD} />
        <button type="submit" class="action">
          {account('change')}
        </button>
        <p role="status">{said}</p>
      </form>
    </section>
  )
}

interface SecretProps {
  readonly name: string
  readonly label: string
  readonly autocomplete: 'current-password' | 'new-password'
  readonly min?: number
}

function Secret({ name, label, autocomplete, min }: SecretProps) {
  return (
    <label>
      {label}
      <input
        name={name}
        type="password"
        autocomplete={autocomplete}
        required
        minLength={min}
        maxLength={128}
      />
    </label>
  )
}

function Users({ me }: { me: User }) {
  const [users, setUsers] = useState<readonly User[]>([])
  const [said, setSaid] = useState('')
  const form = useRef<HTMLFormElement>(null)
  const load = useCallback(async () => setUsers(await loadUsers()), [])
  useEffect(() => {
    load()
  }, [load])
  const act = async (doing: Promise<string | undefined>, done: string) => {
    const wrong = await doing
    setSaid(wrong ?? done)
    await load()
    return wrong === undefined
  }
  const add = async (event: Event) => {
    event.preventDefault()
    if (form.current === null) return
    const fields = new FormData(form.current)
    const name = String(fields.get('user'))
    const role = ROLES.find(known => known === fields.get('role')) ?? 'viewer'
    if (await act(putUser(name, role, String(fields.get('password'))), account('mayLogIn', { name })))
      form.current?.reset()
  }
  return (
    <section class="panel" aria-label={account('users')} data-testid="users">
      <header class="panel-head">
        <h2>{account('users')}</h2>
      </header>
      <ul class="users">
        {users.map(user => (
          <UserRow key={user.name} user={user} isMe={user.name === me.name} onAct={act} />
        ))}
      </ul>
      <form ref={form} class="account-form" onSubmit={add} data-testid="add-user">
        <label>
          {account('name')}
          <input
            name="user"
            autocomplete="off"
            required
            maxLength={64}
            pattern="[A-Za-z0-9][A-Za-z0-9._@\-]*"
          />
        </label>
        <label>
          {account('role')}
          <select name="role">
            {ROLES.map(role => (
              <option key={role} value={role}>
                {account(role)}
              </option>
            ))}
          </select>
        </label>
        <Secret name="password" label={account('first')} autocomplete="new-password" min={MIN_PASSWORD} />
        <button type="submit" class="action">
          {account('add')}
        </button>
        <p role="status" data-testid="users-said">
          {said}
        </p>
      </form>
      <p class="config-note muted">
        {ROLES.map(roleText).join('. ')}. {account('lostAdmin')}{' '}
        <code>node dist/main.js password --data FOLDER</code>
      </p>
    </section>
  )
}

interface UserRowProps {
  readonly user: User
  readonly isMe: boolean
  onAct(doing: Promise<string | undefined>, done: string): Promise<boolean>
}

function UserRow({ user: { name, role }, isMe, onAct }: UserRowProps) {
  const [asked, setAsked] = useState(false)
  return (
    <li data-user={name}>
      <b>{name}</b>
      {isMe && <span class="muted"> {account('isYou')}</span>}
      <select
        aria-label={account('roleOf', { name })}
        value={role}
        onChange={({ currentTarget: { value } }) => {
          const next = ROLES.find(known => known === value)
          if (next !== undefined)
            onAct(putUser(name, next, ''), account('isNow', { name, role: account(next) }))
        }}
      >
        {ROLES.map(known => (
          <option key={known} value={known}>
            {account(known)}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="action"
        onBlur={() => setAsked(false)}
        onClick={() => {
          if (asked) onAct(removeUser(name), account('mayNot', { name }))
          setAsked(!asked)
        }}
      >
        {account(asked ? 'takeOutSure' : 'takeOut', { name })}
      </button>
    </li>
  )
}

/** In the language of the page, where it is no value of somebody else. */
function auditText(text: string, said: Said | undefined): string {
  return said === undefined ? text : codedText(AUDIT, said)
}

function Audit() {
  const [all, setEntries] = useState<readonly AuditEntry[]>()
  const [wanted, setWanted] = useState('')
  const text = wanted.trim().toLowerCase()
  const query = text === '' ? '' : `?find=${encodeURIComponent(text)}`
  const entries = all?.filter(
    ({ by, from, what, before, after, said }) =>
      text === '' ||
      [by, from, what, auditText(what, said?.what), before, after].some(part =>
        part?.toLowerCase().includes(text),
      ),
  )
  const load = async () => setEntries(await loadAudit())
  useEffect(() => {
    load()
  }, [])
  return (
    <section class="panel" aria-label={account('audit')} data-testid="audit">
      <header class="panel-head">
        <h2>{account('audit')}</h2>
        <span class="muted">
          {account('last500')} <a href={`api/v1/audit.csv${query}`}>CSV</a>
        </span>
        <input
          type="search"
          placeholder={account('auditFind')}
          aria-label={account('auditFindLabel')}
          value={wanted}
          onInput={({ currentTarget }) => setWanted(currentTarget.value)}
          data-testid="audit-filter"
        />
        <button type="button" class="action" onClick={load}>
          {account('readAgain')}
        </button>
      </header>
      {entries?.length === 0 && (
        <p class="config-note muted">{account(text === '' ? 'nothingYet' : 'nothingFits')}</p>
      )}
      <ol class="config-history audit">
        {entries?.map(({ at, by, from, what, before, after, said }, index) => (
          <li key={`${at} ${index}`}>
            <p>
              <span class="muted nowrap">{when(at, 'moment')}</span> <b>{by}</b>
              <span class="muted">{account('from', { from })}</span> {auditText(what, said?.what)}
            </p>
            {(before !== undefined || after !== undefined) && (
              <p class="muted">
                {before !== undefined && <del>{auditText(before, said?.before)}</del>}{' '}
                {after !== undefined && <ins>→ {auditText(after, said?.after)}</ins>}
              </p>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}
