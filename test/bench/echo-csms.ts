/**
 * The CSMS of the bench: answers every CALL at once and cheaply, by what stands at the head of its text. It can go away
 * and come back at its port. Beside it one that accepts sockets and then neither reads nor answers.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { type WebSocket, WebSocketServer } from 'ws'

/** Makes an answer about as long as the CALL, 300 bytes. */
const ECHO = `,{"status":"Accepted","data":"${'x'.repeat(250)}"}]`

interface ServerTls {
  readonly cert: string
  readonly key: string
}

let meterValues = 0
let transactionId = 0
/** MeterValues so far, of all of them. */
export const received = (): number => meterValues

export class EchoCsms {
  #port = 0
  #server: WebSocketServer | undefined

  private constructor(private readonly tls: ServerTls | undefined) {}

  static async start(tls?: ServerTls): Promise<EchoCsms> {
    const csms = new EchoCsms(tls)
    await csms.up()
    return csms
  }

  get port(): number {
    return this.#port
  }

  /** Stations with a socket here. */
  get linked(): number {
    return this.#server?.clients.size ?? 0
  }

  async up(): Promise<void> {
    this.#server = await listen(this.#port, answer, this.tls)
    this.#port = portOf(this.#server)
  }

  /** Its sockets are cut and new ones refused. */
  async down(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server === undefined) return
    for (const client of server.clients) client.terminate()
    await new Promise(done => server.close(done))
  }
}

/** Takes every socket and nothing that comes on it. */
export async function startDeafCsms(): Promise<number> {
  return portOf(await listen(0, socket => socket.pause()))
}

async function listen(
  port: number,
  on: (socket: WebSocket) => void,
  tls?: ServerTls,
): Promise<WebSocketServer> {
  const door = tls === undefined ? createServer() : createSecureServer(tls)
  const server = new WebSocketServer({
    server: door,
    perMessageDeflate: false,
    handleProtocols: () => 'ocpp1.6',
  })
  server.on('connection', socket => {
    socket.on('error', () => socket.terminate())
    on(socket)
  })
  server.on('close', () => door.close())
  door.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function portOf(server: WebSocketServer): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

function answer(socket: WebSocket): void {
  socket.on('message', data => {
    const text = data.toString()
    const idEnd = text.indexOf('"', 4)
    const action = text.slice(idEnd + 3, text.indexOf('"', idEnd + 3))
    const head = `[3,${text.slice(3, idEnd + 1)}`
    if (action === 'MeterValues') meterValues += 1
    if (action === 'DataTransfer') socket.send(head + ECHO)
    else if (action === 'StartTransaction') {
      transactionId += 1
      socket.send(`${head},{"transactionId":${transactionId},"idTagInfo":{"status":"Accepted"}}]`)
    } else if (action === 'BootNotification') {
      const currentTime = new Date().toISOString()
      socket.send(`${head},{"status":"Accepted","currentTime":"${currentTime}","interval":3600}]`)
    } else if (action === 'Authorize') socket.send(`${head},{"idTagInfo":{"status":"Accepted"}}]`)
    else socket.send(`${head},{}]`)
  })
}
