/**
 * The first password of admin, as whoever starts the process gives it: by the environment, or as a credential of systemd
 * (`LoadCredential=admin-password:…`), which other processes of the machine cannot read.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const NAME = 'admin-password'

/** Undefined where none is given. Rejects when the credential cannot be read: a set-up code would come in its place. */
export async function firstPassword(
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const { BUSBAR_ADMIN_PASSWORD, CREDENTIALS_DIRECTORY } = env
  if (BUSBAR_ADMIN_PASSWORD !== undefined || CREDENTIALS_DIRECTORY === undefined) return BUSBAR_ADMIN_PASSWORD
  try {
    const text = await readFile(join(CREDENTIALS_DIRECTORY, NAME), 'utf8')
    return text.replace(/\r?\n$/, '') || undefined
  } catch (fault) {
    if (fault instanceof Error && 'code' in fault && fault.code === 'ENOENT') return undefined
    throw fault
  }
}
