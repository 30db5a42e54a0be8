/**
 * Who may charge at one connector of a simulated station before the cable is there: the tag is judged by list, cache or
 * CSMS, and waits for the cable for ConnectionTimeOut (OCPP 1.6 §4.1, §9.1.6). Must not know cables.
 */
import type { Clock, Timer } from '../../ports.js'
import type { Authorization } from './authorization.js'
import type { Configuration } from './configuration.js'
import type { IdTagInfo } from './requests.js'
import type { Grant } from './transaction.js'

export interface AdmissionHost {
  readonly clock: Clock
  readonly configuration: Configuration
  readonly authorization: Authorization
  wallMs(): number
  isOnline(): boolean
  /** Authorize.req; undefined when nobody answered. */
  authorize(idTag: string, done: (info: IdTagInfo | undefined) => void): void
}

export class Admission {
  private grant: Grant | undefined
  private timer: Timer | undefined

  constructor(
    private readonly host: AdmissionHost,
    /** Nobody plugged in in time. */
    private readonly timedOut: () => void,
  ) {}

  isGiven(): boolean {
    return this.grant !== undefined
  }

  give(grant: Grant): void {
    const { clock, configuration } = this.host
    this.forget()
    this.grant = grant
    this.timer = clock.after(configuration.integer('ConnectionTimeOut', 60) * 1000, () => {
      this.grant = undefined
      this.timedOut()
    })
  }

  /** The grant, once; it no longer runs out. */
  take(): Grant | undefined {
    const { grant } = this
    this.forget()
    return grant
  }

  forget(): void {
    this.grant = undefined
    this.timer?.cancel()
  }

  /** What is known of the tag here, else what the CSMS says, else what holds without it. */
  ask(idTag: string, done: (good: boolean, parentIdTag: string | undefined) => void): void {
    const { authorization } = this.host
    const verdict = authorization.judge(idTag, this.host.isOnline(), this.host.wallMs())
    switch (verdict.kind) {
      case 'accepted':
        done(true, verdict.parentIdTag)
        return
      case 'refused':
        done(false, undefined)
        return
      case 'ask':
        this.host.authorize(idTag, info => {
          if (info === undefined) {
            done(authorization.judge(idTag, false, this.host.wallMs()).kind === 'accepted', undefined)
            return
          }
          authorization.remember(idTag, info)
          done(info.status === 'Accepted', info.parentIdTag)
        })
        return
    }
  }
}
