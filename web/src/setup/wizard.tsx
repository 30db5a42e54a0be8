/**
 * Putting a site into service, step by step. What is entered is kept by Busbar as it is typed, so that any step can be left
 * and come back to, after a restart too. What is measured and decided is Busbar's; this asks, shows and writes.
 */

import type { FunctionComponent } from 'preact'
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import type { SiteView } from '../../../src/core/view/document.js'
import { loadConfig } from '../config-api.js'
import { isSetUp } from '../set-up-mode.js'
import { setup } from '../words/setup.js'
import { type Draft, draftOf, missingOf, parsed, readDraft, startingDraft } from './draft.js'
import { StepReport } from './report.js'
import { keepSetup, loadSetup, type SetupView } from './setup-api.js'
import { StepCircuits } from './step-circuits.js'
import { StepCsms } from './step-csms.js'
import { StepDrill } from './step-drill.js'
import { StepMeters } from './step-meters.js'
import { StepSite } from './step-site.js'
import { StepStations } from './step-stations.js'
import { StepWiring } from './step-wiring.js'
import '../forms/forms.css'
import './setup.css'

export interface StepProps {
  readonly site: SiteView
  readonly draft: Draft
  readonly view: SetupView
  /** What the step has to do before it is left; false = it is not left. */
  readonly unfinished: Unfinished
  onDraft(draft: Draft): void
  /** What Busbar has found is read again. */
  onView(): void
  /** The configuration was written: the stations come next. */
  onWritten(): void
  onFinish(): void
}

export interface Unfinished {
  current: (() => Promise<boolean>) | undefined
}

type StepWord = Exclude<Extract<Parameters<typeof setup>[0], `step${string}`>, 'steps' | 'stepOf'>

interface Step {
  readonly id: string
  readonly word: StepWord
  readonly View: FunctionComponent<StepProps>
  /** Only where control runs. */
  readonly needsSite: boolean
}

const STEPS: readonly Step[] = [
  { id: 'site', word: 'stepSite', View: StepSite, needsSite: false },
  { id: 'circuits', word: 'stepCircuits', View: StepCircuits, needsSite: false },
  { id: 'meters', word: 'stepMeters', View: StepMeters, needsSite: false },
  { id: 'csms', word: 'stepCsms', View: StepCsms, needsSite: false },
  { id: 'stations', word: 'stepStations', View: StepStations, needsSite: true },
  { id: 'wiring', word: 'stepWiring', View: StepWiring, needsSite: true },
  { id: 'drill', word: 'stepDrill', View: StepDrill, needsSite: true },
  { id: 'report', word: 'stepReport', View: StepReport, needsSite: true },
]
const KEEP_AFTER_MS = 500

export interface WizardProps {
  readonly site: SiteView
  readonly epoch: number
  /** To the forms, or to the site. */
  onLeave(): void
}

