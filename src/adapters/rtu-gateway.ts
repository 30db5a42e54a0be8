/**
 * A virtual transparent gateway: raw RTU frames over TCP, and behind it meters on a line as slow as its rate. For the demo,
 * the benchmark and tests. Reads only; a frame that is none is noise and stays unanswered, as a meter leaves it.
 */
import net from 'node:net'
import type { BusReply, Listener } from '../ports.js'

/** As many as such a box lets in. */
const MAX_CLIENTS = 4
const REQUEST_BYTES = 8
/** A character is ten bits; a meter answers after some milliseconds of its own. */
const BITS = 10
const TURN_ROUND_MS = 4
const MAX_COUNT = 125

/** What a meter behind it says; a time-out is silence. */
export type RtuUnit = (read: {
  readonly functionCode: 3 | 4
  readonly address: number
  readonly count: number
}) => BusReply

export interface RtuGateway extends Listener {
  /** False: drops connections and answers nothing until true again. */
  setOnline(on: boolean): void
}

export async function startRtuGateway(options: {
  readonly host: string
  /** 0 = any free port. */
  readonly port: number
  readonly baudRate: number
  readonly units: ReadonlyMap<number, RtuUnit>
  /** Of the line's time against the clock's; default 1. */
  readonly speed?: number
}): Promise<RtuGateway> {
  const { host, port, baudRate, units, speed = 1 } = options
  const sockets = new Set<net.Socket>()
  let isOnline = true
  let lineFreeMs = 0
  /** One frame at a time on the line, whoever asks. */
  const answer = (socket: net.Socket, frame: Buffer): void => {
    const unit = units.get(frame.readUInt8(0))
    const reply = isOnline && unit !== undefined ? replyTo(frame, unit) : undefined
    const bytes = REQUEST_BYTES + (reply?.length ?? 0)
    const nowMs = performance.now()
    const lineMs = (bytes * BITS * 1000) / baudRate + TURN_ROUND_MS
    lineFreeMs = Math.max(lineFreeMs, nowMs) + lineMs / speed
    if (reply === undefined) return
    setTimeout(() => {
      if (isOnline && !socket.destroyed) socket.write(reply)
    }, lineFreeMs - nowMs)
  }
  const server = net.createServer(socket => {
    sockets.add(socket)
    let held = Buffer.alloc(0)
    // A client that breaks off is its own affair.
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', chunk => {
      held = Buffer.concat([held, chunk])
      while (held.length >= REQUEST_BYTES) {
        const frame = held.subarray(0, REQUEST_BYTES)
        held = isWhole(frame) ? held.subarray(REQUEST_BYTES) : Buffer.alloc(0)
        if (isWhole(frame)) answer(socket, frame)
      }
    })
  })
  server.maxConnections = MAX_CLIENTS
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const address = server.address()
  const drop = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    setOnline: on => {
      isOnline = on
      if (!on) drop()
    },
    stop: () =>
      new Promise(resolve => {
        drop()
        server.close(() => resolve())
      }),
  }
}

const isWhole = (frame: Buffer): boolean =>
  crc16(frame.subarray(0, -2)) === frame.readUInt16LE(frame.length - 2)

/** Undefined = silence. */
function replyTo(frame: Buffer, unit: RtuUnit): Buffer | undefined {
  const code = frame.readUInt8(1)
  const count = frame.readUInt16BE(4)
  if (code !== 3 && code !== 4) return framed([frame.readUInt8(0), code | 0x80, 1])
  if (count < 1 || count > MAX_COUNT) return framed([frame.readUInt8(0), code | 0x80, 3])
  const reply = unit({ functionCode: code, address: frame.readUInt16BE(2), count })
  if (reply.kind === 'exception') return framed([frame.readUInt8(0), code | 0x80, reply.code])
  if (reply.kind !== 'words') return undefined
  const bytes = reply.words.flatMap(word => [(word >> 8) & 0xff, word & 0xff])
  return framed([frame.readUInt8(0), code, bytes.length, ...bytes])
}

function framed(body: readonly number[]): Buffer {
  const frame = Buffer.alloc(body.length + 2)
  frame.set(body)
  frame.writeUInt16LE(crc16(frame.subarray(0, -2)), body.length)
  return frame
}

function crc16(bytes: Uint8Array): number {
  let crc = 0xffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc
}
