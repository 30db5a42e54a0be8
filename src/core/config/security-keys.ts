/**
 * The keys of the configuration that are about security profiles, TLS and certificates (issue: the locked cabinet). Files are
 * named by path and read when they are needed; nothing secret stands in the configuration. What needs more than one key to
 * judge is in `security-faults.ts`.
 */
import { z } from 'zod'
import { expecting } from './faults.js'
import { inWords, SECURITY_PROFILE_WORDS, said } from './labels.js'

/** A depot moves its stations one by one: old and new door, inside and outside. */
const MAX_LISTENERS = 8
const MAX_NAMES = 50

const securityProfile = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(3)])

const filePath = z.string().min(1).max(1_000).regex(/^\//, expecting('absolute-path'))

/** A DNS name or an IP address as a certificate carries it. */
const certificateName = z
  .string()
  .max(253)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$|^::1?$/, expecting('name-or-address'))

const certificateFiles = z.strictObject({
  certificateFile: filePath.meta(said('Certificate', 'PEM, with what signed it below, without the root.')),
  keyFile: filePath.meta(said('Key', 'PEM, without passphrase; for its certificate alone.')),
})

const listener = z.strictObject({
  host: z
    .string()
    .min(1)
    .default('0.0.0.0')
    .meta(said('Listens on', 'The address of this machine; 0.0.0.0 = every one.')),
  port: z.number().int().min(0).max(65535).meta(said('Port', 'TCP.')),
  securityProfile: securityProfile.meta({
    ...said(
      'Security profile',
      'Of OCPP: 0 none, 1 password, 2 TLS and password, 3 TLS and certificate of the station.',
    ),
    ...SECURITY_PROFILE_WORDS,
  }),
})

/** Inside `ocpp`. */
export const securityOfPort = {
  listeners: z
    .array(listener)
    .min(1)
    .max(MAX_LISTENERS)
    .optional()
    .meta(said('Ports for stations', 'In the place of host, port and securityProfile.')),
  tls: z
    .strictObject({
      names: z
        .array(certificateName)
        .max(MAX_NAMES)
        .default([])
        .meta(
          said(
            'Names',
            'DNS names and addresses by which stations dial this cabinet, beside its own, for its certificate.',
          ),
        ),
      certificates: z
        .array(certificateFiles)
        .min(1)
        .max(2)
        .optional()
        .meta(said('Own certificates', 'In the place of those of the site authority: ECDSA, RSA or both.')),
      stationCertificates: z
        .enum(['csms', 'site'])
        .default('csms')
        .meta({
          ...said('Certificates of stations', 'Who signs them. Without a CSMS it is the site authority.'),
          ...inWords({ csms: 'the CSMS', site: 'the site authority' }),
        }),
      clientRootsFile: filePath
        .optional()
        .meta(said('Roots of stations', 'PEM: who else may have signed certificates of stations.')),
    })
    .prefault({})
    .meta({ title: 'TLS for stations' }),
  cpoName: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .meta(said('CPO', 'The organization that certificates of stations must name. Absent = any.')),
}

/** Inside a station. */
export const securityOfStation = {
  securityProfile: securityProfile.optional().meta({
    ...said('Least security profile', 'It is not let in with less. It rises by itself.'),
    ...SECURITY_PROFILE_WORDS,
  }),
  certificateName: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .meta(said('Name in its certificate', 'Where that is not its identity: mostly its serial number.')),
  csmsCertificate: certificateFiles
    .optional()
    .meta(said('Certificate for the CSMS', 'Shown for this station, in the place of csms.tls.certificate.')),
  uplift: z
    .strictObject({
      securityProfile: z.union([z.literal(2), z.literal(3)]).meta({
        ...said('Profile towards the CSMS', 'The CSMS may raise it to 3, once it has given a certificate.'),
        ...SECURITY_PROFILE_WORDS,
      }),
    })
    .optional()
    .meta(
      said(
        'Lifted',
        'Towards the CSMS this cabinet has password, certificate and security keys in its name. Its own network must be one that is trusted.',
      ),
    ),
}

/** Inside `web`. */
export const securityOfPage = {
  certificate: certificateFiles
    .optional()
    .meta(said('Own certificate', 'Shown by the page, in the place of that of the site authority.')),
  plainHttp: z
    .enum(['redirect', 'serve'])
    .default('redirect')
    .meta({
      ...said(
        'Without TLS',
        'Whoever asks by http:// is sent to https://. Where it is answered, whoever listens on the line reads the passwords.',
      ),
      ...inWords({ redirect: 'sent to https://', serve: 'answered' }),
    }),
}

/** Inside `csms` and `mqtt`: what is trusted there, and what is shown. */
export const serverTrust = z.strictObject({
  roots: z
    .enum(['system', 'file', 'both'])
    .default('system')
    .meta({
      ...said('Roots', 'Who may have signed the certificate of the server.'),
      ...inWords({ system: 'those of the system', file: 'those of the file', both: 'both' }),
    }),
  rootsFile: filePath.optional().meta(said('File of roots', 'PEM.')),
  pins: z
    .array(z.string().regex(/^[A-Za-z0-9+/]{43}=$/, expecting('sha256')))
    .max(4)
    .default([])
    .meta(
      said(
        'Pinned keys',
        'SHA-256 of the public key (SPKI), base64. The next one beside the present one lets the server change it.',
      ),
    ),
  certificate: certificateFiles
    .optional()
    .meta(said('Client certificate', 'Shown to the server; towards a CSMS this is security profile 3.')),
})

/** A receiver of the security record. */
export const syslog = z
  .strictObject({
    host: z
      .string()
      .regex(/^[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?$/, expecting('name-or-address'))
      .meta(said('Receiver', 'DNS name or IP address; its certificate must name it.')),
    port: z.int().min(1).max(65_535).default(6514).meta(said('Port', 'Syslog over TLS; mostly 6514.')),
    tls: serverTrust.prefault({}).meta({ title: 'TLS' }),
  })
  .meta({ title: 'Syslog', description: 'Each entry of the security record, by RFC 5424 over TLS.' })

/** Inside a Modbus TCP connection: Modbus/TCP Security, in which both sides show a certificate. */
export const meterTrust = z
  .strictObject({
    rootsFile: filePath.meta(said('File of roots', 'PEM: who may have signed the certificate of the meter.')),
    name: z
      .string()
      .max(253)
      .regex(/^(?=.*[A-Za-z])[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/, expecting('dns-name'))
      .optional()
      .meta(said('Name in its certificate', 'Where that is not its address.')),
    pins: serverTrust.shape.pins,
    certificate: certificateFiles
      .optional()
      .meta(said('Client certificate', 'Shown to the meter, which mostly wants one.')),
  })
  .meta({ title: 'TLS', description: 'Modbus/TCP Security; its port is mostly 802.' })

export type MeterTrust = z.infer<typeof meterTrust>
export type ServerTrust = z.infer<typeof serverTrust>
