/**
 * The Bus door on modbus-serial. It makes up for what the library leaves to its user: no default timeout, a close that
 * may never call back, late RTU answers taken for the next one, exceptions thrown at connect when serialport is not
 * installed. TCP sockets are our own, so that a line can always be destroyed and unasked-for bytes be seen.
 * Reads only; no Modbus write leaves this process.
 */
import { createRequire } from 'node:module'
import type ModbusRTU from 'modbus-serial'
import type { Bus, BusConnection, BusLine, BusOpening, BusRead, BusReply, ClientTls } from '../ports.js'
import { identityOf } from './bus-identity.js'
import { faultText, openSocket } from './bus-socket.js'
import { startModbusServer } from './modbus-server.js'
import { SecondAnswers } from './second-answers.js'
import { watchSerial } from './serial-watch.js'

/** A reply is at most 260 bytes; more than a few of them unasked is not Modbus. */
const MAX_REPLY_BYTES = 2048
/** Transaction, protocol and length before the unit id. */
const MBAP_BYTES = 6
const RTU_CRC_BYTES = 2
/** Unit, function, exception code. */
const EXCEPTION_BYTES = 3

/** With it comes a native driver for serial lines: only sites with a meter pay the time and the memory. */
function modbusSerial(): typeof import('modbus-serial') {
  return createRequire(import.meta.url)('modbus-serial')
}

export function createBus(): Bus {
  return {
    serve: startModbusServer,
    // Only where the answer's length is known from its head.
    identify: async (connection, unitId, timeoutMs) =>
      connection.kind === 'tcp' && connection.tls === undefined
        ? identityOf(connection, unitId, timeoutMs)
        : undefined,
    connect: async (connection, timeoutMs, tls) => {
      try {
        // at the start of the site, and not when the first line is open and others are being served
        modbusSerial()
        return connection.kind === 'rtu'
          ? await connectSerial(connection, timeoutMs)
          : await connectSocket(connection, timeoutMs, tls)
      } catch (error) {
        // The library throws at once when the optional serialport package is missing.
        return { kind: 'failed', detail: textOf(error) }
      }
    },
  }
}

type TcpConnection = Extract<BusConnection, { readonly host: string }>
type SerialConnection = Extract<BusConnection, { readonly path: string }>

async function connectSocket(
  connection: TcpConnection,
  timeoutMs: number,
  tls: ClientTls | undefined,
): Promise<BusOpening> {
  const opened = await openSocket(connection, timeoutMs, tls)
  if (opened.kind === 'failed') return opened
  const { socket } = opened
  const client = newClient(timeoutMs)
  const watch = { inFlight: false, bytes: 0, strays: 0, tainted: '' }
  const answers = new SecondAnswers()
  // Registered before the library's own listener, so that the taint is known when it parses.
  socket.on('data', chunk => {
    if (connection.kind === 'rtu-over-tcp') answers.heard(chunk)
    watch.bytes += chunk.length
    if (!watch.inFlight) {
      watch.strays += chunk.length
      watch.tainted = 'bytes nobody asked for'
    }
    if (watch.tainted === '' && watch.bytes > MAX_REPLY_BYTES) watch.tainted = 'an endless answer'
    if (watch.tainted !== '') socket.destroy()
  })
  // a meter that wants another certificate of ours says so after the handshake
  socket.on('error', fault => {
    if (connection.tls !== undefined && watch.tainted === '') watch.tainted = faultText(fault)
  })
  const options = { port: connection.port }
  if (connection.kind === 'tcp') await client.linkTCP(socket, options)
  else await client.linkTelnet(socket, options)
  return {
    kind: 'open',
    line: lineOf(client, {
      broken: () => (watch.tainted !== '' ? watch.tainted : socket.destroyed ? 'connection lost' : undefined),
      sending: request => {
        watch.inFlight = request !== undefined
        if (request === undefined) return
        watch.bytes = 0
        answers.asked(request)
      },
      drain: async () => undefined,
      extraBytes: answerBytes => {
        const extra = watch.bytes - answerBytes - (connection.kind === 'tcp' ? MBAP_BYTES : RTU_CRC_BYTES)
        watch.strays += Math.max(0, extra)
        return extra
      },
      strayBytes: () => watch.strays,
      strayAnswers: () => answers.count(),
      destroy: () => {
        // Unlike close, destroy clears the library's own timers and waits for nothing.
        client.destroy(() => undefined)
        socket.destroy()
      },
      onLost: lost => socket.once('close', lost),
    }),
  }
}

