/** Files for and from stations: what is held here, and what is done about it. Each deed answers in words. */
import { ask, read } from '../ask.js'
import { refusalText } from '../words/answer-words.js'
import { files as words } from '../words/files.js'

/** The server takes no more either. */
const MOST_BYTES = 64 * 1024 * 1024

export interface HeldFile {
  readonly name: string
  readonly sizeBytes: number
  readonly sha256: string
  readonly modifiedAt: string
  readonly url: string
}

export interface HeldFiles {
  readonly firmware: readonly HeldFile[]
  readonly uploads: readonly HeldFile[]
}

export const readFiles = () => read<HeldFiles>('files')

export async function putFirmware(file: File): Promise<string> {
  if (file.size > MOST_BYTES) return words('tooLarge')
  const name = file.name.replaceAll(/[^A-Za-z0-9._-]/g, '_')
  const headers = { accept: 'application/json', 'content-type': 'application/octet-stream' }
  const path = `files/firmware/${encodeURIComponent(name)}`
  const { wrong } = await told(ask(path, { method: 'PUT', headers, body: file }))
  return wrong ?? words('kept', { name })
}

export async function removeFile(folder: keyof HeldFiles, name: string): Promise<string> {
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  const { wrong } = await told(
    ask(`files/${folder}/${encodeURIComponent(name)}`, { method: 'DELETE', headers }),
  )
  return wrong ?? words('removed', { name })
}

/** At an address that is good for one file. */
export async function askForDiagnostics(id: string): Promise<string> {
  const address = await told(post('files/upload-addresses', { stationId: id }))
  if (address.wrong !== undefined) return address.wrong
  const location = String(Reflect.get(address.body, 'url'))
  const path = `stations/${encodeURIComponent(id)}/commands/GetDiagnostics`
  const { wrong, body } = await told(post(path, { location }))
  if (wrong !== undefined) return wrong
  const conf: unknown = Reflect.get(body, 'answer')
  const name: unknown = typeof conf === 'object' && conf !== null ? Reflect.get(conf, 'fileName') : undefined
  return typeof name === 'string' ? words('asked', { id, name }) : words('askedNothing', { id })
}

function post(path: string, body: object): Promise<Response | undefined> {
  const headers = { accept: 'application/json', 'content-type': 'application/json' }
  return ask(path, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function told(
  asked: Promise<Response | undefined>,
): Promise<{ readonly wrong: string | undefined; readonly body: object }> {
  const answer = await asked
  if (answer === undefined) return { wrong: words('silent'), body: {} }
  const body = await answer.json()
  return { wrong: answer.ok ? undefined : words('notDone', { what: await refusalText(body) }), body }
}
