/** The operator's list of tags: found, added, changed, blocked, deleted; out and in as CSV. Operators and admins only. */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { when } from '../words/numbers.js'
import { records } from '../words/records.js'
import { tags as words } from '../words/tags.js'
import { TagForm } from './tag-form.js'
import { readTags, type Tag, type TagList, writeTagCsv, writeTags } from './tags-api.js'

/** More than these nobody reads; the others are found by typing, and are in the CSV. */
const TAGS_SHOWN = 200

export function Tags() {
  const { found, said, act, replace } = useTagList()
  const [wanted, setWanted] = useState('')
  const [edited, setEdited] = useState<Tag>()
  if (found === 'reading' || found === 'failed')
    return (
      <p class="config-note muted" role="status">
        {records(found)}
      </p>
    )
  const text = wanted.trim().toLowerCase()
  const fitting = found.tags.filter(tag =>
    [tag.idTag, tag.parentIdTag, tag.note].some(part => part?.toLowerCase().includes(text)),
  )
  const shown = fitting.slice(0, TAGS_SHOWN)
  const keep = async (tag: Tag): Promise<boolean> => {
    const isNew = edited === undefined
    const isKept = await act(tag.idTag, all => withTag(all, tag, isNew))
    if (isKept) setEdited(undefined)
    return isKept
  }
  return (
    <div data-testid="tags">
      <p class="config-note muted">{words('about')}</p>
      <TagForm key={edited?.idTag ?? ''} tag={edited} onKeep={keep} onCancel={() => setEdited(undefined)} />
      <p class="config-note" role="status" data-testid="tags-said">
        {said}
      </p>
      <Tools list={found} onReplace={replace} wanted={wanted} onWanted={setWanted} />
      {fitting.length === 0 ? (
        <p class="config-note muted">{words(found.tags.length === 0 ? 'none' : 'noneFits')}</p>
      ) : (
        <div class="records-table">
          <table>
            <Head />
            <tbody>
              {shown.map(tag => (
                <Row key={tag.idTag} tag={tag} onEdit={setEdited} onAct={act} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {shown.length < found.tags.length && (
        <p class="config-note muted">{words('count', { shown: shown.length, count: found.tags.length })}</p>
      )}
    </div>
  )
}

type Change = (all: readonly Tag[]) => readonly Tag[] | string

/** The list, and what writes it; what became of that is `said`. */
function useTagList() {
  const [found, setFound] = useState<TagList | 'reading' | 'failed'>('reading')
  const [said, setSaid] = useState('')
  const load = useCallback(async () => setFound((await readTags()) ?? 'failed'), [])
  useEffect(() => {
    load()
  }, [load])
  const take = async (outcome: TagList | string, done: (list: TagList) => string): Promise<boolean> => {
    if (typeof outcome !== 'string') {
      setFound(outcome)
      setSaid(done(outcome))
      return true
    }
    setSaid(outcome === 'outdated' ? words('meanwhile') : outcome)
    if (outcome === 'outdated') await load()
    return false
  }
  const act = async (tag: string, change: Change): Promise<boolean> => {
    if (typeof found === 'string') return false
    const next = change(found.tags)
    if (typeof next === 'string') return take(next, () => '')
    return take(await writeTags(next, found.etag), () => words('done', { tag }))
  }
  const replace = async (file: File): Promise<void> => {
    if (typeof found === 'string' || !confirm(words('csvSure', { name: file.name }))) return
    const outcome = await writeTagCsv(await file.text(), found.etag)
    await take(outcome, ({ tags }) => words('csvDone', { count: tags.length }))
  }
  return { found, said, act, replace }
}

const keyOf = ({ idTag }: Tag): string => idTag.toLowerCase()

/** In its place; a new one must be new: OCPP 1.6 §7.28 knows no capital letters. */
function withTag(all: readonly Tag[], tag: Tag, isNew: boolean): readonly Tag[] | string {
  const at = all.findIndex(one => keyOf(one) === keyOf(tag))
  if (at >= 0 && isNew) return words('isThere', { tag: tag.idTag })
  return at < 0 ? [...all, tag] : all.with(at, tag)
}

interface ToolsProps {
  readonly list: TagList
  readonly wanted: string
  onWanted(text: string): void
  onReplace(file: File): Promise<void>
}

function Tools({ list, wanted, onWanted, onReplace }: ToolsProps) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <p class="tag-tools">
      <input
        type="search"
        placeholder={words('find')}
        aria-label={words('find')}
        value={wanted}
        onInput={({ currentTarget }) => onWanted(currentTarget.value)}
        data-testid="tags-find"
      />
      {list.tags.length > 0 && <a href="api/v1/tags.csv">{words('csvOut')}</a>}
      <button type="button" class="action" onClick={() => input.current?.click()}>
        {words('csvIn')}
      </button>
      <input
        ref={input}
        type="file"
        accept=".csv,text/csv"
        hidden
        aria-label={words('csvIn')}
        data-testid="tags-file"
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? []
          // the same file can be chosen again
          currentTarget.value = ''
          if (file !== undefined) onReplace(file)
        }}
      />
    </p>
  )
}

function Head() {
  return (
    <thead>
      <tr>
        <th scope="col">{words('tag')}</th>
        <th scope="col">{words('status')}</th>
        <th scope="col">{words('expiry')}</th>
        <th scope="col" title={words('parentAbout')}>
          {words('parent')}
        </th>
        <th scope="col">{words('note')}</th>
        <td />
      </tr>
    </thead>
  )
}

interface RowProps {
  readonly tag: Tag
  onEdit(tag: Tag): void
  onAct(tag: string, change: Change): Promise<boolean>
}

function Row({ tag, onEdit, onAct }: RowProps) {
  const { idTag, status, expiryDate, parentIdTag, note } = tag
  const [asked, setAsked] = useState(false)
  const isOver = expiryDate !== undefined && Date.parse(expiryDate) <= Date.now()
  const next: Tag = { ...tag, status: status === 'Accepted' ? 'Blocked' : 'Accepted' }
  const remove = () => {
    if (asked) onAct(idTag, all => all.filter(one => keyOf(one) !== keyOf(tag)))
    setAsked(!asked)
  }
  return (
    <tr data-testid="tag" data-tag={idTag}>
      <th scope="row">{idTag}</th>
      <td data-label={words('status')}>
        {status === 'Accepted' && !isOver ? words('is Accepted') : <b>{words(`is ${status}`)}</b>}
      </td>
      <td data-label={words('expiry')}>
        {expiryDate === undefined
          ? '–'
          : isOver
            ? words('over', { time: when(expiryDate, 'moment') })
            : when(expiryDate, 'moment')}
      </td>
      <td data-label={words('parent')}>{parentIdTag ?? '–'}</td>
      <td data-label={words('note')}>{note ?? '–'}</td>
      <td class="row-actions">
        <button
          type="button"
          class="action"
          aria-label={words('changeOf', { tag: idTag })}
          onClick={() => onEdit(tag)}
        >
          {words('change')}
        </button>
        <button
          type="button"
          class="action"
          aria-label={words(status === 'Accepted' ? 'blockOf' : 'allowOf', { tag: idTag })}
          onClick={() => onAct(idTag, all => withTag(all, next, false))}
        >
          {words(status === 'Accepted' ? 'block' : 'allow')}
        </button>
        <button
          type="button"
          class="action"
          aria-label={words(asked ? 'removeSure' : 'removeOf', { tag: idTag })}
          onBlur={() => setAsked(false)}
          onClick={remove}
        >
          {asked ? words('removeSure', { tag: idTag }) : words('remove')}
        </button>
      </td>
    </tr>
  )
}
