/**
 * The doors to the world. Everything Busbar needs from outside its own process is one of these interfaces;
 * `adapters/` holds the real ones, `sim/` the simulated ones. Code behind these doors is deterministic:
 * same door events in, same door calls out. Must not know any library.
 */

import type { Sealed } from './core/config/backup.js'
import type { TlsFault } from './core/security/tls-fault.js'
import type { Bus } from './ports-bus.js'
import type { Announcer, Assets, Http, Listener, Stoppable } from './ports-http.js'
import type { Journal } from './ports-journal.js'
import type { Certificates, ClientTls, PeerCertificate, ServerTls, SyslogDoor } from './ports-tls.js'

export type * from './ports-bus.js'
export type * from './ports-http.js'
export type * from './ports-journal.js'
export type * from './ports-tls.js'

export interface Ports {
  readonly clock: Clock
  readonly random: Random
  readonly secrets: Secrets
  readonly network: Network
  readonly http: Http
  readonly assets: Assets
  readonly journal: Journal
  readonly files: Files
  readonly blobs: Blobs
  readonly bus: Bus
  readonly broker: Broker
  /** None in simulation. */
  readonly brokerServer?: BrokerServer
  readonly log: Log
  /** Absent in simulation, where nothing is encrypted. */
  readonly certificates?: Certificates
  /** Absent in simulation. */
  readonly syslog?: SyslogDoor
  /** Absent in simulation. */
  readonly announcer?: Announcer
}

/** A pending timer. `cancel` is idempotent and safe after it fired. */
export interface Timer {
  cancel(): void
}

/** Wall time is for timestamps and schedules; every duration is measured on the monotonic clock. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00Z. May jump. */
  wallMs(): number
  /** Milliseconds since an arbitrary start. Never jumps, never goes back. */
  monoMs(): number
  /** Runs once after at least `delayMs` (>= 0) of monotonic time. */
  after(delayMs: number, run: () => void): Timer
  /** Runs every `periodMs` (> 0) of monotonic time, first after one period; missed turns are not made up. */
  every(periodMs: number, run: () => void): Timer
  /** Runs at the start of each wall-clock minute. */
  eachMinute(run: () => void): Timer
}

/** Seeded randomness for jitter and spreading. Never for secrets. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number
}

export interface Secrets {
  /** `bytes` random bytes of the system's CSPRNG, base64url. */
  token(bytes: number): string
  /** A salted scrypt hash of the password, as text that `verify` reads. */
  hash(password: string): Promise<string>
  /** False also for a hash text it cannot read. */
  verify(password: string, hash: string): Promise<boolean>
  /** SHA-256 of the text, base64url: for what is compared often and is no person's password. */
  digest(text: string): string
  /** Constant-time comparison; lengths may differ (then false). */
  equal(a: Uint8Array, b: Uint8Array): boolean
}

/** Text under a passphrase. Only where backups are made. */
export interface Vault {
  /** `context` is not hidden, and bound to it: with another one it cannot be opened. */
  seal(text: string, passphrase: string, context: string): Promise<Sealed>
  /** Undefined with another passphrase, another context, or when one bit is another. */
  open(sealed: Sealed, passphrase: string, context: string): Promise<string | undefined>
}

// ---------------------------------------------------------------- Network (WebSocket)

export interface Network {
  /** Listens for WebSocket upgrades. Rejects with an Error whose message says why (port in use, no permission). */
  listen(options: ListenOptions, onUpgrade: (request: UpgradeRequest) => void): Promise<Listener>
  /**
   * Opens a WebSocket as client. `done` is called exactly once, unless `abort` was called first.
   * Handlers may be called only after `done` was given an open socket.
   */
  dial(target: DialTarget, handlers: SocketHandlers, done: (outcome: DialOutcome) => void): Dialing
}

export interface ListenOptions {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  /** A longer frame closes that socket with 1009. */
  readonly maxFrameBytes: number
  /** Absent = as many as the system gives, for the other side of the wire in demo and tests. */
  readonly crowd?: Crowd
  /** Something came that is no WebSocket upgrade: another protocol, or plain HTTP. */
  readonly onStranger?: () => void
  /** Absent = plain. */
  readonly tls?: ServerTls
  /** A connection came to nothing before it said who it was. `remote` is without port. */
  readonly onTlsFault?: (fault: TlsFault, remote: string) => void
}

