/**
 * The Certificates door: @peculiar/x509 on WebCrypto makes them, node:crypto reads them. Keys are ECDSA P-256 or RSA 2048
 * (white paper A00.FR.502), signatures SHA-256, serial numbers random. Must not know what a certificate is for here.
 */
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type * as X509 from '@peculiar/x509'
import type {
  CertificateFacts,
  CertificateHashes,
  CertificateName,
  CertificateOrder,
  Certificates,
  HashAlgorithm,
  KeyKind,
  SigningRequest,
  Validity,
} from '../ports.js'
import { alternativeNames, attribute, dnsNames, isIssuedBy, keyFacts } from './peer-certificate.js'

const EC = { name: 'ECDSA', namedCurve: 'P-256' } as const
const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
} as const
/** A chain of ten with the longest keys is below; a longer file is a mistake. */
const MAX_PEM_BYTES = 256 * 1024
const BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g
/** Attribute serialNumber of a subject. */
const SERIAL_NUMBER = '2.5.4.5'
const { subtle } = globalThis.crypto
type WebKey = Awaited<ReturnType<typeof subtle.importKey>>

/** Loaded when something is made, seldom: half a second of CPU and 20 MB that a start has no use for. */
async function library(): Promise<typeof X509> {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  x509.cryptoProvider.set(globalThis.crypto)
  return x509
}

export function createCertificates(): Certificates {
  return {
    makeKey,
    makeRoot,
    issue,
    makeRequest,
    readRequest,
    read: pem => {
      const [own] = certificatesIn(pem)
      return own === undefined ? undefined : factsOf(own)
    },
    split: pem => certificatesIn(pem).map(one => one.toString()),
    isIssuedBy: (pem, issuer) => {
      const [[one], [above]] = [certificatesIn(pem), certificatesIn(issuer)]
      return one !== undefined && above !== undefined && isIssuedBy(one, above)
    },
    isKeyOf,
    hashesOf,
    file,
  }
}

async function makeKey(kind: KeyKind): Promise<string> {
  const x509 = await library()
  const { privateKey } = await subtle.generateKey(kind === 'rsa' ? RSA : EC, true, ['sign', 'verify'])
  return x509.PemConverter.encode(await subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY')
}

async function makeRoot({
  keyPem,
  name,
  notBeforeMs,
  notAfterMs,
}: { readonly keyPem: string; readonly name: CertificateName } & Validity): Promise<string> {
  const x509 = await library()
  const keys = await keyPair(keyPem)
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: nameOf(x509, name),
    keys,
    notBefore: new Date(notBeforeMs),
    notAfter: new Date(notAfterMs),
    signingAlgorithm: signingOf(keys.privateKey),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return certificate.toString('pem')
}

async function issue(order: CertificateOrder): Promise<string> {
  const x509 = await library()
  const { issuer, name, subject, use, notBeforeMs, notAfterMs } = order
  const { privateKey } = await keyPair(issuer.keyPem)
  const above = new x509.X509Certificate(issuer.certificatePem)
  const publicKey =
    'keyPem' in subject
      ? (await keyPair(subject.keyPem)).publicKey
      : await new x509.Pkcs10CertificateRequest(subject.requestPem).publicKey.export()
  const isRsa = publicKey.algorithm.name.startsWith('RSA')
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags
  const certificate = await x509.X509CertificateGenerator.create({
    subject: nameOf(x509, name),
    issuer: above.subjectName,
    publicKey,
    signingKey: privateKey,
    signingAlgorithm: signingOf(privateKey),
    notBefore: new Date(notBeforeMs),
    notAfter: new Date(notAfterMs),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      // the suites without forward secrecy encrypt with the key
      new x509.KeyUsagesExtension(isRsa ? digitalSignature | keyEncipherment : digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([
        use === 'server' ? x509.ExtendedKeyUsage.serverAuth : x509.ExtendedKeyUsage.clientAuth,
      ]),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(above.publicKey),
      ...alternativeOf(x509, order),
    ],
  })
  return certificate.toString('pem')
}

function alternativeOf(
  x509: typeof X509,
  { dnsNames = [], addresses = [] }: CertificateOrder,
): readonly X509.Extension[] {
  const names = [
    ...dnsNames.map(value => ({ type: 'dns' as const, value })),
    ...addresses.map(value => ({ type: 'ip' as const, value })),
  ]
  return names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]
}

async function makeRequest(request: {
  readonly keyPem: string
  readonly name: CertificateName
}): Promise<string> {
  const x509 = await library()
  const keys = await keyPair(request.keyPem)
  const made = await x509.Pkcs10CertificateRequestGenerator.create({
    name: nameOf(x509, request.name),
    keys,
    signingAlgorithm: signingOf(keys.privateKey),
  })
  return made.toString('pem')
}