export function Wizard({ site, epoch, onLeave }: WizardProps) {
  const { kept, draft, step, note, onDraft, onStep, onView, end } = useKept(epoch)
  const top = useRef<HTMLHeadingElement>(null)
  const isRunning = isSetUp(site)
  const at = Math.max(
    0,
    STEPS.findIndex(({ id }) => id === step),
  )
  const shown = STEPS[isRunning || STEPS[at]?.needsSite === false ? at : 3]
  const unfinished = useRef<() => Promise<boolean>>(undefined)
  const go = async (to: number) => {
    const next = STEPS[to]
    if (next === undefined || (await unfinished.current?.()) === false) return
    onStep(next.id)
    top.current?.focus()
  }
  const shownId = shown?.id
  const steps = useRef<HTMLOListElement>(null)
  const isThere = kept !== undefined
  useEffect(() => {
    // On a phone only some of the steps have room.
    const current = isThere && shownId !== undefined && steps.current?.querySelector('[aria-current]')
    if (current) current.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [shownId, isThere])
  if (kept === undefined || draft === undefined || shown === undefined)
    return <p class="config-note muted">{setup('saving')}</p>
  const missing = missingOf(shown.id, draft)
  const next = STEPS[STEPS.indexOf(shown) + 1]
  const mayGoOn = missing.length === 0 && next !== undefined && (isRunning || !next.needsSite)
  return (
    <section class="panel setup" aria-label={setup('title')} data-testid="wizard" data-step={shown.id}>
      <header class="panel-head no-print">
        <h2>{setup('title')}</h2>
        <span class="muted" role="status" data-testid="setup-note">
          {note !== undefined && setup(note)}
        </span>
        <button type="button" class="action" onClick={onLeave} data-testid="setup-leave">
          {setup(isRunning ? 'leave' : 'forms')}
        </button>
      </header>
      <nav class="setup-steps no-print" aria-label={setup('steps')}>
        <ol ref={steps}>
          {STEPS.map(({ id, word, needsSite }, index) => (
            <li key={id}>
              <button
                type="button"
                aria-current={id === shown.id ? 'step' : undefined}
                disabled={needsSite && !isRunning}
                onClick={() => go(index)}
              >
                {index + 1}. {setup(word)}
              </button>
            </li>
          ))}
        </ol>
      </nav>
      <div class="setup-body">
        <h3 ref={top} tabIndex={-1} class="no-print">
          {setup(shown.word)}{' '}
          <span class="muted">{setup('stepOf', { at: STEPS.indexOf(shown) + 1, of: STEPS.length })}</span>
        </h3>
        <shown.View
          site={site}
          draft={draft}
          view={kept}
          unfinished={unfinished}
          onDraft={onDraft}
          onView={onView}
          onWritten={() => go(4)}
          onFinish={() => end().then(onLeave)}
        />
      </div>
      <footer class="setup-foot no-print">
        {at > 0 && (
          <button type="button" class="action" onClick={() => go(STEPS.indexOf(shown) - 1)}>
            {setup('back')}
          </button>
        )}
        {missing.length > 0 && (
          <span class="muted">{setup('missing', { what: missing.map(missingText).join('; ') })}</span>
        )}
        {next !== undefined && (shown.id !== 'csms' || isRunning) && (
          <button
            type="button"
            class="action primary"
            disabled={!mayGoOn}
            onClick={() => go(STEPS.indexOf(shown) + 1)}
            data-testid="setup-next"
          >
            {setup('next')}
          </button>
        )}
      </footer>
    </section>
  )
}

const missingText = ({ word, circuit }: ReturnType<typeof missingOf>[number]): string =>
  circuit === undefined ? setup(word) : `${circuit}: ${setup(word)}`

interface Now {
  kept?: SetupView
  draft?: Draft
  step: string
  isDirty: boolean
  timer: number
}

/** What Busbar keeps of it: read once, written as it is typed, read again when somebody else was first. */
function useKept(epoch: number) {
  const [kept, setKept] = useState<SetupView>()
  const [draft, setDraft] = useState<Draft>()
  const [step, setStep] = useState('site')
  const [note, setNote] = useState<'saving' | 'saved' | 'notSaved' | 'elsewhere'>()
  const now = useRef<Now>({ step, isDirty: false, timer: 0 })
  /** One after the other: two at once from here would look like somebody else. */
  const turn = useRef<Promise<void>>(Promise.resolve())
  const take = useCallback(async (view: SetupView) => {
    const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone
    const found = readDraft(view.entered, timeZone) ?? (await existing(timeZone))
    if (now.current.isDirty) return
    const at = view.step === '' ? 'site' : view.step
    Object.assign(now.current, { kept: view, draft: found, step: at })
    setKept(view)
    setDraft(found)
    setStep(at)
  }, [])
  const keepOnce = useCallback(
    async (state: 'open' | 'done') => {
      const { kept: from, draft: mine, step: at } = now.current
      if (from === undefined || mine === undefined) return
      now.current.isDirty = false
      setNote('saving')
      const outcome = await keepSetup({ revision: from.revision, state, step: at, entered: { ...mine } })
      if (typeof outcome === 'object') {
        now.current.kept = outcome
        setKept(outcome)
        // Typed meanwhile: that is not kept yet.
        if (!now.current.isDirty) setNote('saved')
        return
      }
      const theirs = outcome === 'changed' ? await loadSetup() : undefined
      if (theirs !== undefined) await take(theirs)
      else now.current.isDirty = true
      setNote(theirs === undefined ? 'notSaved' : 'elsewhere')
    },
    [take],
  )
  const keep = useCallback(
    (state: 'open' | 'done' = 'open') => {
      turn.current = turn.current.then(() => keepOnce(state))
      return turn.current
    },
    [keepOnce],
  )
  const later = useCallback(() => {
    now.current.isDirty = true
    setNote('saving')
    clearTimeout(now.current.timer)
    now.current.timer = window.setTimeout(() => keep(), KEEP_AFTER_MS)
  }, [keep])
  useEffect(() => {
    // What was typed while nobody answered is kept now.
    if (now.current.isDirty) {
      keep()
      return
    }
    turn.current = turn.current.then(async () => {
      const view = await loadSetup()
      // What was typed while it came is newer than what came.
      if (view !== undefined && !now.current.isDirty) await take(view)
    })
  }, [epoch, keep, take])
  const onDraft = useCallback(
    (next: Draft) => {
      setDraft(next)
      now.current.draft = next
      later()
    },
    [later],
  )
  const onStep = useCallback(
    (next: string) => {
      setStep(next)
      now.current.step = next
      later()
    },
    [later],
  )
  const onView = useCallback(() => {
    loadSetup().then(view => {
      if (view === undefined) return
      const from = now.current.kept
      // Found things only: what is typed here stays, and is refused if it is older.
      const next = from === undefined ? view : { ...view, revision: from.revision }
      now.current.kept = next
      setKept(next)
    })
  }, [])
  const end = useCallback(() => {
    clearTimeout(now.current.timer)
    return keep('done')
  }, [keep])
  return { kept, draft, step, note, onDraft, onStep, onView, end }
}

async function existing(timeZone: string): Promise<Draft> {
  const document = parsed((await loadConfig())?.text)
  return document === undefined ? startingDraft(timeZone) : draftOf(document, timeZone)
}
