/** The door to Modbus: lines that are read, and a server that is read. Part of `ports.ts`. */
import type { MeterTrust } from './core/config/security-keys.js'
import type { ClientTls } from './ports-tls.js'

export type BusConnection =
  | {
      readonly kind: 'tcp' | 'rtu-over-tcp'
      readonly host: string
      readonly port: number
      /** It is TLS then, and nothing without. */
      readonly tls?: MeterTrust | undefined
    }
  | {
      readonly kind: 'rtu'
      readonly path: string
      readonly baudRate: number
      readonly parity: 'none' | 'even' | 'odd'
      readonly dataBits: 7 | 8
      readonly stopBits: 1 | 2
    }

export interface Bus {
  /** A new client for each call. Never rejects; bounded by `timeoutMs`. `tls`: what the files say that the connection names. */
  connect(connection: BusConnection, timeoutMs: number, tls?: ClientTls): Promise<BusOpening>
  /** What a device says of itself (function code 43); undefined where it says nothing. Never rejects. Absent in simulation. */
  identify?(
    connection: Extract<BusConnection, { readonly host: string }>,
    unitId: number,
    timeoutMs: number,
  ): Promise<string | undefined>
  /** Answers reads over Modbus TCP; nothing can be written. Rejects when the port cannot be had. Absent in simulation. */
  serve?(options: BusServing): Promise<BusServer>
}

export interface BusServer {
  /** The port really listened on. */
  readonly port: number
  stop(): Promise<void>
}

export interface BusServing {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  /** Requests for other units stay unanswered; 255 answers all. */
  readonly unitId: number
  /** The word at a zero-based address; numbers are cut to 16 bits. */
  read(functionCode: 3 | 4, address: number): number
  /** The Modbus exception code to answer a read with, if any. */
  exceptionOn?(functionCode: 3 | 4, address: number, count: number): number | undefined
  /** One holding register; the exception code it is refused with. Absent: nothing can be written. */
  write?(address: number, value: number): Promise<number | undefined>
  /** Reads for other units that are passed on, by unit id. What is not answered is told as exception 11. */
  readonly passThrough?: ReadonlyMap<
    number,
    (read: {
      readonly functionCode: 3 | 4
      readonly address: number
      readonly count: number
    }) => Promise<BusReply>
  >
}

export type BusOpening =
  | { readonly kind: 'open'; readonly line: BusLine }
  | { readonly kind: 'failed'; readonly detail: string }

/** One open line. The caller keeps one request in flight and drops the line after a timeout. */
export interface BusLine {
  /** Never rejects. */
  read(request: BusRead): Promise<BusReply>
  /** Bytes so far that belonged to no answer: dropped. */
  strayBytes(): number
  /** Whole answers so far behind the one that was asked for: two devices at one address. Modbus TCP tells them apart. */
  strayAnswers(): number
  /** Never hangs; a request in flight settles as failed. */
  close(): void
}

export interface BusRead {
  readonly unitId: number
  readonly functionCode: 3 | 4
  /** Zero-based, as on the wire. */
  readonly address: number
  readonly count: number
  readonly timeoutMs: number
}

export type BusReply =
  | { readonly kind: 'words'; readonly words: readonly number[] }
  | { readonly kind: 'exception'; readonly code: number }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'failed'; readonly detail: string }
