/** The calls about users, passwords, secrets and what was changed. Expected failures are values: the words for a person. */

import type { PageWish, Role } from '../../src/core/config/secrets.js'
import type { AuditEntry } from '../../src/web/audit.js'
import type { BackupContent } from '../../src/web/backup-desk.js'
import type { ConfigurationCheck } from '../../src/web/configuration-desk.js'
import { ask } from './ask.js'
import { answerText, loadAnswers, refusalText } from './words/answer-words.js'
import { frame } from './words/frame.js'

export type { AuditEntry, Role }

export interface User {
  readonly name: string
  readonly role: Role
}

export interface SecretNames {
  readonly stations: readonly string[]
  readonly named: readonly string[]
}

/** Who is logged in, and how this user wants the page. */
export async function loadMe(): Promise<(User & { readonly page?: PageWish }) | undefined> {
  return read('me')
}

export async function loadUsers(): Promise<readonly User[]> {
  return (await read<{ users: readonly User[] }>('users'))?.users ?? []
}

export async function loadAudit(): Promise<readonly AuditEntry[]> {
  return (await read<{ entries: readonly AuditEntry[] }>('audit'))?.entries ?? []
}

/** Undefined where they cannot be set: by no admin. */
export async function loadSecretNames(): Promise<SecretNames | undefined> {
  return read('secrets')
}

/** Each answers undefined when it is done, else why not. */
export const changePassword = (current: string, next: string) => write('POST', 'password', { current, next })
export const putUser = (name: string, role: Role, password: string) =>
  write('PUT', `users/${encodeURIComponent(name)}`, { role, ...(password !== '' && { password }) })
export const removeUser = (name: string) => write('DELETE', `users/${encodeURIComponent(name)}`)
export const setSecret = (kind: keyof SecretNames, name: string, secret: string | undefined) => {
  // as the guards want it: every sign of a station identity stands for itself
  const path = `secrets/${kind}/${name.replaceAll('|', '%7C')}`
  return secret === undefined ? write('DELETE', path) : write('PUT', path, { secret })
}

const headers = { accept: 'application/json', 'content-type': 'application/json' }

async function read<T>(path: string): Promise<T | undefined> {
  const answer = await ask(path, { headers })
  return answer?.ok ? answer.json() : undefined
}

async function write(method: string, path: string, body?: object): Promise<string | undefined> {
  const answer = await ask(path, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  if (answer === undefined) return frame('lost')
  if (answer.ok) return undefined
  return refusalOf(answer)
}

export interface BackupTold {
  readonly content: BackupContent
  readonly check: ConfigurationCheck
}

/** The file, or why there is none. */
export async function makeBackup(passphrase: string): Promise<Blob | string> {
  const body = JSON.stringify(passphrase === '' ? {} : { passphrase })
  const answer = await ask('backup', { method: 'POST', headers, body })
  if (answer === undefined) return frame('lost')
  return answer.ok ? answer.blob() : refusalOf(answer)
}

export async function checkBackup(backup: string, passphrase: string): Promise<BackupTold | string> {
  const body = JSON.stringify({ backup, ...(passphrase !== '' && { passphrase }) })
  const answer = await ask('backup/check', { method: 'POST', headers, body })
  if (answer === undefined) return frame('lost')
  await loadAnswers()
  return answer.ok ? answer.json() : refusalOf(answer)
}

/** What Busbar says to it; `tag` is of the configuration that was there when it was checked. */
export async function restoreBackup(
  backup: string,
  given: { readonly passphrase: string; readonly password: string; readonly tag: string },
): Promise<{ readonly done: boolean; readonly text: string }> {
  const { passphrase, password, tag } = given
  const body = JSON.stringify({ backup, password, ...(passphrase !== '' && { passphrase }) })
  const answer = await ask('backup/restore', {
    method: 'POST',
    headers: { ...headers, 'if-match': `"${tag}"` },
    body,
  })
  if (answer === undefined) return { done: false, text: frame('lost') }
  await loadAnswers()
  return answer.ok
    ? { done: true, text: answerText(await answer.json()) }
    : { done: false, text: await refusalOf(answer) }
}

async function refusalOf(answer: Response): Promise<string> {
  return refusalText(await answer.json())
}
