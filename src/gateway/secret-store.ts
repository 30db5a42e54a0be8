/**
 * `secrets.json` in use: the page's users, station passwords, secrets of links. Whoever looks for a user sees what the
 * file says now, for a command on the console may have changed it. Nothing in here is ever logged.
 */
import { type Fault, parseDocument } from '../core/config/faults.js'
import { type PageWish, type Role, type SecretsDocument, secretsSchema } from '../core/config/secrets.js'
import type { StationPasswords } from '../ocpp/edge.js'
import type { Clock, Files, Log, Secrets } from '../ports.js'
import { roleOf } from '../web/roles.js'
import type { UserStore } from '../web/site-reader.js'
import type { UserDesk } from '../web/user-routes.js'
import { type PasswordPart, stationPasswords } from './station-passwords.js'

const ADMIN = 'admin'
/** 12 bytes are 96 bits: more than anybody guesses through the login throttle. */
const CODE_BYTES = 12
/** More people never run one cabinet. */
const MAX_USERS = 50
/** Above what the largest site has stations. */
const MAX_SECRETS = 2_000
const FILE = 'secrets'
const NONE: SecretsDocument = { users: [], stations: {}, changing: {}, upstream: {}, named: {} }

interface Ports {
  readonly files: Files
  readonly secrets: Secrets
  readonly log: Log
}

export type SecretStoreOpened =
  | { readonly ok: true; readonly value: SecretStore }
  | { readonly ok: false; readonly faults: readonly Fault[] }

/** Rejects when the file cannot be read; the faults when it is not what it should be. */
export async function openSecretStore(ports: Ports): Promise<SecretStoreOpened> {
  const parsed = parseDocument(secretsSchema, (await ports.files.load(FILE)) ?? {})
  return parsed.ok ? { ok: true, value: new SecretStore(ports, parsed.value) } : parsed
}

/**
 * For a Busbar that runs, which controls and passes messages on whatever this file is: one that cannot be read is `lost()`,
 * says nobody's password, and is written over by nobody here. It is read again each minute.
 */
export async function openSecretsOrNone(
  ports: Ports & { readonly clock: Pick<Clock, 'eachMinute'> },
): Promise<SecretStore> {
  const opened = await openSecretStore(ports).catch((error: unknown) => {
    return error instanceof Error ? error.message : String(error)
  })
  if (typeof opened !== 'string' && opened.ok) return opened.value
  const reason =
    typeof opened === 'string' ? opened : `faulty at ${opened.faults[0]?.path ?? 'its beginning'}`
  ports.log.write('error', 'secrets-lost', { reason })
  const store = new SecretStore(ports, NONE, reason)
  const again = ports.clock.eachMinute(() => {
    store.document().then(
      () => {
        if (store.lost() === undefined) again.cancel()
      },
      () => undefined,
    )
  })
  return store
}

export class SecretStore implements UserDesk {
  readonly #ports: Ports
  #document: SecretsDocument
  /** Of the file, as it was read last. */
  #text: string | undefined
  #lost: string | undefined
  #tail: Promise<unknown> = Promise.resolve()
  readonly users: UserStore = {
    find: async name => (await this.#now()).users.find(user => user.name === name),
  }

  readonly passwords: StationPasswords

  constructor(ports: Ports, document: SecretsDocument, lost?: string) {
    this.#ports = ports
    this.#document = document
    this.#lost = lost
    const store = { read: () => this.#document, write: (part: PasswordPart) => this.#setPasswords(part) }
    this.passwords = stationPasswords(store, ports.log)
  }

  /** Why nothing of the file is known. */
  lost(): string | undefined {
    return this.#lost
  }

  /** Raw bytes. */
  passwordOf(stationId: string): Uint8Array | undefined {
    return this.passwords.current(stationId)
  }

  /** By the name the configuration uses. */
  named(name: string): string | undefined {
    return ownText(this.#document.named, name)
  }

  /**
   * Makes sure that somebody can log in. With `password` it becomes the first password of `admin`; without one and
   * without any user a set-up code is made and returned, to be shown once.
   */
  async ensureAdmin(password: string | undefined): Promise<string | undefined> {
    if ((await this.#now()).users.length > 0 || this.#lost !== undefined) return undefined
    const code = await this.newCode(ADMIN, password)
    return password === undefined ? code : undefined
  }

  /** Another password for somebody who lost theirs, or the first of a new admin; returned to be shown once. */
  async newCode(name: string, password?: string): Promise<string> {
    const code = password ?? this.#ports.secrets.token(CODE_BYTES)
    const passwordHash = await this.#ports.secrets.hash(code)
    return this.#change(document => {
      const known = document.users.find(user => user.name === name)
      const role = known === undefined ? ADMIN : roleOf(known)
      return [code, withUser(document, { ...known, name, passwordHash, role })]
    })
  }

  async list() {
    return (await this.#now()).users.map(user => ({ name: user.name, role: roleOf(user) }))
  }

  async set(
    name: string,
    { role, password }: { readonly role: Role; readonly password?: string | undefined },
  ) {
    const passwordHash = password === undefined ? undefined : await this.#ports.secrets.hash(password)
    return this.#change<{ readonly before?: Role } | 'last-admin' | 'no-password' | 'too-many'>(document => {
      const known = document.users.find(user => user.name === name)
      const hash = passwordHash ?? known?.passwordHash
      if (hash === undefined) return ['no-password']
      if (known === undefined && document.users.length >= MAX_USERS) return ['too-many']
      if (role !== ADMIN && isLastAdmin(document, name)) return ['last-admin']
      const next = withUser(document, { ...known, name, passwordHash: hash, role })
      return [known === undefined ? {} : { before: roleOf(known) }, next]
    })
  }

  async setPassword(name: string, password: string): Promise<boolean> {
    const passwordHash = await this.#ports.secrets.hash(password)
    return this.#change(document => {
      const known = document.users.find(user => user.name === name)
      return known === undefined ? [false] : [true, withUser(document, { ...known, passwordHash })]
    })
  }

