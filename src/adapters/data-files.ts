/** Reads the data that comes with Busbar: `devices/` and `profiles/`, as documents by path. No meaning here. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Throws when a folder is missing, and with the path in its message when a file is no JSON. */
export function readDataFiles(root: string): {
  readonly stations: ReadonlyMap<string, unknown>
  readonly meters: ReadonlyMap<string, unknown>
  readonly profiles: ReadonlyMap<string, unknown>
} {
  return {
    stations: readFolder(join(root, 'devices', 'stations')),
    meters: readFolder(join(root, 'devices', 'meters')),
    profiles: readFolder(join(root, 'profiles')),
  }
}

function readFolder(folder: string): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>()
  for (const name of readdirSync(folder).sort()) {
    if (!name.endsWith('.json')) continue
    const path = join(folder, name)
    try {
      found.set(path, JSON.parse(readFileSync(path, 'utf8')))
    } catch (error) {
      throw new Error(`${path} is no JSON: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return found
}
