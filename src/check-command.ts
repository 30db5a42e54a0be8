/** `check`: the proof, the single-fault table, what lies on the stations by the last run's records. Changes nothing. */

import { readJournalCopy } from './adapters/journal-copy.js'
import { isSerialLine } from './adapters/serial-line.js'
import { complain } from './console.js'
import type { SiteConfig } from './core/config/site.js'
import type { DeviceCatalogue } from './gateway/catalogue.js'
import type { ConfigurationDesk } from './gateway/configuration-desk.js'
import { missingHere, singleFaultsOf } from './gateway/prove.js'
import { faultLines, installedLines, profileLines, proofLines, singleFaultLines } from './gateway/report.js'
import type { SecretStore } from './gateway/secret-store.js'
import type { Log } from './ports.js'
import { openControlStore } from './store/control-store.js'

interface CheckArguments {
  readonly data: string
  /** A fault that the protection curve does not bound is a reason to refuse. */
  readonly strict: boolean
}

interface CheckParts {
  readonly log: Log
  readonly catalogue: DeviceCatalogue
  readonly store: SecretStore
  readonly desk: ConfigurationDesk
}

/** The exit code. */
export async function checkCommand(given: CheckArguments, parts: CheckParts): Promise<number> {
  const { proven } = await parts.desk.load()
  if (proven === undefined) return complain(['no such configuration file'], 1)
  if (proven.config !== undefined && proven.proof !== undefined)
    process.stdout.write(`${proofLines(proven.config, proven.proof).join('\n')}\n`)
  const missing =
    proven.config === undefined ? [] : missingHere(proven.config, { secrets: parts.store, isSerialLine })
  const faults = proven.ok ? missing : [...proven.faults, ...missing]
  if (!proven.ok || faults.length > 0) return complain(faultLines(faults), 1)
  const rows = singleFaultsOf(proven.config, parts.catalogue, proven.proof)
  const profile = parts.catalogue.siteProfiles.get(proven.config.site.profile)
  if (profile !== undefined) process.stdout.write(`${profileLines(profile).join('\n')}\n`)
  process.stdout.write(`${singleFaultLines(rows).join('\n')}\n`)
  process.stdout.write(`${(await installed(given, parts, proven.config)).join('\n')}\n`)
  const isStrict = rows.every(row => row.isBounded) && proven.proof.guarantees.every(({ holds }) => holds)
  return given.strict && !isStrict ? 1 : 0
}

/** What the data folder says of the stations; nothing where no Busbar has run. */
async function installed(
  { data }: CheckArguments,
  { log }: CheckParts,
  config: SiteConfig,
): Promise<readonly string[]> {
  try {
    const records = await readJournalCopy({ dataDir: data, log }, journal =>
      openControlStore(journal, log).bookings(),
    )
    return records === undefined ? [] : installedLines(config, records)
  } catch (error) {
    return [
      '',
      `Configured against installed: ${data} cannot be read now: ${error instanceof Error ? error.message : String(error)}`,
    ]
  }
}
