// Prints what is shipped as a CycloneDX document: the production tree, each component with its licence. Fails, naming
// them, when components have none: what may not be passed on must be seen before it is.
import { execFileSync } from 'node:child_process'

/** Packages whose manifest names no licence, with the one their own files do. */
const SAID_ELSEWHERE = new Map([
  ['precond@0.2.3', { id: 'MIT', where: 'README.md and the head of each file' }],
])

const text = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev'], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
})
const document = JSON.parse(text)
for (const component of document.components) {
  const said = SAID_ELSEWHERE.get(component['bom-ref'])
  if (component.licenses !== undefined || said === undefined) continue
  component.licenses = [{ license: { id: said.id } }]
  component.properties.push({ name: 'busbar:licence-found-in', value: said.where })
}
const without = document.components.filter(({ licenses }) => licenses === undefined || licenses.length === 0)
if (without.length > 0) {
  process.stderr.write(`no licence: ${without.map(component => component['bom-ref']).join(', ')}\n`)
  process.exit(1)
}
process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`)
