/**
 * Passwords of the cases that need one, and certificates that are names only: in simulated time nothing may wait for real
 * cryptography, which test/gateway/security.test.ts plays over real TLS sockets.
 */
import { stationPasswords } from '../../../src/gateway/station-passwords.js'
import type { Certificates, Log } from '../../../src/ports.js'

export const PASSWORD = 'conformance-0001'
export const WITH_PASSWORD: ReadonlySet<string> = new Set(['CASE-073', 'CASE-083', 'CASE-085'])

export function passwordsOf(stationIds: ReadonlySet<string>, log: Log) {
  let document = {
    stations: Object.fromEntries([...stationIds].map(id => [id, btoa(PASSWORD)])),
    changing: {},
    upstream: {},
  }
  return stationPasswords(
    {
      read: () => document,
      write: async part => {
        document = { ...document, ...part }
      },
    },
    log,
  )
}

const NOW_MS = Date.UTC(2026, 0, 1)
const SHA256 = 'A'.repeat(64)
const facts = (commonName: string) => ({
  commonNames: [commonName],
  organizations: [],
  serialNumbers: [],
  dnsNames: [],
  addresses: [],
  serial: '01',
  sha256: SHA256,
  notBeforeMs: NOW_MS,
  notAfterMs: NOW_MS + 400 * 86_400_000,
  isRoot: false,
  key: { kind: 'ecdsa' as const, bits: 256 },
})

/** Signs what the case asks for with its own name. */
export const TOY_CERTIFICATES: Certificates = {
  makeKey: async () => 'KEY',
  makeRoot: async () => 'ROOT',
  issue: async ({ name }) => `-----BEGIN CERTIFICATE-----\n${name.commonName}\n-----END CERTIFICATE-----`,
  makeRequest: async () => 'REQUEST',
  readRequest: async pem => facts(/CASE-\w+/.exec(pem)?.[0] ?? ''),
  read: () => facts('busbar'),
  split: pem => [pem],
  isIssuedBy: () => true,
  isKeyOf: () => true,
  hashesOf: async (_pem, _issuer, hashAlgorithm) => ({
    hashAlgorithm,
    issuerNameHash: '',
    issuerKeyHash: '',
    serialNumber: '1',
  }),
  file: async () => '',
}