/** How many may be connected at once. */
export interface Crowd {
  /** TCP connections, upgraded or not. One more is answered 503 and closed. */
  readonly maxConnections: number
  /** One was turned away. */
  onTurnedAway(): void
}

/** One HTTP upgrade request, to be answered by exactly one of `accept` and `reject`, at once or later. */
export interface UpgradeRequest {
  /** The request target as it came, percent-encoded, with query. */
  readonly rawPath: string
  /** Lower-case names; repeated headers joined by ", ", except where the standard allows only one: then the first. */
  readonly headers: Readonly<Record<string, string>>
  /** Lower-case names of headers that came more than once. */
  readonly repeatedHeaders: ReadonlySet<string>
  /** Remote address without port. */
  readonly remote: string
  /** Shown by the client; undefined when none was, or none was asked for. */
  readonly certificate?: PeerCertificate
  /** Undefined when the peer has already gone. `protocol` is echoed as the only sub-protocol; undefined echoes none. */
  accept(protocol: string | undefined, handlers: SocketHandlers): Socket | undefined
  reject(status: number, headers?: Readonly<Record<string, string>>): void
}

export interface DialTarget {
  readonly url: string
  readonly protocols: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  /** Time for DNS, TCP, TLS and the upgrade together. Must be > 0. */
  readonly timeoutMs: number
  readonly maxFrameBytes: number
  /** For wss; absent = the system's roots, no client certificate. Verified in any case. */
  readonly tls?: ClientTls
}

export interface Dialing {
  /** Gives the attempt up; `done` will not be called. No effect once it was. */
  abort(): void
}

export type DialOutcome =
  | { readonly kind: 'open'; readonly socket: Socket; readonly protocol: string }
  | { readonly kind: 'refused'; readonly status: number }
  | {
      readonly kind: 'failed'
      readonly reason: 'dns' | 'tcp' | 'tls' | 'timeout' | 'handshake'
      readonly detail: string
      /** With reason `tls`, where it is known. */
      readonly tlsFault?: TlsFault
    }

/** An open WebSocket. Every method is safe after it closed (then without effect). Order is kept within a socket. */
export interface Socket {
  sendText(text: string): void
  ping(): void
  /** Starts the closing handshake; the adapter terminates by itself when the peer does not answer it. */
  close(code: number, reason: string): void
  /** Drops the connection at once. `closed` is still called. */
  terminate(): void
  /** Bytes accepted by `sendText` that have not left the process yet. */
  bufferedBytes(): number
  /** Bytes given to `sendText` since it opened. */
  sentBytes(): number
  /** Bytes that have come since it opened, also of a frame that is not whole yet. */
  receivedBytes(): number
}

export interface SocketHandlers {
  text(text: string): void
  /** A binary frame came; its content is not passed on. */
  binary(): void
  ping(): void
  pong(): void
  /** Called exactly once, last. 1006 when the connection was cut without a close frame. */
  closed(code: number, reason: string): void
}

// ---------------------------------------------------------------- Storage

/** Small JSON documents by name ("config", "state", "secrets"), each saved whole and durably. */
export interface Files {
  /** Undefined when there is none. Rejects with an Error naming the file when it cannot be read or is no JSON. */
  load(name: string): Promise<unknown>
  /** As it stands in the file, so that a person can mend what is no JSON. Rejects when it cannot be read or is no UTF-8. */
  text(name: string): Promise<string | undefined>
  /** Serialised per name; the latest waiting document wins; settles when the caller's own or a later one is durable. */
  save(name: string, document: unknown): Promise<void>
}

