/**
 * Security profiles and certificates as the OCPP edge asks for them: from the configuration, the site authority, the files of
 * the operator and what stations have shown. Nothing here falls back to less: without a certificate there is no port, without
 * a root no link.
 */
import type { MeterTrust, ServerTrust } from '../core/config/security-keys.js'
import type { SiteConfig } from '../core/config/site.js'
import {
  leastProfile,
  needsTls,
  SECURITY_PROFILES,
  type SecurityProfile,
} from '../core/security/security-profile.js'
import { daysLeft, isClockTrusted, RENEW_DAYS_AHEAD } from '../core/security/validity.js'
import type { CertificateState } from '../core/view/certificate-conditions.js'
import type { StationSecurity, StationUplift } from '../ocpp/edge.js'
import type { Certificates, ClientTls, Ports, ServerTls, Stoppable, TlsIdentity } from '../ports.js'
import { type CertificateFilePaths, CertificateFiles } from './certificate-files.js'
import type { StateKeeper } from './kept-state.js'
import { isAddress, passingIdentity, SiteAuthority } from './site-authority.js'
import { Uplifts } from './uplifts.js'

const LOOK_EVERY_MS = 3_600_000

export interface SecurityOptions {
  readonly config: SiteConfig
  readonly keeper: StateKeeper
  /** Names and addresses of this machine. */
  readonly ownNames: readonly string[]
}

interface Opened {
  readonly files?: CertificateFiles
  readonly passing?: TlsIdentity
  readonly authority?: SiteAuthority
  readonly fault?: string
}

type SecurityPorts = Pick<Ports, 'clock' | 'files' | 'log' | 'certificates'>

export class SiteSecurity implements StationSecurity, Stoppable {
  readonly #ports: SecurityPorts
  readonly #options: SecurityOptions
  #config: SiteConfig
  readonly #files: CertificateFiles | undefined
  readonly authority: SiteAuthority | undefined
  readonly #renewed: (() => void)[] = []
  readonly #timer: { cancel(): void }
  /** Why there is no authority although there could be one. */
  readonly #fault: string | undefined
  readonly #passing: TlsIdentity | undefined
  /** Set at once by `open`. */
  #uplifts: Uplifts | undefined

  private constructor(ports: SecurityPorts, options: SecurityOptions, opened: Opened) {
    const { authority, fault, files, passing } = opened
    this.#ports = ports
    this.#options = options
    this.#config = options.config
    this.#files = files
    this.#fault = fault
    this.#passing = passing
    this.authority = authority
    authority?.onRenewed(() => this.#tellRenewed())
    this.#timer = ports.clock.every(LOOK_EVERY_MS, () => {
      this.look().catch(this.#notLooked)
    })
  }