async function readRequest(pem: string): Promise<SigningRequest | undefined> {
  if (pem.length > MAX_PEM_BYTES) return undefined
  const x509 = await library()
  try {
    const request = new x509.Pkcs10CertificateRequest(pem)
    if (!(await request.verify())) return undefined
    const publicKey = createPublicKey(request.publicKey.toString('pem'))
    return { ...namesIn(request.subjectName), dnsNames: [], key: keyFacts({ publicKey }) }
  } catch {
    return undefined // not a request, or one this library cannot read
  }
}

function namesIn(name: X509.Name): Pick<SigningRequest, 'commonNames' | 'organizations' | 'serialNumbers'> {
  return {
    commonNames: name.getField('CN'),
    organizations: name.getField('O'),
    serialNumbers: name.getField(SERIAL_NUMBER),
  }
}

function nameOf(x509: typeof X509, { commonName, organization }: CertificateName): X509.Name {
  return new x509.Name([{ CN: [commonName] }, ...(organization === undefined ? [] : [{ O: [organization] }])])
}

/** Of a private key alone. */
async function keyPair(keyPem: string): Promise<{ privateKey: WebKey; publicKey: WebKey }> {
  const isRsa = createPrivateKey(keyPem).asymmetricKeyType === 'rsa'
  const algorithm = isRsa ? RSA : EC
  const spki = createPublicKey(keyPem).export({ type: 'spki', format: 'der' })
  const pkcs8 = createPrivateKey(keyPem).export({ type: 'pkcs8', format: 'der' })
  return {
    privateKey: await subtle.importKey('pkcs8', pkcs8, algorithm, false, ['sign']),
    publicKey: await subtle.importKey('spki', spki, algorithm, true, ['verify']),
  }
}

function signingOf(privateKey: WebKey) {
  return privateKey.algorithm.name === 'ECDSA' ? { name: 'ECDSA', hash: 'SHA-256' } : RSA
}

function certificatesIn(pem: string): readonly X509Certificate[] {
  if (pem.length > MAX_PEM_BYTES) return []
  try {
    return [...pem.matchAll(BLOCK)].map(([block]) => new X509Certificate(block))
  } catch {
    return [] // one of them is broken: then none of the text is believed
  }
}

function factsOf(own: X509Certificate): CertificateFacts {
  const { subject } = own.toLegacyObject()
  return {
    commonNames: attribute(subject, 'CN'),
    organizations: attribute(subject, 'O'),
    serialNumbers: attribute(subject, 'serialNumber'),
    dnsNames: dnsNames(own),
    addresses: alternativeNames(own.subjectAltName ?? '', 'IP Address:'),
    serial: own.serialNumber.toUpperCase(),
    sha256: own.fingerprint256.replaceAll(':', ''),
    notBeforeMs: Date.parse(own.validFrom),
    notAfterMs: Date.parse(own.validTo),
    isRoot: own.ca && isIssuedBy(own, own),
    key: keyFacts(own),
  }
}

function isKeyOf(keyPem: string, chainPem: string): boolean {
  const [own] = certificatesIn(chainPem)
  try {
    return own?.checkPrivateKey(createPrivateKey(keyPem)) === true
  } catch {
    return false // no private key, or one with a passphrase
  }
}

const WEB_NAMES = { SHA256: 'SHA-256', SHA384: 'SHA-384', SHA512: 'SHA-512' } as const

/** Of the issuer: its name as DER, its public key's bits without the header (RFC 6960 §4.1.1). */
async function hashesOf(pem: string, issuer: string, algorithm: HashAlgorithm): Promise<CertificateHashes> {
  const x509 = await library()
  const own = new x509.X509Certificate(pem)
  const name = WEB_NAMES[algorithm]
  const keyHash = await new x509.X509Certificate(issuer).publicKey.getKeyIdentifier(name)
  const nameHash = await subtle.digest(name, own.issuerName.toArrayBuffer())
  return {
    hashAlgorithm: algorithm,
    issuerNameHash: Buffer.from(nameHash).toString('hex'),
    issuerKeyHash: Buffer.from(keyHash).toString('hex'),
    serialNumber: own.serialNumber.replace(/^0+(?=.)/, ''),
  }
}

async function file(path: string): Promise<string> {
  const { size } = await stat(path)
  if (size > MAX_PEM_BYTES) throw new Error(`${path} is larger than ${MAX_PEM_BYTES} bytes`)
  return readFile(path, 'utf8')
}
