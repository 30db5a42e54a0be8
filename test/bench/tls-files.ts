/** The certificates of the bench, as its processes find them in a folder: one ECDSA server certificate and its root. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ca, identity } from '../adapters/fixtures/pki.js'

export async function writeTlsFiles(folder: string): Promise<void> {
  const root = await ca()
  const { chainPem, keyPem } = await identity(root)
  for (const [name, text] of [
    ['root.pem', root.certificatePem],
    ['server.pem', chainPem],
    ['server.key', keyPem],
  ] as const)
    writeFileSync(join(folder, name), text)
}

/** Undefined for '', which is no TLS. */
export function serverTls(folder: string): { readonly cert: string; readonly key: string } | undefined {
  return folder === '' ? undefined : { cert: text(folder, 'server.pem'), key: text(folder, 'server.key') }
}

export function clientTls(folder: string): { readonly ca: string } | undefined {
  return folder === '' ? undefined : { ca: text(folder, 'root.pem') }
}

const text = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8')
