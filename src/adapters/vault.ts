/**
 * Text under a passphrase: scrypt makes the key, AES-256-GCM keeps it secret and shows every change. The cost is fixed, so
 * that a file of somebody else cannot ask for more memory. Works off the event loop.
 */
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import type { Sealed } from '../core/config/backup.js'
import type { Vault } from '../ports.js'

/** 32 MiB and about a tenth of a second (OWASP's least for scrypt is N = 2^17 with r = 8; a cabinet has less memory). */
const COST = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 2 ** 20 }
const KEY_BYTES = 32
const SALT_BYTES = 16
const IV_BYTES = 12
const TAG_BYTES = 16

export function createVault(): Vault {
  return {
    async seal(text, passphrase, context) {
      const salt = randomBytes(SALT_BYTES)
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', await keyOf(passphrase, salt), iv)
      cipher.setAAD(Buffer.from(context, 'utf8'))
      const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
      return {
        kind: 'scrypt-aes-256-gcm',
        salt: salt.toString('base64'),
        iv: iv.toString('base64'),
        data: data.toString('base64'),
      }
    },
    async open({ salt, iv, data }: Sealed, passphrase, context) {
      const bytes = Buffer.from(data, 'base64')
      const nonce = Buffer.from(iv, 'base64')
      if (bytes.length < TAG_BYTES || nonce.length !== IV_BYTES) return undefined
      const key = await keyOf(passphrase, Buffer.from(salt, 'base64'))
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
      decipher.setAAD(Buffer.from(context, 'utf8'))
      decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES))
      const text = decipher.update(bytes.subarray(0, bytes.length - TAG_BYTES))
      try {
        return Buffer.concat([text, decipher.final()]).toString('utf8')
      } catch {
        // another passphrase, or another file: GCM does not say which
        return undefined
      }
    },
  }
}

function keyOf(passphrase: string, salt: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFC'), salt, KEY_BYTES, COST, (fault, key) =>
      fault ? reject(fault) : resolve(key),
    )
  })
}
