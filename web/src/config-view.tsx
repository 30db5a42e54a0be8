/**
 * The configuration to edit, as forms and as the document they write: judged while it is typed, the proof and the difference
 * before it is applied, the earlier ones to go back to. What Busbar makes of it is decided there; this shows it.
 */
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
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
import { ConfigHistory, KeyHelp } from './config-parts.js'
import { startingDocument } from './config-start.js'
import { headline, Verdict } from './config-verdict.js'
import {
  ConfigForms,
  firstFaulty,
  goToField,
  JSON_PART,
  PartTabs,
  useConfigSchema,
} from './forms/config-forms.js'
import { Icon } from './icon.js'
import { JsonEditor } from './json-editor.js'
import { config } from './words/config.js'

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
  const [wanted, setWanted] = useState<string>()
  const editor = useRef<HTMLTextAreaElement>(null)
  const opened = useRef<string | undefined>(undefined)
  const schema = useConfigSchema()
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
    if (outcome.kind !== 'restarts' && outcome.kind !== 'applied') return
    const { text: applied, base: from } = typed.current
    const shown = from && { ...from, text: applied }
    setBase(shown)
    typed.current = { text: applied, base: shown }
    if (outcome.kind === 'applied') await load()
  }
  const before = useProof(base?.text)
  const edit = useCallback((typed: string) => {
    setText(typed)
    setTaken(undefined)
  }, [])
  const onDocument = useCallback((to: unknown) => edit(`${JSON.stringify(to, undefined, 2)}\n`), [edit])
  const written = useMemo(() => documentOf(text), [text])
  if (base === undefined) return <p class="config-note muted">{config('reading')}</p>
  const result = checked?.text === text ? checked.result : undefined
  const shown = checked?.result === 'forbidden' ? undefined : checked?.result
  const mayChange = checked?.result !== 'forbidden'
  // Forms would write a key that stands there twice once, and nobody would see which.
  const isTwice = shown?.faults.some(({ code }) => code === 'key-once') === true
  const mayForm = schema !== undefined && written !== undefined && !isTwice
  // Nobody has chosen yet: what does not hold in the file is shown first.
  if (base.text !== undefined && checked?.text === base.text)
    opened.current ??= firstFaulty(schema, shown?.faults ?? [])
  const part = mayForm ? (wanted ?? opened.current ?? 'site') : JSON_PART
  const onPlace = (fault: ConfigurationCheck['faults'][number]) => {
    if (part === JSON_PART) return goTo(editor.current, fault.line ?? 1, fault.column ?? 1)
    setWanted(/^\w+/.exec(fault.path)?.[0] ?? part)
    setTimeout(() => goToField(fault.path), 50)
  }
  return (
    <div class="config" data-testid="config-view">
      <section class="panel config-editor" aria-label={config('configuration')}>
        <header class="panel-head">
          <h2>
            {part === JSON_PART ? (
              <label for="config-text">{config('configuration')}</label>
            ) : (
              config('configuration')
            )}
          </h2>
          <span class="muted">{editorNote(base.text === undefined, written !== undefined, isTwice)}</span>
        </header>
        {mayForm && <PartTabs schema={schema} faults={shown?.faults ?? []} part={part} onPart={setWanted} />}
        {part === JSON_PART ? (
          <JsonEditor
            text={text}
            written={written}
            schema={schema}
            readOnly={!mayChange}
            editor={editor}
            onText={edit}
          />
        ) : (
          <ConfigForms
            document={written}
            part={part}
            schema={schema}
            check={shown}
            readOnly={!mayChange}
            onChange={onDocument}
          />
        )}
      </section>
      <div class="config-side">
        {newer && <Newer onTake={() => loadConfig().then(found => found && show(found))} />}
        <Verdict
          result={result}
          isSetUp={isSetUp}
          isFirst={base.text === undefined}
          before={before}
          taken={taken}
          onPlace={onPlace}
          onApply={() => finish(putConfig(text, base.tag))}
        />
        <ConfigHistory
          history={history}
          mayChange={mayChange}
          onRollBack={number => finish(rollBackConfig(number, base.tag))}
        />
        <KeyHelp />
      </div>
      <a class="config-bar" href="#config-verdict">
        {headline(result, shown?.changes.length === 0, base.text === undefined)}
      </a>
    </div>
  )
}

function editorNote(isFirst: boolean, isJson: boolean, isTwice: boolean): string {
  if (!isJson) return config('noJson')
  if (isTwice) return config('twice')
  return isFirst ? config('begin') : ''
}

/** Undefined where it is no JSON object. */
function documentOf(text: string): unknown {
  try {
    const document: unknown = JSON.parse(text)
    return typeof document === 'object' && document !== null && !Array.isArray(document)
      ? document
      : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** Of the configuration as it is in the file. */
function useProof(text: string | undefined): ConfigurationCheck['proof'] {
  const [proof, setProof] = useState<ConfigurationCheck['proof']>()
  useEffect(() => {
    if (text === undefined) return undefined
    let isWanted = true
    checkConfig(text).then(check => {
      if (isWanted && check !== undefined && check !== 'forbidden') setProof(check.proof)
    })
    return () => {
      isWanted = false
    }
  }, [text])
  return proof
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
      <Icon name="alarm" /> {config('newer')}
      <button type="button" class="action" onClick={onTake}>
        {config('takeNewer')}
      </button>
    </p>
  )
}

function goTo(editor: HTMLTextAreaElement | null, line: number, column: number): void {
  if (editor === null) return
  const lines = editor.value.split('\n')
  const offset = lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0) + column - 1
  editor.focus()
  editor.setSelectionRange(offset, offset + Math.max(1, (lines[line - 1]?.length ?? 0) - column + 1))
  editor.scrollTop = ((line - 4) * editor.scrollHeight) / lines.length
}
