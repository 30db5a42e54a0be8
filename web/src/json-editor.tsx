/** The document itself to write in, with what may stand where the cursor is. */
import type { Ref } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { loadConfigChoices } from './config-api.js'
import type { Choices } from './forms/config-forms.js'
import { at, idsOf } from './forms/document.js'
import { type Completion, completionsAt } from './json-completion.js'
import { config } from './words/config.js'

interface Props {
  readonly text: string
  /** As far as it could be read. */
  readonly written: unknown
  readonly schema: unknown
  readonly readOnly: boolean
  readonly editor: { readonly current: HTMLTextAreaElement | null } & Ref<HTMLTextAreaElement>
  onText(text: string): void
}

export function JsonEditor({ text, written, schema, readOnly, editor, onText }: Props) {
  const [offset, setOffset] = useState<number>()
  const [known, setKnown] = useState<Choices>({})
  const first = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    loadConfigChoices().then(setKnown)
  }, [])
  const look = ({
    currentTarget: { selectionStart, selectionEnd },
  }: {
    currentTarget: HTMLTextAreaElement
  }) => setOffset(selectionStart === selectionEnd ? selectionStart : undefined)
  const ids = (list: string) => known[list] ?? idsOf(at(written, list))
  const found = readOnly || offset === undefined ? [] : completionsAt(schema, text, offset, ids)
  const put = ({ insert, from, to }: Completion) => {
    const area = editor.current
    if (area === null) return
    onText(text.slice(0, from) + insert + text.slice(to))
    const end = from + insert.length
    setOffset(end)
    // The text is drawn first.
    setTimeout(() => {
      area.focus()
      area.setSelectionRange(end, end)
    })
  }
  return (
    <>
      <textarea
        id="config-text"
        ref={editor}
        value={text}
        spellcheck={false}
        autocapitalize="off"
        autocomplete="off"
        wrap="off"
        readOnly={readOnly}
        aria-describedby="config-here"
        onInput={event => {
          onText(event.currentTarget.value)
          look(event)
        }}
        onKeyUp={look}
        onClick={look}
        onKeyDown={event => {
          if (event.key !== ' ' || !event.ctrlKey) return
          event.preventDefault()
          first.current?.focus()
        }}
      />
      <p class="config-here" id="config-here" data-testid="completions">
        <span class="muted">{config(found.length === 0 ? 'nothingHere' : 'mayStand')}</span>{' '}
        {found.map((one, index) => (
          <button
            key={one.name}
            {...(index === 0 && { ref: first })}
            type="button"
            class="action"
            title={one.about}
            onClick={() => put(one)}
          >
            {one.name}
          </button>
        ))}
      </p>
    </>
  )
}
