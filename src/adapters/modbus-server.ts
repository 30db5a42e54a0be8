/**
 * A small Modbus TCP server on modbus-serial, for building controllers, the demo's meter and tests: read requests are answered from a
 * function, and nothing can be written where no function takes it, one register at a time. Taken off line it behaves like a meter without power behind a live switch: open
 * connections break and requests stay unanswered.
 */
import { createRequire } from 'node:module'
import net from 'node:net'
import type { ServerTCP } from 'modbus-serial'
import type { BusServing, Listener } from '../ports.js'

/** Between choosing a free port and binding it somebody else may take it. */
const BIND_ATTEMPTS = 5
/** A building has a handful of controllers; one that opens more and more must not take the others' sockets. */
const MAX_CLIENTS = 16
const ILLEGAL_ADDRESS = 2
const DEVICE_FAILURE = 4
const TARGET_SILENT = 11
const ALL_UNITS = 255

export interface ModbusServer extends Listener {
  /** False: drops connections and answers nothing until true again. */
  setOnline(on: boolean): void
}

/** Rejects with an Error saying why when the port cannot be bound. */
export async function startModbusServer(options: BusServing): Promise<ModbusServer> {
  const state = { online: true }
  for (let attempt = 1; ; attempt++) {
    const port = options.port === 0 ? await freePort(options.host) : options.port
    const bound = await bind(options, port, state)
    if (bound.kind === 'bound') return serverOf(bound.server, port, state)
    if (options.port !== 0 || attempt === BIND_ATTEMPTS) throw bound.error
  }
}

/** Loaded where something is served: with it comes a native driver for serial lines. */
function modbusSerial(): typeof import('modbus-serial') {
  return createRequire(import.meta.url)('modbus-serial')
}

type Bound =
  | { readonly kind: 'bound'; readonly server: ServerTCP }
  | { readonly kind: 'failed'; readonly error: Error }

function bind(options: BusServing, port: number, state: { readonly online: boolean }): Promise<Bound> {
  const answer =
    (functionCode: 3 | 4) =>
    (
      address: number,
      count: number,
      unitId: number,
      done: (error: Error | null, words: number[]) => void,
    ) => {
      if (!state.online) return
      if (isOther(options, unitId)) {
        passOn(options, unitId, { functionCode, address, count }, done)
        return
      }
      const exception = options.exceptionOn?.(functionCode, address, count)
      if (exception !== undefined) {
        done(Object.assign(new Error(`exception ${exception}`), { modbusErrorCode: exception }), [])
        return
      }
      const words = Array.from({ length: count }, (_, i) => options.read(functionCode, address + i) & 0xffff)
      done(null, words)
    }
  // The library asks for single registers by another function, chosen by its number of parameters.
  const answerOne =
    (functionCode: 3 | 4) =>
    (address: number, unitId: number, done: (error: Error | null, word: number) => void) => {
      answer(functionCode)(address, 1, unitId, (error, words) => done(error, words[0] ?? 0))
    }
  const { write } = options
  const many = write && writer(write, options, state)
  const writing = many && {
    setRegisterArray: many,
    setRegister: (address: number, value: number, unitId: number, done: (error: Error | null) => void) =>
      many(address, [value], unitId, done),
  }
  return new Promise(resolve => {
    const server = new (modbusSerial().ServerTCP)(
      {
        getInputRegister: answerOne(4),
        getHoldingRegister: answerOne(3),
        getMultipleInputRegisters: answer(4),
        getMultipleHoldingRegisters: answer(3),
        ...writing,
      },
      { host: options.host, port, unitID: options.passThrough === undefined ? options.unitId : ALL_UNITS },
    )
    server.on('serverError', error =>
      resolve({ kind: 'failed', error: error ?? new Error(`cannot listen on port ${port}`) }),
    )
    server.on('initialized', () => {
      const listening: unknown = Reflect.get(server, '_server')
      if (listening instanceof net.Server) listening.maxConnections = MAX_CLIENTS
      resolve({ kind: 'bound', server })
    })
    // A client that breaks off is its own affair; without listeners these events would end the process.
    server.on('socketError', () => undefined)
    server.on('error', () => undefined)
  })
}

/** Asked for what is not this server itself. */
const isOther = ({ unitId: own, passThrough }: BusServing, unitId: number): boolean =>
  passThrough !== undefined && own !== ALL_UNITS && unitId !== own

/** Nobody is answered for a unit that is not passed on. */
function passOn(
  { passThrough }: BusServing,
  unitId: number,
  read: { readonly functionCode: 3 | 4; readonly address: number; readonly count: number },
  done: (error: Error | null, words: number[]) => void,
): void {
  const refuse = (code: number): void =>
    done(Object.assign(new Error(`exception ${code}`), { modbusErrorCode: code }), [])
  passThrough
    ?.get(unitId)?.(read)
    .then(
      reply => {
        if (reply.kind === 'words') done(null, [...reply.words])
        else refuse(reply.kind === 'exception' ? reply.code : TARGET_SILENT)
      },
      () => refuse(TARGET_SILENT),
    )
}

/** Of function code 16 all registers at once, of 6 the one. */
function writer(
  write: NonNullable<BusServing['write']>,
  options: BusServing,
  state: { readonly online: boolean },
) {
  return (
    address: number,
    values: readonly number[],
    unitId: number,
    done: (error: Error | null) => void,
  ): void => {
    if (!state.online || isOther(options, unitId)) return
    const [value] = values
    const refuse = (code: number): void =>
      done(Object.assign(new Error(`exception ${code}`), { modbusErrorCode: code }))
    if (value === undefined || values.length !== 1) refuse(ILLEGAL_ADDRESS)
    else
      write(address, value).then(
        code => (code === undefined ? done(null) : refuse(code)),
        () => refuse(DEVICE_FAILURE),
      )
  }
}

function serverOf(server: ServerTCP, port: number, state: { online: boolean }): ModbusServer {
  let stopped: Promise<void> | undefined
  return {
    port,
    setOnline: on => {
      state.online = on
      if (!on) for (const socket of server.socks.keys()) socket.destroy()
    },
    stop: () => {
      stopped ??= new Promise(resolve => server.close(() => resolve()))
      return stopped
    },
  }
}

function freePort(host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer()
    probe.on('error', reject)
    probe.listen(0, host, () => {
      const address = probe.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}
