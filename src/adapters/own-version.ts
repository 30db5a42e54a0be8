/** The version of this program, as its package.json says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** `root`: the folder of package.json. Throws when it cannot be read: then the installation is broken. */
export function ownVersion(root: string): string {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  return version
}
