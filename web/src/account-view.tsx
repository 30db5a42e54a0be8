/** Who I am, who else may come in, and what was changed by whom. What one may not do is not shown. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
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
import './account.css'

const MIN_PASSWORD = 8
const ROLE_TEXTS: Readonly<Record<Role, string>> = {
  viewer: 'sees everything but tags',
  operator: 'runs the site: sessions, tags, isolation, everyday commands',
  admin: 'changes the configuration, users and secrets',
}
const ROLES: readonly Role[] = ['viewer', 'operator', 'admin']

export function AccountView() {
  const [me, setMe] = useState<User>()
  useEffect(() => {
    loadMe().then(setMe)
  }, [])
  if (me === undefined) return <p class="config-note muted">Asking who you are…</p>
  return (
    <div class="account" data-testid="account-view">
      <OwnPassword me={me} />
      {me.role === 'admin' && <Users me={me} />}
      {me.role === 'admin' && <CertificatesPanel />}
      {me.role === 'admin' && <Backups />}
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
    if (fields.get('next') !== fields.get('again')) return setSaid('The two new passwords are not the same.')
    const wrong = await changePassword(String(fields.get('current')), String(fields.get('next')))
    setSaid(wrong ?? 'Changed. Everywhere else you are logged out.')
    if (wrong === undefined) form.current.reset()
  }
  return (
    <section class="panel" aria-label="You">
      <header class="panel-head">
        <h2>{me.name}</h2>
        <span class="muted">
          {me.role}: {ROLE_TEXTS[me.role]}
        </span>
      </header>
      <form ref={form} class="account-form" onSubmit={submit} data-testid="own-password">
        <Secret name="current" label="Present password" autocomplete="current-password" />
        <Secret name="next" label="New password" autocomplete="new-password" min={MIN_PASSWORD} />
        <Secret name="again" label="New password again" autocomplete="new-password" min={MIN_PASSWORD} />
        <button type="submit" class="action">
          Change password
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
    if (await act(putUser(name, role, String(fields.get('password'))), `${name} may log in.`))
      form.current?.reset()
  }
  return (
    <section class="panel" aria-label="Users" data-testid="users">
      <header class="panel-head">
        <h2>Users</h2>
      </header>
      <ul class="users">
        {users.map(user => (
          <UserRow key={user.name} user={user} isMe={user.name === me.name} onAct={act} />
        ))}
      </ul>
      <form ref={form} class="account-form" onSubmit={add} data-testid="add-user">
        <label>
          Name
          <input
            name="user"
            autocomplete="off"
            required
            maxLength={64}
            pattern="[A-Za-z0-9][A-Za-z0-9._@\-]*"
          />
        </label>
        <label>
          Role
          <select name="role">
            {ROLES.map(role => (
              <option key={role} value={role}>
                {role}
              </option>
            ))}
          </select>
        </label>
        <Secret name="password" label="First password" autocomplete="new-password" min={MIN_PASSWORD} />
        <button type="submit" class="action">
          Add, or set anew
        </button>
        <p role="status" data-testid="users-said">
          {said}
        </p>
      </form>
      <p class="config-note muted">
        {ROLES.map(role => `${role}: ${ROLE_TEXTS[role]}`).join('. ')}. Who lost the last admin password makes
        another on the machine: <code>node dist/main.js password --data FOLDER</code>
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
      {isMe && <span class="muted"> you</span>}
      <select
        aria-label={`Role of ${name}`}
        value={role}
        onChange={({ currentTarget: { value } }) => {
          const next = ROLES.find(known => known === value)
          if (next !== undefined) onAct(putUser(name, next, ''), `${name} is ${next} now.`)
        }}
      >
        {ROLES.map(known => (
          <option key={known} value={known}>
            {known}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="action"
        onBlur={() => setAsked(false)}
        onClick={() => {
          if (asked) onAct(removeUser(name), `${name} may not log in any more.`)
          setAsked(!asked)
        }}
      >
        {asked ? `Yes, take ${name} out` : `Take ${name} out`}
      </button>
    </li>
  )
}

function Audit() {
  const [all, setEntries] = useState<readonly AuditEntry[]>()
  const [wanted, setWanted] = useState('')
  const text = wanted.trim().toLowerCase()
  const entries = all?.filter(
    ({ by, from, what, before, after }) =>
      text === '' || [by, from, what, before, after].some(part => part?.toLowerCase().includes(text)),
  )
  const load = async () => setEntries(await loadAudit())
  useEffect(() => {
    load()
  }, [])
  return (
    <section class="panel" aria-label="Who changed what" data-testid="audit">
      <header class="panel-head">
        <h2>Who changed what</h2>
        <span class="muted">
          the last 500 <a href="api/v1/audit.csv">CSV</a>
        </span>
        <input
          type="search"
          placeholder="Find by person, address, what"
          aria-label="Find in what was changed"
          value={wanted}
          onInput={({ currentTarget }) => setWanted(currentTarget.value)}
          data-testid="audit-filter"
        />
        <button type="button" class="action" onClick={load}>
          Read again
        </button>
      </header>
      {entries?.length === 0 && (
        <p class="config-note muted">{text === '' ? 'Nothing yet.' : 'Nothing that fits.'}</p>
      )}
      <ol class="config-history audit">
        {entries?.map(({ at, by, from, what, before, after }, index) => (
          <li key={`${at} ${index}`}>
            <p>
              <span class="muted nowrap">{new Date(at).toLocaleString('en-GB')}</span> <b>{by}</b>
              <span class="muted">from {from}</span> {what}
            </p>
            {(before !== undefined || after !== undefined) && (
              <p class="muted">
                {before !== undefined && <del>{before}</del>} {after !== undefined && <ins>→ {after}</ins>}
              </p>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}
