/** One tag of the operator's list, to be added or changed. A tag's own number is not changed: that would be another tag. */
import { useEffect, useRef } from 'preact/hooks'
import { tags as words } from '../words/tags.js'
import { STATUSES, type Tag } from './tags-api.js'

interface Props {
  /** Undefined for a new one. */
  readonly tag: Tag | undefined
  onKeep(tag: Tag): Promise<boolean>
  onCancel(): void
}

export function TagForm({ tag, onKeep, onCancel }: Props) {
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (tag !== undefined) form.current?.querySelector<HTMLElement>('[name=status]')?.focus()
  }, [tag])
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    if (form.current !== null && (await onKeep(tagOf(new FormData(form.current), tag)))) form.current?.reset()
  }
  return (
    <form ref={form} class="ask-form tag-form" onSubmit={submit} data-testid="tag-form">
      <label>
        {words('tag')}
        <input
          name="idTag"
          required
          maxLength={20}
          autocomplete="off"
          readOnly={tag !== undefined}
          value={tag?.idTag}
        />
      </label>
      <label>
        {words('status')}
        <select name="status">
          {STATUSES.map(status => (
            <option key={status} value={status} selected={status === (tag?.status ?? 'Accepted')}>
              {words(`is ${status}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {words('expiry')}
        <input name="expiry" type="datetime-local" step="1" value={localTime(tag?.expiryDate)} />
      </label>
      <label title={words('parentAbout')}>
        {words('parent')}
        <input name="parent" maxLength={20} autocomplete="off" value={tag?.parentIdTag} />
      </label>
      <label>
        {words('note')}
        <input name="note" maxLength={200} autocomplete="off" value={tag?.note} />
      </label>
      <span class="row-actions">
        <button type="submit" class="action">
          {words(tag === undefined ? 'add' : 'keep')}
        </button>
        {tag !== undefined && (
          <button type="button" class="action" onClick={onCancel}>
            {words('cancel')}
          </button>
        )}
      </span>
    </form>
  )
}

function tagOf(fields: FormData, before: Tag | undefined): Tag {
  const [idTag = '', status = '', expiry = '', parentIdTag = '', note = ''] = [
    ...(['idTag', 'status', 'expiry', 'parent', 'note'] as const),
  ].map(name => String(fields.get(name) ?? '').trim())
  return {
    idTag: before?.idTag ?? idTag,
    status: STATUSES.find(known => known === status) ?? 'Accepted',
    ...(expiry !== '' && { expiryDate: expiryOf(expiry, before) }),
    ...(parentIdTag !== '' && { parentIdTag }),
    ...(note !== '' && { note }),
  }
}

/** What nobody touched stays to the millisecond. */
function expiryOf(field: string, before: Tag | undefined): string {
  const isUntouched = before?.expiryDate !== undefined && localTime(before.expiryDate) === field
  return isUntouched ? (before?.expiryDate ?? field) : new Date(field).toISOString()
}

/** As the field wants it: "2026-12-31T23:59:00" by the clock of this browser. */
function localTime(iso: string | undefined): string {
  if (iso === undefined) return ''
  const at = new Date(iso)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 19)
}
