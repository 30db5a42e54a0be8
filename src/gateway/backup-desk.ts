/**
 * Backup and restore. A backup is the configuration and, under a passphrase, users and secrets. A restore is judged by the safety
 * proof of today before anything is touched; then one record is written durably, and the next start, which follows at
 * once, puts everything in its place: cut at any point, all of it holds or nothing of it.
 */
import { type Backup, backupSchema, openPart, restoreSchema } from '../core/config/backup.js'
import { fault, parseDocument } from '../core/config/faults.js'
import { readJson } from '../core/config/json-text.js'
import { type SecretsDocument, secretsSchema } from '../core/config/secrets.js'
import type { Clock, Files, Log, Secrets, Vault } from '../ports.js'
import type { BackupContent, BackupRead, BackupDesk as Desk, RestoreOutcome } from '../web/backup-desk.js'
import type { ConfigurationEdit } from '../web/configuration-desk.js'
import { roleOf } from '../web/roles.js'
import type { ConfigurationDesk } from './configuration-desk.js'
import type { SecretStore } from './secret-store.js'

const RECORD = 'restore'

interface Deps {
  readonly ports: {
    readonly clock: Clock
    readonly files: Files
    readonly secrets: Secrets
    readonly vault: Vault
  }
  readonly desk: ConfigurationDesk
  readonly store: SecretStore
}

export class BackupDesk implements Desk {
  readonly #deps: Deps

  constructor(deps: Deps) {
    this.#deps = deps
  }

  async make(passphrase: string | undefined): Promise<string | undefined> {
    const { ports, desk, store } = this.#deps
    const { document } = await desk.load()
    if (typeof document !== 'object' || document === null) return undefined
    const open = { at: new Date(ports.clock.wallMs()).toISOString(), configuration: { ...document } }
    const context = openPart(open)
    const backup: Backup = {
      busbarBackup: 1,
      ...open,
      digest: ports.secrets.digest(context),
      ...(passphrase !== undefined && {
        sealed: await ports.vault.seal(JSON.stringify(await store.document()), passphrase, context),
      }),
    }
    return `${JSON.stringify(backup, undefined, 2)}\n`
  }

  async check(text: string, passphrase: string | undefined): Promise<BackupRead> {
    const content = await this.#read(text, passphrase)
    if (content.kind !== 'read') return content
    const { at, configuration, secrets } = content
    const check = await this.#deps.desk.check(JSON.stringify(configuration))
    return { kind: 'read', content: contentOf(at, secrets), check }
  }

  async restore(
    text: string,
    passphrase: string | undefined,
    edit: ConfigurationEdit,
  ): Promise<RestoreOutcome> {
    const { ports, desk, store } = this.#deps
    const content = await this.#read(text, passphrase)
    if (content.kind !== 'read') return content
    const { at, configuration, secrets } = content
    const before = await store.document()
    const outcome = await desk.restore(JSON.stringify(configuration), edit, {
      save: document =>
        ports.files.save(RECORD, {
          version: 1,
          configuration: document,
          ...(secrets !== undefined && { secrets }),
        }),
      undo: async () => {
        if (secrets !== undefined) await ports.files.save('secrets', before)
      },
    })
    return { kind: 'judged', content: contentOf(at, secrets), outcome }
  }

  async #read(
    text: string,
    passphrase: string | undefined,
  ): Promise<
    | { kind: 'read'; at: string; configuration: Backup['configuration']; secrets?: SecretsDocument }
    | Exclude<BackupRead, { kind: 'read' }>
  > {
    const { vault, secrets } = this.#deps.ports
    const json = readJson(text)
    if (!json.ok) return { kind: 'unreadable', faults: json.faults }
    const parsed = parseDocument(backupSchema, json.value.document)
    if (!parsed.ok) return { kind: 'unreadable', faults: parsed.faults }
    const { at, configuration, digest, sealed } = parsed.value
    const context = openPart({ at, configuration })
    if (secrets.digest(context) !== digest) {
      return { kind: 'unreadable', faults: [fault('digest', 'saved-content', {})] }
    }
    if (sealed === undefined || passphrase === undefined) return { kind: 'read', at, configuration }
    const opened = await vault.open(sealed, passphrase, context)
    if (opened === undefined) return { kind: 'wrong-passphrase' }
    const inside = readJson(opened)
    const held = inside.ok ? parseDocument(secretsSchema, inside.value.document) : inside
    if (!held.ok) return { kind: 'unreadable', faults: held.faults }
    if (!held.value.users.some(user => roleOf(user) === 'admin')) {
      return { kind: 'unreadable', faults: [fault('sealed.users', 'some-admin', {})] }
    }
    return { kind: 'read', at, configuration, secrets: held.value }
  }
}

function contentOf(at: string, secrets: SecretsDocument | undefined): BackupContent {
  if (secrets === undefined) return { at }
  const names = secrets.users.map(({ name }) => name)
  const passwords = Object.keys(secrets.stations).length
  return { at, users: names, stationPasswords: passwords, namedSecrets: Object.keys(secrets.named).length }
}

/** Puts a restore in its place that was written and not finished. Rejects when the disk fails: then it is still to be done. */
export async function finishRestore(files: Files, log: Log): Promise<void> {
  let found: unknown
  try {
    found = await files.load(RECORD)
  } catch (error) {
    log.write('error', 'restore.damaged', { reason: String(error).slice(0, 200) })
  }
  const parsed = restoreSchema.safeParse(found ?? { version: 1 })
  if (!parsed.success) log.write('error', 'restore.damaged', { reason: 'another content' })
  const { configuration, secrets } = parsed.success ? parsed.data : {}
  if (configuration === undefined) return
  if (secrets !== undefined) await files.save('secrets', secrets)
  await files.save('config', configuration)
  await files.save(RECORD, { version: 1 })
  log.write('warn', 'restore.done', { secrets: secrets !== undefined })
}
