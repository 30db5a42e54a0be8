/** Backup, restore, diagnostics: what would come of a restore is told before anything is touched. */
import { useRef, useState } from 'preact/hooks'
import { type BackupTold, checkBackup, makeBackup, restoreBackup } from './account-api.js'
import { loadConfig } from './config-api.js'
import { Changes, ConfigFaults, ConfigProof } from './config-parts.js'
import { account } from './words/account.js'
import { when } from './words/numbers.js'

export function Backups() {
  return (
    <section class="panel" aria-label={account('backup')} data-testid="backups">
      <header class="panel-head">
        <h2>{account('backup')}</h2>
        <a href="api/v1/diagnostics" download="busbar-diagnostics.json">
          {account('diagnostics')}
        </a>
      </header>
      <Make />
      <Restore />
    </section>
  )
}

function Make() {
  const [passphrase, setPassphrase] = useState('')
  const [said, setSaid] = useState('')
  const make = async (event: Event) => {
    event.preventDefault()
    const made = await makeBackup(passphrase)
    if (typeof made === 'string') return setSaid(made)
    const link = document.createElement('a')
    link.href = URL.createObjectURL(made)
    link.download = `busbar-backup-${new Date().toISOString().slice(0, 10)}.json`
    link.click()
    URL.revokeObjectURL(link.href)
    setSaid(account(passphrase === '' ? 'savedAlone' : 'savedAll'))
  }
  return (
    <form class="account-form" onSubmit={make} data-testid="make-backup">
      <label>
        {account('passphrase')}
        <input
          type="password"
          autocomplete="new-password"
          minLength={12}
          maxLength={256}
          value={passphrase}
          onInput={event => setPassphrase(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="action">
        {account(passphrase === '' ? 'saveAlone' : 'saveAll')}
      </button>
      <p class="muted">{account('backupNote')}</p>
      <p role="status">{said}</p>
    </form>
  )
}

interface Chosen {
  readonly text: string
  readonly passphrase: string
  readonly told: BackupTold
  readonly tag: string
}

export function Restore() {
  const form = useRef<HTMLFormElement>(null)
  const [chosen, setChosen] = useState<Chosen>()
  const [said, setSaid] = useState('')
  const look = async (event: Event) => {
    event.preventDefault()
    if (form.current === null) return
    const fields = new FormData(form.current)
    const file = fields.get('file')
    const passphrase = String(fields.get('passphrase'))
    setChosen(undefined)
    if (!(file instanceof File) || file.size > 6 * 1024 * 1024) return setSaid(account('tooLarge'))
    const text = await file.text()
    const [told, config] = await Promise.all([checkBackup(text, passphrase), loadConfig()])
    if (typeof told === 'string') return setSaid(told)
    setSaid('')
    setChosen({ text, passphrase, told, tag: config?.tag ?? 'none' })
  }
  const restore = async (password: string) => {
    if (chosen === undefined) return
    const { done, text } = await restoreBackup(chosen.text, { ...chosen, password })
    setSaid(done ? account('loggedOut', { text }) : text)
    if (done) setChosen(undefined)
  }
  return (
    <>
      <form
        ref={form}
        class="account-form"
        onSubmit={look}
        onInput={() => setChosen(undefined)}
        data-testid="restore"
      >
        <label>
          {account('toRestore')}
          <input type="file" name="file" accept=".json" required />
        </label>
        <label>
          {account('itsPassphrase')}
          <input type="password" name="passphrase" autocomplete="off" maxLength={256} />
        </label>
        <button type="submit" class="action">
          {account('look')}
        </button>
        <p role="status" data-testid="restore-said">
          {said}
        </p>
      </form>
      {chosen !== undefined && <Told told={chosen.told} onRestore={restore} />}
    </>
  )
}

function Told({
  told: { content, check },
  onRestore,
}: {
  told: BackupTold
  onRestore(password: string): void
}) {
  const [password, setPassword] = useState('')
  const { users, stationPasswords = 0, namedSecrets = 0, at } = content
  const faults = check.faults.length + check.moreFaults
  return (
    <div data-testid="backup-told">
      <p class="config-note">
        <b>{account('savedAt', { time: when(at, 'moment') })}</b>{' '}
        {users === undefined
          ? account('usersStay')
          : account('usersThen', {
              users: users.join(', '),
              stations: stationPasswords,
              named: namedSecrets,
            })}
      </p>
      {faults > 0 && <ConfigFaults faults={check.faults} more={check.moreFaults} onPlace={() => undefined} />}
      {check.missing.length > 0 && <ConfigFaults faults={check.missing} more={0} onPlace={() => undefined} />}
      {check.changes.length > 0 && <Changes changes={check.changes} more={check.moreChanges} />}
      {check.proof !== undefined && <ConfigProof proof={check.proof} />}
      {faults === 0 && (
        <form
          class="account-form"
          onSubmit={event => {
            event.preventDefault()
            onRestore(password)
          }}
        >
          <label>
            {account('passwordAgain')}
            <input
              type="password"
              name="password"
              autocomplete="current-password"
              required
              value={password}
              onInput={event => setPassword(event.currentTarget.value)}
            />
          </label>
          <button type="submit" class="primary">
            {account('restoreAll')}
          </button>
        </form>
      )}
    </div>
  )
}
