/**
 * A program of the tests in one file: a process that lives for a third of a second spends half of its work on finding and
 * reading modules otherwise. It also outlives a build that replaces what it was made of.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'

const made = new Map<string, Promise<string>>()

/** The path of the program `file` (compiled) as one file, made once a process and gone with it. */
export function bundled(file: string): Promise<string> {
  const known = made.get(file) ?? make(file)
  made.set(file, known)
  return known
}

async function make(file: string): Promise<string> {
  // within the project: packages with a native part are looked for from there
  const folder = mkdtempSync(join(fileURLToPath(new URL('.', import.meta.url)), 'bundled-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true, external: ['classic-level', 'tap'], target: 'node' },
    build: { ssr: file, outDir: folder, minify: true, copyPublicDir: false, target: 'node20' },
  })
  return join(folder, basename(file))
}