  /** What is not named stays. */
  async setPage(name: string, wish: PageWish): Promise<boolean> {
    return this.#change(document => {
      const known = document.users.find(user => user.name === name)
      if (known === undefined) return [false]
      const page = { ...known.page, ...wish }
      const isSame = page.language === known.page?.language && page.theme === known.page?.theme
      return isSame ? [true] : [true, withUser(document, { ...known, page })]
    })
  }

  remove(name: string) {
    return this.#change<Role | 'last-admin' | undefined>(document => {
      const known = document.users.find(user => user.name === name)
      if (known === undefined) return [undefined]
      if (isLastAdmin(document, name)) return ['last-admin']
      return [roleOf(known), { ...document, users: document.users.filter(user => user !== known) }]
    })
  }

  async secretNames() {
    const { stations, named } = await this.#now()
    return { stations: Object.keys(stations).sort(), named: Object.keys(named).sort() }
  }

  /** A station's is kept as the bytes of its UTF-8. */
  setSecret(kind: 'stations' | 'named', name: string, secret: string | undefined) {
    return this.#change<'was-set' | 'was-not' | 'too-many'>(document => {
      const isSet = Object.hasOwn(document[kind], name)
      if (!isSet && Object.keys(document[kind]).length >= MAX_SECRETS) return ['too-many']
      const others = Object.entries(document[kind]).filter(([key]) => key !== name)
      const kept = kind === 'stations' && secret !== undefined ? base64Of(secret) : secret
      const entries = kept === undefined ? others : [...others, [name, kept] as const]
      const next = { ...document, [kind]: Object.fromEntries(entries) }
      return [isSet ? 'was-set' : 'was-not', kind === 'stations' ? withoutChange(next, name) : next]
    })
  }

  /** Everything, for a backup. */
  document(): Promise<SecretsDocument> {
    return this.#now()
  }

  /** In memory at once, for a station may come with it before the disk has it. */
  #setPasswords({ stations, changing, upstream }: PasswordPart): Promise<void> {
    const part = { stations, changing, upstream }
    this.#document = { ...this.#document, ...part }
    return this.#change<void>(document => [undefined, { ...document, ...part }])
  }

  /** What the file says now. One that is damaged meanwhile changes nothing: what was whole holds on. */
  async #now(): Promise<SecretsDocument> {
    try {
      const text = await this.#ports.files.text(FILE)
      // moved away by whoever begins anew
      if (text === undefined) this.#lost = undefined
      if (text === this.#text || text === undefined) return this.#document
      const parsed = secretsSchema.safeParse(JSON.parse(text))
      if (parsed.success) {
        this.#document = parsed.data
        this.#lost = undefined
      }
      this.#text = text
    } catch {
      return this.#document
    }
    return this.#document
  }

  /** One after the other. `change` gives its answer, and the next document where it is another. */
  #change<T>(
    change: (document: SecretsDocument) => readonly [answer: T, next?: SecretsDocument],
  ): Promise<T> {
    const turn = this.#tail.then(async () => {
      const now = await this.#now()
      if (this.#lost !== undefined) throw new Error(`not written over what could not be read: ${this.#lost}`)
      const [answer, next] = change(now)
      if (next !== undefined) {
        await this.#ports.files.save(FILE, next)
        this.#document = next
      }
      return answer
    })
    // Whoever called gets the failure; the next in the row starts regardless.
    this.#tail = turn.catch(() => undefined)
    return turn
  }
}

type User = SecretsDocument['users'][number]

/** A password that a person sets ends a change that was under way: the next one is no longer good. */
function withoutChange(document: SecretsDocument, stationId: string): SecretsDocument {
  const changing = Object.entries(document.changing).filter(([id]) => id !== stationId)
  return { ...document, changing: Object.fromEntries(changing) }
}

function withUser(document: SecretsDocument, user: User): SecretsDocument {
  const isKnown = document.users.some(({ name }) => name === user.name)
  const users = isKnown
    ? document.users.map(old => (old.name === user.name ? user : old))
    : [...document.users, user]
  return { ...document, users }
}

function isLastAdmin({ users }: SecretsDocument, name: string): boolean {
  const admins = users.filter(user => roleOf(user) === ADMIN)
  return admins.length === 1 && admins[0]?.name === name
}

function base64Of(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}

/** An id may be any word, also one that every object has. */
function ownText(texts: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(texts, name) ? texts[name] : undefined
}
