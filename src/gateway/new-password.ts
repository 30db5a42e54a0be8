/**
 * A new password for whoever lost theirs, made by somebody who stands at the machine: who may write in the data folder may
 * come in anyway. A Busbar that runs takes it at the next login, and ends the sessions of that user.
 */
import type { Fault } from '../core/config/faults.js'
import { unknown } from '../core/config/references.js'
import { say } from '../core/words/said.js'
import type { Clock, Files, Log, Secrets } from '../ports.js'
import { auditTexts } from '../web/audit.js'
import { AuditKeeper } from './audit-keeper.js'
import { openSecretStore } from './secret-store.js'

interface Doors {
  readonly files: Files
  readonly secrets: Secrets
  readonly clock: Pick<Clock, 'wallMs'>
  readonly log: Log
}

/** The password, to be shown once. `admin` is made where there is none. */
export async function newPassword(
  { files, secrets, clock, log }: Doors,
  user: string,
): Promise<{ readonly code: string } | { readonly faults: readonly Fault[] }> {
  const opened = await openSecretStore({ files, secrets, log })
  if (!opened.ok) return opened
  const names = (await opened.value.list()).map(({ name }) => name)
  if (user !== 'admin' && !names.includes(user))
    return { faults: [unknown('--user', user, names.length === 0 ? ['admin'] : names)] }
  const code = await opened.value.newCode(user)
  const at = new Date(clock.wallMs()).toISOString()
  const texts = auditTexts({ what: say('audit-password', { user }), after: say('secret-another') })
  const entry = { at, by: 'console', from: 'console', ...texts }
  await new AuditKeeper({ files, log }).keep(entry)
  return { code }
}
