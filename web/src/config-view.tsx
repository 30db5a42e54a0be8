/**
 * The configuration as a document to edit: judged while it is typed, the proof and the difference before it is applied,
 * the earlier ones to go back to. What Busbar makes of it is decided there; this shows it.
 */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import {
  type ConfigurationChange,
  type ConfigurationCheck,
  type ConfigurationText,
  checkConfig,
  loadConfig,
  loadConfigHistory,
  putConfig,
  rollBackConfig,
  type Taken,
} from './config-api.js'
import { Changes, ConfigFaults, ConfigHistory, ConfigProof, KeyHelp } from './config-parts.js'
import { startingDocument } from './config-start.js'
import { Icon } from './icon.js'

/** Between two strokes of somebody who types slowly. */
const CHECK_AFTER_MS = 400

interface Checked {
  /** What was checked. */
  readonly text: string
  readonly result: ConfigurationCheck | 'forbidden'
}

/** `epoch`: how often the page has met Busbar anew, as after a restart. */
export function ConfigView({ epoch, isSetUp }: { epoch: number; isSetUp: boolean }) {
  const [base, setBase] = useState<ConfigurationText>()
  const [text, setText] = useState('')
  const [taken, setTaken] = useState<Taken>()
  const [history, setHistory] = useState<readonly ConfigurationChange[]>([])
  const [newer, setNewer] = useState(false)
  const editor = useRef<HTMLTextAreaElement>(null)
  const typed = useRef({ text, base })
  typed.current = { text, base }
  const show = useCallback((found: ConfigurationText) => {
    setBase(found)
    setText(found.text ?? startingDocument())
    setNewer(false)
  }, [])
  const load = useCallback(async () => {
    const found = await loadConfig()
    if (found === undefined) return
    const { text: mine, base: from } = typed.current
    const isTouched = from !== undefined && mine !== (from.text ?? startingDocument())
    if (!isTouched) show(found)
    else if (found.tag !== from.tag) setNewer(true)
    setHistory(await loadConfigHistory())
  }, [show])
  useEffect(() => {
    load()
    setTaken(old => (old?.kind === 'restarts' ? undefined : old))
  }, [epoch, load])
  const checked = useCheck(text, base !== undefined)
  const finish = async (doing: Promise<Taken>) => {
    const outcome = await doing
    setTaken(outcome)
    if (outcome.kind === 'changed-meanwhile') setNewer(true)
    // What was applied is no edit any more: after the restart the file is shown as it is.
    if (outcome.kind === 'restarts') setBase(old => old && { ...old, text: typed.current.text })
  }
  if (base === undefined) return <p class="config-note muted">Reading the configuration…</p>
  const result = checked?.text === text ? checked.result : undefined
  const mayChange = checked?.result !== 'forbidden'
  return (
    <div class="config" data-testid="config-view">
      <section class="panel config-editor" aria-label="Configuration">
        <header class="panel-head">
          <h2>
            <label for="config-text">Configuration</label>
          </h2>
          <span class="muted">{base.text === undefined ? 'none yet: this is where to begin' : 'JSON'}</span>
        </header>
        <textarea
          id="config-text"
          ref={editor}
          value={text}
          spellcheck={false}
          autocapitalize="off"
          autocomplete="off"
          wrap="off"
          readOnly={!mayChange}
          onInput={event => {
            setText(event.currentTarget.value)
            setTaken(undefined)
          }}
        />
      </section>
      <div class="config-side">
        {newer && <Newer onTake={() => loadConfig().then(found => found && show(found))} />}
        <Verdict
          result={result}
          isSetUp={isSetUp}
          isFirst={base.text === undefined}
          taken={taken}
          onPlace={fault => goTo(editor.current, fault.line ?? 1, fault.column ?? 1)}
          onApply={() => finish(putConfig(text, base.tag))}
        />
        <ConfigHistory
          history={history}
          mayChange={mayChange}
          onRollBack={number => finish(rollBackConfig(number, base.tag))}
        />
        <KeyHelp />
      </div>
    </div>
  )
}

