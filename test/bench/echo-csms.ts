/** The CSMS of the bench: answers every CALL at once and cheaply, by what stands at the head of its text. */
import { WebSocketServer } from 'ws'

/** Makes an answer about as long as the CALL, 300 bytes. */
const ECHO = `,{"status":"Accepted","data":"${'x'.repeat(250)}"}]`

let meterValues = 0
/** MeterValues so far. */
export const received = (): number => meterValues

export function startEchoCsms(): Promise<number> {
  const server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    perMessageDeflate: false,
    handleProtocols: () => 'ocpp1.6',
  })
  let transactionId = 0
  server.on('connection', socket => {
    socket.on('error', () => socket.terminate())
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
  })
  return new Promise(resolve => {
    server.on('listening', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
}
