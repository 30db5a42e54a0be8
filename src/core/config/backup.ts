/**
 * The shape of a backup file and of the record of a restore that is under way. One file: the configuration in the open, and,
 * only under a passphrase, users and secrets. What encrypts is a door; this knows the document alone.
 */
import { z } from 'zod'
import { secretsSchema } from './secrets.js'

const sealedSchema = z.strictObject({
  kind: z.literal('scrypt-aes-256-gcm'),
  salt: z.base64().max(64),
  iv: z.base64().max(64),
  /** The cipher text with its tag. */
  data: z.base64(),
})

export type Sealed = z.infer<typeof sealedSchema>

export const backupSchema = z.strictObject({
  busbarBackup: z.literal(1),
  at: z.iso.datetime(),
  configuration: z.record(z.string(), z.unknown()),
  /** Of the open part; found by chance alone, for whoever can change a file can write this too. */
  digest: z.string().max(64),
  sealed: sealedSchema.optional(),
})

export type Backup = z.infer<typeof backupSchema>

/** What is bound to the sealed part: it belongs to this configuration of this moment. */
export function openPart({ at, configuration }: Pick<Backup, 'at' | 'configuration'>): string {
  return JSON.stringify({ busbarBackup: 1, at, configuration })
}

/** `restore.json`: once it is durable, the restore is done; the next start puts everything in its place. */
export const restoreSchema = z.strictObject({
  version: z.literal(1),
  /** Absent = nothing is under way. */
  configuration: z.record(z.string(), z.unknown()).optional(),
  secrets: secretsSchema.optional(),
})
