/**
 * Whether a station is who it says while nobody up there can be asked: where the CSMS judges the password, by a salted
 * hash of the last credentials it has let in (proxy rule 8). One per station; begins anew with each connection.
 */
import type { KeptCredential } from '../../core/offline/records.js'
import type { Secrets } from '../../ports.js'

const SALT_BYTES = 12

export interface CredentialProofOptions {
  readonly secrets: Pick<Secrets, 'token' | 'digest'>
  /** Nobody else judges: no CSMS is configured, or the password is kept here. */
  isJudgedHere(): boolean
  /** Whether a password is kept here could not be read, and nothing else was judged: then nobody is known without one either. */
  isUnclear(): boolean
  kept(): KeptCredential | undefined
  keep(credential: KeptCredential | undefined): void
}

export class CredentialProof {
  readonly #options: CredentialProofOptions
  #header: string | undefined
  #isProven = false

  constructor(options: CredentialProofOptions) {
    this.#options = options
  }

  /** It may be answered from here. */
  get isProven(): boolean {
    return this.#isProven
  }

  /** A station has connected with this Authorization header. */
  connected(header: string | undefined): void {
    this.#header = header
    this.#isProven = this.#options.isJudgedHere() || this.#isKnown()
  }

  /** The CSMS has let it in. */
  accepted(): void {
    this.#isProven = true
    const { isJudgedHere, keep, kept, secrets } = this.#options
    if (isJudgedHere()) return
    if (this.#header === undefined) {
      // nobody asks for a password any more
      if (kept() !== undefined) keep(undefined)
    } else if (!this.#isKnown()) {
      const salt = secrets.token(SALT_BYTES)
      keep({ salt, digest: secrets.digest(`${salt} ${this.#header}`) })
    }
  }

  /** The CSMS has refused it: what it let in once with the same credentials is over. */
  refused(): void {
    this.#isProven = false
    if (this.#header !== undefined && this.#isKnown()) this.#options.keep(undefined)
  }

  #isKnown(): boolean {
    const kept = this.#options.kept()
    if (this.#header === undefined) return kept === undefined && !this.#options.isUnclear()
    return kept !== undefined && kept.digest === this.#options.secrets.digest(`${kept.salt} ${this.#header}`)
  }
}