/** What is too large for memory: firmware for stations, and what stations upload. */
export interface Blobs {
  list(folder: BlobFolder): Promise<readonly BlobInfo[]>
  /**
   * Streams `body` to a file that appears under its name, or takes the place of the old one, only when it is whole and
   * durable. Rejects when the disk fails or the body ends early.
   */
  write(
    folder: BlobFolder,
    name: string,
    body: ReadableStream<Uint8Array>,
    maxBytes: number,
  ): Promise<BlobWrite>
  /** Undefined when there is none. The range is in bytes, both ends included. */
  read(
    folder: BlobFolder,
    name: string,
  ): Promise<
    | {
        readonly info: BlobInfo
        body(range?: { readonly start: number; readonly end: number }): ReadableStream<Uint8Array>
      }
    | undefined
  >
  /** False when there was none. */
  remove(folder: BlobFolder, name: string): Promise<boolean>
}

export type BlobFolder = 'firmware' | 'uploads'

export interface BlobInfo {
  readonly name: string
  readonly sizeBytes: number
  /** Hexadecimal. */
  readonly sha256: string
  readonly modifiedWallMs: number
}

export type BlobWrite = { readonly kind: 'written'; readonly info: BlobInfo } | { readonly kind: 'too-large' }

// ---------------------------------------------------------------- MQTT

export interface Broker {
  /** One attempt; no reconnect inside. `closed` is called exactly once, also when the attempt failed. */
  connect(options: BrokerOptions, handlers: BrokerHandlers): BrokerLink
}

export interface BrokerOptions {
  readonly url: string
  readonly clientId: string
  readonly username?: string
  readonly password?: string
  readonly protocolVersion: 4 | 5
  /** Of an mqtts:// URL; absent = the system's roots. */
  readonly tls?: ClientTls
  readonly will: { readonly topic: string; readonly payload: string | Uint8Array; readonly retain: boolean }
  readonly connectTimeoutMs: number
}

export interface BrokerHandlers {
  open(): void
  /** `answerTo`: where the sender waits for an answer, if it said so (MQTT 5). */
  message(topic: string, payload: string, retained: boolean, answerTo?: BrokerAnswerTo): void
  /** Where it is there, every message comes to it instead, as it came. */
  octets?(topic: string, payload: Uint8Array, retained: boolean): void
  /** `refused`: the broker answered CONNECT with a refusal; `detail` is its reason, e.g. "not authorized". */
  closed(reason: BrokerClosing, detail: string): void
}

export type BrokerClosing = 'refused' | 'dns' | 'tcp' | 'tls' | 'timeout' | 'closed' | 'other'

export interface BrokerAnswerTo {
  readonly topic: string
  /** Sent back as it came (MQTT 5). */
  readonly correlation?: Uint8Array
}

/** How a message goes to the broker (MQTT 3.1.1 §4.3, §3.3.1.3). */
export interface Delivery {
  readonly qos: 0 | 1 | 2
  readonly retain: boolean
}

export interface BrokerLink {
  /** `done` once: true when the broker has it (with QoS 0: when it has left), false when the link closed before. */
  publish(topic: string, payload: string | Uint8Array, how: Delivery, done?: (taken: boolean) => void): void
  subscribe(filter: string): void
  /** Nothing of that filter comes any more, after what is on its way already. */
  unsubscribe(filter: string): void
  /** QoS 1, not retained; lost when the link is. */
  answer(to: BrokerAnswerTo, payload: string): void
  /** Disconnects in order (the last will is not sent). */
  end(): void
}

/** A broker in this process, for sites that have none. */
export interface BrokerServer {
  /** Rejects with an Error whose message says why (port in use). */
  listen(options: BrokerServerOptions): Promise<BrokerServerDoor>
}

export interface BrokerServerOptions {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  /** Who may connect, at each port; absent = whoever reaches it. */
  readonly account?: { readonly username: string; readonly password: string }
  /** With TLS alone. */
  readonly outside?: { readonly host: string; readonly port: number; readonly tls: ServerTls }
}

export interface BrokerServerDoor extends Stoppable {
  readonly port: number
  readonly outsidePort?: number
  /** Shows these from the next handshake on. */
  renew(tls: ServerTls): void
}

// ---------------------------------------------------------------- Log

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** One event per line. Never idTags, passwords or tokens. */
export interface Log {
  write(
    level: LogLevel,
    event: string,
    fields?: Readonly<Record<string, string | number | boolean | undefined>>,
  ): void
}