/** The latest text that was checked; only one question is under way, and an answer that came late is not shown. */
function useCheck(text: string, isReady: boolean): Checked | undefined {
  const [checked, setChecked] = useState<Checked>()
  useEffect(() => {
    if (!isReady) return undefined
    let isWanted = true
    const timer = setTimeout(async () => {
      const result = await checkConfig(text)
      if (isWanted && result !== undefined) setChecked({ text, result })
    }, CHECK_AFTER_MS)
    return () => {
      isWanted = false
      clearTimeout(timer)
    }
  }, [text, isReady])
  return checked
}

function Newer({ onTake }: { onTake(): void }) {
  return (
    <p class="config-newer" role="alert" data-testid="config-newer">
      <Icon name="alarm" /> Somebody else changed the configuration since this was read.
      <button type="button" class="action" onClick={onTake}>
        Drop what is typed here and read theirs
      </button>
    </p>
  )
}

interface VerdictProps {
  readonly result: ConfigurationCheck | 'forbidden' | undefined
  readonly isSetUp: boolean
  /** Everything is new then, and stands in the editor. */
  readonly isFirst: boolean
  readonly taken: Taken | undefined
  onPlace(fault: ConfigurationCheck['faults'][number]): void
  onApply(): void
}

function Verdict({ result, isSetUp, isFirst, taken, onPlace, onApply }: VerdictProps) {
  const check = result === 'forbidden' ? undefined : result
  const faults = check?.faults ?? []
  const isSame = check !== undefined && check.changes.length === 0
  const mayApply = check !== undefined && faults.length === 0 && (!isSame || isSetUp)
  return (
    <section class="panel config-verdict" aria-label="Check" data-testid="config-verdict">
      <header class="panel-head">
        <h2>{headline(result, isSame, isFirst)}</h2>
      </header>
      {faults.length > 0 && <ConfigFaults faults={faults} more={check?.moreFaults ?? 0} onPlace={onPlace} />}
      {check !== undefined && check.missing.length > 0 && (
        <>
          <p class="config-note">Named, and not on this machine: it is taken and will not work.</p>
          <ConfigFaults faults={check.missing} more={0} onPlace={onPlace} />
        </>
      )}
      {check !== undefined && check.changes.length > 0 && !isFirst && (
        <Changes changes={check.changes} more={check.moreChanges} />
      )}
      <div class="config-apply">
        <button
          type="button"
          class="primary"
          disabled={!mayApply || taken?.kind === 'restarts'}
          onClick={onApply}
        >
          {isSetUp ? 'Apply and start' : 'Apply and restart'}
        </button>
        <p role="status" data-testid="config-taken">
          {taken === undefined ? applyText(mayApply, isSetUp) : takenText(taken)}
        </p>
      </div>
      {taken?.kind === 'faulty' && <ConfigFaults faults={taken.faults} more={0} onPlace={onPlace} />}
      {check?.proof !== undefined && <ConfigProof proof={check.proof} />}
    </section>
  )
}

function headline(
  result: ConfigurationCheck | 'forbidden' | undefined,
  isSame: boolean,
  isFirst: boolean,
): string {
  if (result === undefined) return 'Checking…'
  if (result === 'forbidden') return 'Only the user admin can change it'
  const faults = result.faults.length + result.moreFaults
  if (faults > 0) return faults === 1 ? '1 fault' : `${faults} faults`
  if (isFirst) return 'Sound'
  if (isSame) return 'Sound; nothing is changed'
  const changes = result.changes.length + result.moreChanges
  return `Sound; ${changes === 1 ? '1 change' : `${changes} changes`}`
}

function applyText(mayApply: boolean, isSetUp: boolean): string {
  if (!mayApply) return ''
  if (isSetUp) return 'Busbar begins to control with it.'
  return 'Busbar restarts itself for it, within seconds: sessions go on, station links drop and come back.'
}

function takenText(taken: Taken): string {
  const moves = taken.kind === 'restarts' && taken.webPort !== 0 && String(taken.webPort) !== location.port
  return moves && taken.kind === 'restarts'
    ? `${taken.text} The page is then on port ${taken.webPort}.`
    : taken.text
}

function goTo(editor: HTMLTextAreaElement | null, line: number, column: number): void {
  if (editor === null) return
  const lines = editor.value.split('\n')
  const offset = lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0) + column - 1
  editor.focus()
  editor.setSelectionRange(offset, offset + Math.max(1, (lines[line - 1]?.length ?? 0) - column + 1))
  editor.scrollTop = ((line - 4) * editor.scrollHeight) / lines.length
}
