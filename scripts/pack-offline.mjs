// Packs what is built together with all production dependencies into one file that installs without a registry. The
// list of packages to bundle is put into the manifest for the time of packing only: it is the dependencies themselves.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const PARTS = [
  'package.json',
  'package-lock.json',
  '.npmrc',
  'LICENSE',
  'README.md',
  'dist',
  'deploy',
  'devices',
  'profiles',
]
const folder = mkdtempSync(join(tmpdir(), 'busbar-pack-'))
const npm = (...args) => execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
try {
  for (const part of PARTS) cpSync(part, join(folder, part), { recursive: true })
  npm('ci', '--omit=dev')
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
  const { devDependencies, scripts, overrides, ...shipped } = manifest
  const whole = {
    ...shipped,
    files: ['dist', 'deploy', 'devices', 'profiles'],
    bundleDependencies: Object.keys(shipped.dependencies),
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(whole, undefined, 2))
  npm('pack', '--silent', '--pack-destination', process.cwd())
} finally {
  rmSync(folder, { recursive: true, force: true })
}