  readonly #notLooked = (fault: unknown): void => {
    const reason = fault instanceof Error ? fault.message : String(fault)
    this.#ports.log.write('error', 'certificates.not-looked-at', { reason })
  }

  /** An authority that cannot be opened closes the ports that need it, and nothing else. */
  static async open(ports: SecurityPorts, options: SecurityOptions): Promise<SiteSecurity> {
    const { certificates } = ports
    if (certificates === undefined) return new SiteSecurity(ports, options, {})
    const { config } = options
    const files = new CertificateFiles({ certificates, log: ports.log })
    await files.read(pathsOf(config))
    const security = await SiteSecurity.#withAuthority({ ...ports, certificates }, options, files)
    security.#uplifts = await Uplifts.open(
      { ...ports, certificates },
      { config: () => security.#config, ownRoots: () => security.#ownRoots() },
    )
    return security
  }

  static async #withAuthority(
    ports: SecurityPorts & { readonly certificates: Certificates },
    options: SecurityOptions,
    files: CertificateFiles,
  ): Promise<SiteSecurity> {
    const { certificates } = ports
    const { config, ownNames } = options
    const who = { siteId: config.site.id, names: namesOf(config, ownNames) }
    try {
      const authority = await SiteAuthority.open({ ...ports, certificates }, who)
      return new SiteSecurity(ports, options, { files, authority })
    } catch (error) {
      const fault = error instanceof Error ? error.message : String(error)
      ports.log.write('error', 'authority.not-opened', { reason: fault })
      const passing = await passingIdentity({ ...ports, certificates }, who)
      return new SiteSecurity(ports, options, { files, fault, passing })
    }
  }

  /** Stations come and go while it runs; ports and files do not change. */
  reconfigure(config: SiteConfig): void {
    this.#config = config
    this.#readFiles().catch(this.#notLooked)
  }

  async stop(): Promise<void> {
    this.#timer.cancel()
  }

  /** Renews what is due and reads the operator's files again. */
  async look(): Promise<void> {
    await this.authority?.renew()
    await this.#readFiles()
  }

  async #readFiles(): Promise<void> {
    if ((await this.#files?.read(pathsOf(this.#config))) === true) this.#tellRenewed()
  }

  serverTls(profile: SecurityProfile): ServerTls | undefined {
    if (!needsTls(profile)) return undefined
    const { certificates = [], clientRootsFile } = this.#config.ocpp.tls
    const own = certificates.flatMap(paths => this.#files?.identity(paths) ?? [])
    const identities = own.length > 0 ? own : (this.authority?.servers ?? [])
    if (identities.length === 0) return undefined
    if (profile < 3) return { identities }
    const others = clientRootsFile === undefined ? [] : (this.#files?.certificates(clientRootsFile) ?? [])
    const clientRoots = [...(this.authority === undefined ? [] : [this.authority.rootPem]), ...others]
    return clientRoots.length === 0 ? undefined : { identities, clientRoots }
  }

  /** What the page shows. Where nothing kept can be read it is a certificate of this start: the page is where that is mended. */
  pageIdentity(): TlsIdentity | undefined {
    const { certificate } = this.#config.web
    const own = certificate === undefined ? undefined : this.#files?.identity(certificate)
    return own ?? this.authority?.pageIdentity ?? this.#passing
  }

  clientTls(stationId: string): ClientTls | undefined {
    const { csms, stations } = this.#config
    const tls = this.#trusting(csms?.tls, stations.find(({ id }) => id === stationId)?.csmsCertificate)
    const link = this.#uplifts?.linkOf(stationId)
    if (link === undefined) return tls
    const { roots, ...shown } = link
    const under = tls ?? { systemRoots: true, roots: [], pins: [] }
    return { ...under, roots: [...under.roots, ...roots], ...shown }
  }

  upliftOf(stationId: string): StationUplift | undefined {
    return this.#uplifts?.of(stationId)
  }

  #ownRoots(): readonly string[] {
    const { rootsFile } = this.#config.csms?.tls ?? {}
    return rootsFile === undefined ? [] : (this.#files?.certificates(rootsFile) ?? [])
  }

  brokerTls(): ClientTls | undefined {
    return this.#trusting(this.#config.mqtt?.tls)
  }

  syslogTls(): ClientTls | undefined {
    return this.#trusting(this.#config.syslog?.tls)
  }

  /** Undefined while the files it names are not read. */
  meterTls({ rootsFile, ...trust }: MeterTrust): ClientTls | undefined {
    const tls = this.#trusting({ ...trust, roots: 'file', rootsFile })
    return tls?.roots.length === 0 ? undefined : tls
  }

  #trusting(tls: ServerTrust | undefined, own?: CertificateFilePaths): ClientTls | undefined {
    const { certificate, pins = [], roots = 'system', rootsFile } = tls ?? {}
    const shown = own ?? certificate
    if (tls === undefined && shown === undefined) return undefined
    const identity = shown === undefined ? undefined : this.#files?.identity(shown)
    return {
      systemRoots: roots !== 'file',
      roots: rootsFile === undefined ? [] : (this.#files?.certificates(rootsFile) ?? []),
      pins,
      ...(identity !== undefined && { identity }),
    }
  }

  leastProfileOf(stationId: string): SecurityProfile {
    const configured = this.#config.stations.find(({ id }) => id === stationId)?.securityProfile
    return leastProfile(configured, this.#shown(stationId) ?? this.#leastInDoubt())
  }

  /** What it has shown is lost: not below the best door there is. */
  #leastInDoubt(): SecurityProfile | undefined {
    const { listeners, securityProfile } = this.#config.ocpp
    if (!this.#options.keeper.areProfilesInDoubt) return undefined
    const doors = listeners?.map(door => door.securityProfile) ?? [securityProfile]
    return SECURITY_PROFILES.findLast(profile => doors.includes(profile))
  }

  expectedNameOf(stationId: string) {
    const { ocpp, stations } = this.#config
    const name = stations.find(({ id }) => id === stationId)?.certificateName
    return { stationId, name, cpoName: ocpp.cpoName }
  }

  isRevoked(sha256: string): boolean {
    return this.authority?.isRevoked(sha256) ?? false
  }

  mayBeOutOfTime(stationId: string): boolean {
    return !isClockTrusted(this.#ports.clock.wallMs()) && this.#shown(stationId) === 3
  }

  proven(stationId: string, profile: SecurityProfile): void {
    if (profile === 0 || profile <= (this.#shown(stationId) ?? 0)) return
    this.#options.keeper.setShownProfile(stationId, profile)
    this.#ports.log.write('info', 'security-profile.raised', { station: stationId, profile })
  }

  signsHere(stationId: string): boolean {
    const { csms, ocpp } = this.#config
    const isLifted = this.#uplifts?.of(stationId) !== undefined
    return csms === undefined || isLifted || ocpp.tls.stationCertificates === 'site'
  }

  async sign(stationId: string, requestPem: string): Promise<string | undefined> {
    const { name = stationId, cpoName } = this.expectedNameOf(stationId)
    const signed = await this.authority?.sign(requestPem, { stationId, name, cpoName, by: 'station' })
    const isSigned = signed !== undefined && 'chainPem' in signed
    const fault = signed === undefined ? 'no authority' : 'fault' in signed ? signed.fault : undefined
    this.#ports.log.write(
      isSigned ? 'info' : 'warn',
      isSigned ? 'certificate.signed' : 'certificate.not-signed',
      {
        station: stationId,
        reason: fault,
      },
    )
    return isSigned ? signed.chainPem : undefined
  }

  /** What the station has shown, or may have, counts no more; false when it has shown nothing. */
  lower(stationId: string, by: string): boolean {
    const before = this.#shown(stationId) ?? this.#leastInDoubt()
    if (before === undefined) return false
    this.#options.keeper.setShownProfile(stationId, undefined)
    this.#ports.log.write('warn', 'security-profile.lowered', { station: stationId, was: before, by })
    return true
  }

  onRenewed(told: () => void): void {
    this.#renewed.push(told)
  }

  /** For alarms: what ends soon, what cannot be read. */
  state(): CertificateState {
    const nowMs = this.#ports.clock.wallMs()
    const { authority } = this
    const { certificates } = this.#ports
    const ending = (about: string, chainPem: string) => {
      const facts = certificates?.read(chainPem)
      const left = facts === undefined ? undefined : daysLeft(facts.notAfterMs, nowMs)
      return left === undefined || left >= RENEW_DAYS_AHEAD ? [] : [{ about, daysLeft: left }]
    }
    const latest = new Map(authority?.issued().map(entry => [entry.stationId, entry]))
    const known = new Set(this.#config.stations.map(({ id }) => id))
    return {
      ending: [
        ...(authority?.servers ?? []).slice(0, 1).flatMap(({ chainPem }) => ending('server', chainPem)),
        ...this.#ownFiles().flatMap(([about, { chainPem }]) => ending(about, chainPem)),
        ...(this.#uplifts?.identities() ?? []).flatMap(([id, { chainPem }]) =>
          ending(`uplink of ${id}`, chainPem),
        ),
        ...[...latest.values()].flatMap(({ notAfter, sha256, stationId }) => {
          const left = daysLeft(Date.parse(notAfter), nowMs)
          const isOver = !known.has(stationId) || this.isRevoked(sha256)
          return isOver || left === undefined || left >= RENEW_DAYS_AHEAD
            ? []
            : [{ about: stationId, daysLeft: left }]
        }),
      ],
      unreadable: [
        ...(this.#files?.faults() ?? []),
        ...(this.#fault === undefined ? [] : [{ path: 'authority.json', reason: this.#fault }]),
      ],
      ...(authority?.saveFault !== undefined && { saveFault: authority.saveFault }),
      ...(this.#options.keeper.areProfilesInDoubt && { stationsInDoubt: this.#stationsInDoubt() }),
    }
  }

  #stationsInDoubt(): readonly string[] {
    if ((this.#leastInDoubt() ?? 0) === 0) return []
    return this.#config.stations.map(({ id }) => id).filter(id => this.#shown(id) === undefined)
  }

  #ownFiles(): readonly (readonly [string, TlsIdentity])[] {
    const { csms, mqtt, ocpp, stations, syslog, web } = this.#config
    const named = [
      ...secureMeters(this.#config).flatMap(({ id, tls }) =>
        tls.certificate === undefined ? [] : [[id, tls.certificate] as const],
      ),
      ...(ocpp.tls.certificates ?? []).map(paths => ['server', paths] as const),
      ...(web.certificate === undefined ? [] : [['page', web.certificate] as const]),
      ...(csms?.tls?.certificate === undefined ? [] : [['csms', csms.tls.certificate] as const]),
      ...(mqtt?.tls?.certificate === undefined ? [] : [['mqtt', mqtt.tls.certificate] as const]),
      ...(syslog?.tls.certificate === undefined ? [] : [['syslog', syslog.tls.certificate] as const]),
      ...stations.flatMap(({ csmsCertificate, id }) =>
        csmsCertificate === undefined ? [] : [[id, csmsCertificate] as const],
      ),
    ]
    return named.flatMap(([about, paths]) => {
      const identity = this.#files?.identity(paths)
      return identity === undefined ? [] : [[about, identity] as const]
    })
  }

  #shown(stationId: string): SecurityProfile | undefined {
    const shown = this.#options.keeper.shownProfile(stationId)
    return SECURITY_PROFILES.find(profile => profile === shown)
  }

  #tellRenewed(): void {
    for (const told of this.#renewed) told()
  }
}

/** What the cabinet's certificate is to carry. */
function namesOf({ ocpp, web }: SiteConfig, ownNames: readonly string[]): readonly string[] {
  const written = [...ocpp.tls.names, ...web.hostNames]
  return [...new Set([...ownNames, ...written].map(name => (isAddress(name) ? name : name.toLowerCase())))]
}

function secureMeters({ meters }: SiteConfig): readonly { readonly id: string; readonly tls: MeterTrust }[] {
  return meters.flatMap(({ connection, id }) =>
    connection.kind === 'tcp' && connection.tls !== undefined ? [{ id, tls: connection.tls }] : [],
  )
}

function pathsOf(config: SiteConfig): readonly string[] {
  const { csms, mqtt, ocpp, stations, syslog, web } = config
  const meters = secureMeters(config).map(({ tls }) => tls)
  const pairs = [
    ...meters.flatMap(({ certificate = [] }) => certificate),
    ...(ocpp.tls.certificates ?? []),
    ...(web.certificate === undefined ? [] : [web.certificate]),
    ...[csms, mqtt, syslog].flatMap(link => link?.tls?.certificate ?? []),
    ...stations.flatMap(({ csmsCertificate }) => (csmsCertificate === undefined ? [] : [csmsCertificate])),
  ]
  const single = [ocpp.tls.clientRootsFile, csms?.tls?.rootsFile, mqtt?.tls?.rootsFile, syslog?.tls.rootsFile]
  return [
    ...meters.map(({ rootsFile }) => rootsFile),
    ...pairs.flatMap(({ certificateFile, keyFile }) => [certificateFile, keyFile]),
    ...single.filter(path => path !== undefined),
  ]
}