async function connectSerial(connection: SerialConnection, timeoutMs: number): Promise<BusOpening> {
  const client = newClient(timeoutMs)
  const { path, baudRate, parity, dataBits, stopBits } = connection
  const state = { gone: false }
  const destroy = () => {
    state.gone = true
    if (client.isOpen) client.close(() => undefined)
  }
  const opening = client.connectRTUBuffered(path, { baudRate, parity, dataBits, stopBits })
  const result = await withDeadline(
    opening.then(
      () => ({ kind: 'open' }) as const,
      (error: unknown) => ({ kind: 'failed', detail: textOf(error) }) as const,
    ),
    timeoutMs,
  )
  if (result === undefined) {
    // Opened after all, too late: nobody will close it but us.
    opening.then(destroy, () => undefined)
    return { kind: 'failed', detail: 'timeout' }
  }
  if (result.kind === 'failed') return result
  const watch = watchSerial(client)
  if (watch === undefined) {
    destroy()
    return { kind: 'failed', detail: 'this version of modbus-serial hides its port' }
  }
  return {
    kind: 'open',
    line: lineOf(client, {
      ...watch,
      broken: () => (state.gone || !client.isOpen ? 'serial port closed' : undefined),
      destroy,
      onLost: lost => client.on('close', lost),
    }),
  }
}

/** What a line needs to know of the wire below the library. */
interface Wire {
  /** Why nothing more can be read; undefined while sound. */
  broken(): string | undefined
  /** Before a request: why the line cannot be used, undefined when nothing is left on it. */
  drain(): Promise<string | undefined>
  /** Undefined: the request is over. */
  sending(request: BusRead | undefined): void
  /** Bytes that came with an answer of `answerBytes` (unit, function and data) and do not belong to it. */
  extraBytes(answerBytes: number): number
  strayBytes(): number
  strayAnswers(): number
  destroy(): void
  onLost(lost: () => void): void
}

function lineOf(client: Client, wire: Wire): BusLine {
  let giveUp: ((reply: BusReply) => void) | undefined
  let busy = false
  wire.onLost(() => giveUp?.({ kind: 'failed', detail: wire.broken() ?? 'connection lost' }))
  return {
    read: async request => {
      const broken = wire.broken()
      if (broken !== undefined) return { kind: 'failed', detail: broken }
      if (busy) return { kind: 'failed', detail: 'a request is in flight already' }
      busy = true
      const noise = await wire.drain()
      const gone = noise ?? wire.broken()
      if (gone !== undefined) {
        busy = false
        return { kind: 'failed', detail: gone }
      }
      wire.sending(request)
      const lost = new Promise<BusReply>(resolve => {
        giveUp = resolve
      })
      const answered = requestOnce(client, request)
      const reply =
        (await withDeadline(Promise.race([answered, lost]), request.timeoutMs)) ??
        ({ kind: 'timeout' } as const)
      // The answer may still come, and RTU has nothing to tell it from the next one.
      if (reply.kind === 'timeout') wire.destroy()
      giveUp = undefined
      busy = false
      wire.sending(undefined)
      if (!isOverlong(reply, wire)) return reply
      // A second answer in the same packet would lie in the library's buffer and answer the next request.
      wire.destroy()
      return { kind: 'failed', detail: 'more bytes than the answer' }
    },
    strayBytes: () => wire.strayBytes(),
    strayAnswers: () => wire.strayAnswers(),
    close: () => {
      wire.destroy()
      giveUp?.({ kind: 'failed', detail: 'closed' })
    },
  }
}

function isOverlong(reply: BusReply, wire: Wire): boolean {
  switch (reply.kind) {
    case 'words':
      return wire.extraBytes(3 + 2 * reply.words.length) !== 0
    case 'exception':
      return wire.extraBytes(EXCEPTION_BYTES) !== 0
    case 'timeout':
    case 'failed':
      return false
  }
}

async function requestOnce(client: Client, request: BusRead): Promise<BusReply> {
  try {
    // setID is captured by the call that follows in the same tick.
    client.setID(request.unitId)
    client.setTimeout(request.timeoutMs)
    const { data } = await (request.functionCode === 3
      ? client.readHoldingRegisters(request.address, request.count)
      : client.readInputRegisters(request.address, request.count))
    return data.length === request.count
      ? { kind: 'words', words: data }
      : { kind: 'failed', detail: `${data.length} registers instead of ${request.count}` }
  } catch (error) {
    return failureOf(error)
  }
}

function failureOf(error: unknown): BusReply {
  if (typeof error === 'object' && error !== null) {
    const code: unknown = Reflect.get(error, 'modbusCode')
    if (typeof code === 'number') return { kind: 'exception', code }
    if (Reflect.get(error, 'name') === 'TransactionTimedOutError') return { kind: 'timeout' }
  }
  return { kind: 'failed', detail: textOf(error) }
}

type Client = ModbusRTU.default

function newClient(timeoutMs: number): Client {
  const { default: ModbusClient } = modbusSerial()
  const client = new ModbusClient()
  client.setTimeout(timeoutMs)
  // Without a listener an error of the port would end the process; the request in flight reports it.
  client.on('error', () => undefined)
  return client
}

/** The promise's value, or undefined after `timeoutMs`. */
async function withDeadline<T>(promise: Promise<T>, timeoutMs: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>(resolve => {
    timer = setTimeout(() => resolve(undefined), timeoutMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

function textOf(error: unknown): string {
  if (error instanceof Error) return error.message
  const message: unknown =
    typeof error === 'object' && error !== null ? Reflect.get(error, 'message') : undefined
  return typeof message === 'string' ? message : String(error)
}
