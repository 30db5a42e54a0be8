/** What the page asks of certificates, security profiles and the security record. Shapes only. */

export interface SecurityDesk {
  certificates(): {
    readonly root?: CertificateView
    readonly servers: readonly CertificateView[]
    readonly issued: readonly IssuedView[]
    readonly leastProfiles: readonly {
      readonly stationId: string
      readonly least: number
      readonly shown?: number
    }[]
  }
  rootPem(): string | undefined
  /** Undefined = there is no site authority. */
  revoke(sha256: string, by: string): Promise<{ readonly kept: boolean; readonly closed: number } | undefined>
  /** The least profile from now on; undefined = the station has shown none. */
  forgetProfile(stationId: string, by: string): number | undefined
  record(): {
    readonly entries: readonly {
      readonly seq: number
      readonly at: string
      readonly type: string
      readonly about?: string | undefined
      readonly detail?: string | undefined
      readonly hash: string
    }[]
    readonly brokenAt?: number
    readonly saveFault?: string
  }
}

export interface CertificateView {
  readonly sha256: string
  readonly notAfter: string
  readonly names: readonly string[]
}

export interface IssuedView {
  readonly stationId: string
  readonly sha256: string
  readonly notAfter: string
  readonly issuedAt: string
  readonly by: string
  readonly revoked: boolean
}
