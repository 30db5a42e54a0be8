/** The operator's list of tags: read with its ETag, written whole with If-Match, so that no edit of somebody else is lost. */
import { ask } from '../ask.js'
import { refusalText } from '../words/answer-words.js'
import { tags as words } from '../words/tags.js'

export const STATUSES = ['Accepted', 'Blocked', 'Expired', 'Invalid'] as const

export interface Tag {
  readonly idTag: string
  readonly status: (typeof STATUSES)[number]
  /** ISO 8601. */
  readonly expiryDate?: string
  readonly parentIdTag?: string
  readonly note?: string
}

export interface TagList {
  readonly tags: readonly Tag[]
  /** Names this list to whoever writes the next one. */
  readonly etag: string
}

/** Undefined when it cannot be had now. */
export async function readTags(): Promise<TagList | undefined> {
  const answer = await ask('tags', { headers: { accept: 'application/json' } })
  return answer?.ok ? listOf(answer) : undefined
}

/** The list as it holds from now on, or why it is not taken; `outdated`: somebody else was first. */
export function writeTags(tags: readonly Tag[], etag: string): Promise<TagList | string | 'outdated'> {
  return write('tags', 'application/json', { body: JSON.stringify({ tags }), etag })
}

export function writeTagCsv(csv: string, etag: string): Promise<TagList | string | 'outdated'> {
  return write('tags.csv', 'text/csv', { body: csv, etag })
}

async function write(
  path: string,
  type: string,
  { body, etag }: { readonly body: string; readonly etag: string },
): Promise<TagList | string | 'outdated'> {
  const headers = { accept: 'application/json', 'content-type': type, 'if-match': etag }
  const answer = await ask(path, { method: 'PUT', headers, body })
  if (answer === undefined) return words('silent')
  if (answer.status === 412) return 'outdated'
  if (!answer.ok) return words('notTaken', { what: await refusalText(await answer.json()) })
  return type === 'text/csv' ? ((await readTags()) ?? words('silent')) : listOf(answer)
}

async function listOf(answer: Response): Promise<TagList> {
  const { tags } = await answer.json()
  return { tags, etag: answer.headers.get('etag') ?? '' }
}
