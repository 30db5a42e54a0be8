/**
 * `secrets.json` in use: the page's users, station passwords, and the first password of `admin`. Loads once; writes
 * when a user is added or a station's password changes. Nothing in here is ever logged.
 */
import { type Fault, parseDocument } from '../core/config/faults.js'
import { type SecretsDocument, secretsSchema } from '../core/config/secrets.js'
import type { StationPasswords } from '../ocpp/edge.js'
import type { Files, Log, Secrets } from '../ports.js'
import type { UserStore } from '../web/site-reader.js'
import { stationPasswords } from './station-passwords.js'

const ADMIN = 'admin'
/** 12 bytes are 96 bits: more than anybody guesses through the login throttle. */
const CODE_BYTES = 12

export interface SecretStore {
  readonly users: UserStore
  passwordOf(stationId: string): Uint8Array | undefined
  readonly passwords: StationPasswords
  /** By the name the configuration uses. */
  named(name: string): string | undefined
  /**
   * Makes sure that somebody can log in. With `password` it becomes the first password of `admin`; without one and
   * without any user a set-up code is made and returned, to be shown once.
   */
  ensureAdmin(password: string | undefined): Promise<string | undefined>
}

/** Rejects when the file cannot be read; the faults when it is not what it should be. */
export async function openSecretStore(ports: {
  readonly files: Files
  readonly secrets: Secrets
  readonly log: Log
}): Promise<
  | { readonly ok: true; readonly value: SecretStore }
  | { readonly ok: false; readonly faults: readonly Fault[] }
> {
  const parsed = parseDocument(secretsSchema, (await ports.files.load('secrets')) ?? {})
  if (!parsed.ok) return parsed
  let document: SecretsDocument = parsed.value
  const addAdmin = async (password: string): Promise<void> => {
    const passwordHash = await ports.secrets.hash(password)
    document = { ...document, users: [...document.users, { name: ADMIN, passwordHash }] }
    await ports.files.save('secrets', document)
  }
  const passwords = stationPasswords(
    {
      read: () => document,
      write: async part => {
        document = { ...document, ...part }
        await ports.files.save('secrets', document)
      },
    },
    ports.log,
  )
  return {
    ok: true,
    value: {
      passwords,
      users: { find: async name => document.users.find(user => user.name === name) },
      passwordOf: passwords.current,
      named: name => ownText(document.named, name),
      ensureAdmin: async password => {
        if (document.users.length > 0) return undefined
        const first = password ?? ports.secrets.token(CODE_BYTES)
        await addAdmin(first)
        return password === undefined ? first : undefined
      },
    },
  }
}

/** An id may be any word, also one that every object has. */
function ownText(texts: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(texts, name) ? texts[name] : undefined
}
