/**
 * The configuration while Busbar runs: read, judged, taken, put back. A document is taken only when it is proven as it would
 * be at start; the earlier one goes to the history first, then the new one takes its place in one rename. After a power cut
 * at any point the file holds the old or the new, whole. What runs changes only through the restart that follows.
 */
import { type Change, difference, partsOf } from '../core/config/difference.js'
import { type Fault, fault } from '../core/config/faults.js'
import { type JsonText, type PlacedFault, placed, readJson } from '../core/config/json-text.js'
import { restartParts } from '../core/config/live-parts.js'
import type { SiteConfig } from '../core/config/site.js'
import { textTag } from '../core/text-tag.js'
import type { Clock, Files, Log } from '../ports.js'
import type {
  ConfigurationChange,
  ConfigurationCheck,
  ConfigurationEdit,
  ConfigurationProof,
  ConfigurationText,
  ConfigurationDesk as Desk,
  ConfigurationOutcome as Outcome,
} from '../web/configuration-desk.js'
import type { RestartOutcome } from '../web/setup-desk.js'
import type { DeviceCatalogue } from './catalogue.js'
import { ConfigurationHistory, type NewEntry, NO_DOCUMENT } from './configuration-history.js'
import type { RunningSite } from './live-application.js'
import { type Proven, proofView, proveDocument } from './prove.js'

/** For the answer to reach whoever changed it. */
const RESTART_IN_MS = 1_000
/** More nobody reads at once. */
const MAX_LISTED = 200

export interface DeskDeps {
  readonly ports: { readonly clock: Clock; readonly files: Files; readonly log: Log }
  readonly catalogue: DeviceCatalogue
  /** See `missingHere`. */
  missing(config: SiteConfig): readonly Fault[]
}

interface Written {
  readonly document: unknown
  readonly changes: readonly Change[]
  readonly save?: RestoreWay['save'] | undefined
}

/** How what is restored beside the configuration comes with it, and goes again when it cannot be started. */
export interface RestoreWay {
  save(document: unknown): Promise<void>
  undo(): Promise<void>
}

/** The configuration as it was found. */
export interface Loaded {
  readonly text?: string
  /** Of the text; absent where there is none or it is no JSON. */
  readonly document?: unknown
  /** Absent where there is no configuration. */
  readonly proven?: Proven
}

export class ConfigurationDesk implements Desk {
  readonly #deps: DeskDeps
  readonly #history: ConfigurationHistory
  /** What this process runs with; undefined in set-up mode. */
  #running: unknown
  #config: SiteConfig | undefined
  /** Given by what runs, where it can take on another configuration. */
  #site: RunningSite | undefined
  /** What to go back to when the one that was taken cannot be started; undefined = nothing was taken. */
  #taken:
    | { readonly before: ConfigurationText; readonly undo?: (() => Promise<void>) | undefined }
    | undefined
  #isRestarting = false
  #restart: () => void = () => undefined
  #tail: Promise<unknown> = Promise.resolve()

  constructor(deps: DeskDeps) {
    this.#deps = deps
    this.#history = new ConfigurationHistory(deps.ports.files, deps.ports.log)
  }

  /** What the file holds, judged. A file that cannot be read is a fault like any other. */
  async load(): Promise<Loaded> {
    let text: string | undefined
    try {
      text = await this.#deps.ports.files.text('config')
    } catch (error) {
      const found = error instanceof Error ? error.message : String(error)
      return { proven: { ok: false, faults: [fault('(document)', 'json', { found })] } }
    }
    if (text === undefined) return {}
    const read = readJson(text)
    if (!read.ok) return { text, proven: read }
    const { document } = read.value
    return { text, document, proven: this.#prove(read.value) }
  }

  /** Control runs with this now, or set-up mode does; settles when another configuration was taken and is due. */
  begun(loaded: Loaded): Promise<void> {
    this.#running = loaded.proven?.ok === true ? loaded.document : undefined
    this.#config = loaded.proven?.ok === true ? loaded.proven.config : undefined
    this.#taken = undefined
    this.#isRestarting = false
    return new Promise(done => {
      this.#restart = done
    })
  }

  /** See `GatewayOptions.applies`; holds until what gave it is stopped. */
  applies(running: RunningSite): void {
    this.#site = running
  }

  /** The one that was taken cannot be started: the earlier one is put back. False when there is none to go back to. */
  async withdraw(reason: string): Promise<boolean> {
    const { before, undo } = this.#taken ?? {}
    this.#taken = undefined
    await undo?.()
    if (before?.text === undefined) return false
    const read = readJson(before.text)
    if (!read.ok) return false
    const { document } = read.value
    const now = await this.read()
    this.#deps.ports.log.write('error', 'configuration.withdrawn', { reason })
    const entry = { by: `Busbar: ${reason}`, action: 'withdrawn' } as const
    const changes = difference(documentOf(now.text), document)
    await this.#inTurn(() => this.#write(now, { document, changes }, entry))
    return true
  }

  async read(): Promise<ConfigurationText & { readonly fault?: string }> {
    let text: string | undefined
    try {
      text = await this.#deps.ports.files.text('config')
    } catch (error) {
      return { tag: 'unreadable', fault: error instanceof Error ? error.message : String(error) }
    }
    return text === undefined ? { tag: NO_DOCUMENT } : { tag: tagOf(text), text }
  }

  choices(): Readonly<Record<string, readonly string[]>> {
    const { stationModels, meterDevices, siteProfiles } = this.#deps.catalogue
    const sorted = (known: ReadonlyMap<string, unknown>) => [...known.keys()].sort()
    return {
      stationModels: sorted(stationModels),
      meterDevices: sorted(meterDevices),
      siteProfiles: sorted(siteProfiles),
    }
  }

  check(text: string): Promise<ConfigurationCheck> {
    return this.#inTurn(async () => (await this.#judge(text)).check)
  }

  history(): Promise<readonly ConfigurationChange[]> {
    return this.#inTurn(async () => this.#history.list((await this.read()).tag))
  }

  put(text: string, edit: ConfigurationEdit): Promise<Outcome> {
    return this.#inTurn(() => this.#take(text, edit, 'changed'))
  }

  rollBack(number: number, edit: ConfigurationEdit): Promise<Outcome | { readonly kind: 'unknown' }> {
    return this.#inTurn(async () => {
      const text = await this.#history.before(number)
      return text === undefined ? { kind: 'unknown' } : this.#take(text, edit, 'rolled back')
    })
  }

  /** As `put`, but that the document takes its place at the restart, together with what else is restored. */
  restore(text: string, edit: ConfigurationEdit, way: RestoreWay): Promise<Outcome> {
    return this.#inTurn(() => this.#take(text, edit, 'restored', way))
  }

  /** The same again, when the file could be started: one that could not would end in set-up mode. */
  restart(by: string): Promise<RestartOutcome> {
    return this.#inTurn(async () => {
      if (this.#isRestarting) return { kind: 'restarting' }
      const { proven } = await this.load()
      if (proven?.ok === false && this.#config !== undefined)
        return { kind: 'faulty', faults: proven.faults.length, first: proven.faults[0]?.path ?? '' }
      const { clock, log } = this.#deps.ports
      this.#isRestarting = true
      this.#site = undefined
      log.write('warn', 'restart asked for', { by })
      clock.after(RESTART_IN_MS, () => this.#restart())
      return { kind: 'restarts', inMs: RESTART_IN_MS }
    })
  }

  /** Where the file says something else than what runs: edited by hand since. */
  async notRunning(): Promise<readonly string[]> {
    if (this.#running === undefined) return []
    return difference(this.#running, documentOf((await this.read()).text)).map(({ path }) => path)
  }

  async #take(
    text: string,
    edit: ConfigurationEdit,
    action: NewEntry['action'],
    way?: RestoreWay,
  ): Promise<Outcome> {
    const { log, clock } = this.#deps.ports
    if (this.#isRestarting) return { kind: 'restarting' }
    const before = await this.read()
    // What cannot be kept in the history is not overwritten.
    if (before.fault !== undefined) return { kind: 'not-written', reason: before.fault }
    if (edit.tag !== before.tag) return { kind: 'changed-meanwhile', tag: before.tag }
    const { check, document, config } = await this.#judge(text, before)
    if (config === undefined) {
      log.write('warn', 'configuration.refused', {
        by: edit.by,
        faults: check.faults.length + check.moreFaults,
      })
      return { kind: 'faulty', check }
    }
    const changes = difference(documentOf(before.text), document)
    const isSame = changes.length === 0 && check.changes.length === 0 && way === undefined
    if (this.#running !== undefined && isSame) return { kind: 'unchanged', tag: before.tag }
    let number: number
    try {
      number = await this.#write(before, { document, changes, save: way?.save }, { by: edit.by, action })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      log.write('error', 'configuration.not-written', { by: edit.by, reason })
      return { kind: 'not-written', reason }
    }
    const { tag } = await this.read()
    if (
      way === undefined &&
      check.restartFor.length === 0 &&
      (await this.#applied({ document, config }, edit.by))
    )
      return { kind: 'applied', tag, number, check }
    this.#isRestarting = true
    this.#site = undefined
    this.#taken = { before, undo: way?.undo }
    clock.after(RESTART_IN_MS, () => this.#restart())
    return { kind: 'restarts', tag, inMs: RESTART_IN_MS, number, check, webPort: config.web.port }
  }

  /** False where only a restart makes it whole. */
  async #applied(
    { document, config }: { readonly document: unknown; readonly config: SiteConfig },
    by: string,
  ): Promise<boolean> {
    if (this.#site === undefined) return false
    try {
      await this.#site.apply(config)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#deps.ports.log.write('error', 'configuration.not-applied', { by, reason })
      return false
    }
    this.#running = document
    this.#config = config
    return true
  }

  /** History first: a change that is not kept is not made. */
  async #write(
    before: ConfigurationText,
    { document, changes, save }: Written,
    { by, action }: Pick<NewEntry, 'by' | 'action'>,
  ): Promise<number> {
    const { clock, files, log } = this.#deps.ports
    const number = await this.#history.keep({
      at: new Date(clock.wallMs()).toISOString(),
      by,
      action,
      changes: changes.slice(0, MAX_LISTED).map(change => ({ ...change })),
      moreChanges: Math.max(0, changes.length - MAX_LISTED),
      beforeTag: before.tag,
      afterTag: tagOf(JSON.stringify(document)),
      ...(before.text !== undefined && { beforeText: before.text }),
    })
    await (save === undefined ? files.save('config', document) : save(document))
    const paths = changes.map(({ path }) => path).join(', ')
    // Paths alone: a value may be a tag (AlwaysAllowIdTag).
    log.write('warn', 'configuration.changed', {
      by,
      action,
      number,
      changes: changes.length,
      paths: cut(paths),
    })
    return number
  }

  async #judge(
    text: string,
    now?: ConfigurationText,
  ): Promise<{ check: ConfigurationCheck; document?: unknown; config?: SiteConfig }> {
    const against = this.#running ?? documentOf((now ?? (await this.read())).text)
    const read = readJson(text)
    if (!read.ok) return { check: listed({ faults: read.faults, missing: [], changes: [] }) }
    const { document } = read.value
    const proven = this.#prove(read.value)
    const proof = proven.proof === undefined ? undefined : this.#proofOf(proven.config, proven.proof)
    const faults = proven.ok ? placed(this.#site?.faults(proven.config) ?? [], read.value) : proven.faults
    const check = listed({
      faults,
      missing: proven.config === undefined ? [] : this.#deps.missing(proven.config),
      changes: difference(against, document),
      restartFor: proven.config === undefined ? undefined : this.#restartFor(proven.config),
      ...(proof !== undefined && { proof }),
    })
    return { check, document, ...(proven.ok && faults.length === 0 && { config: proven.config }) }
  }

  /** Undefined where nothing runs that could go on. */
  #restartFor(next: SiteConfig): readonly string[] | undefined {
    if (this.#config === undefined || this.#site === undefined) return undefined
    return restartParts(this.#config, next)
  }

  #prove(text: JsonText): Proven {
    const proven = proveDocument(text.document, this.#deps.catalogue)
    return proven.ok ? proven : { ...proven, faults: placed(proven.faults, text) }
  }

  #proofOf(
    config: SiteConfig | undefined,
    proof: NonNullable<Proven['proof']>,
  ): ConfigurationProof | undefined {
    if (config === undefined) return undefined
    return {
      ...proofView(config, this.#deps.catalogue, proof),
      circuits: proof.circuits.map(({ circuitId, failSafeA, worstOtherLoadA, limitA, holds }) => ({
        circuitId,
        failSafeA: Math.max(...failSafeA),
        worstOtherLoadA,
        limitA,
        holds,
      })),
    }
  }

  /** One at a time: two administrators never start from the same state, and many checks never crowd control out. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(task)
    // Whoever called gets the failure; the next in the row starts regardless.
    this.#tail = done.catch(() => undefined)
    return done
  }
}

function listed(found: {
  readonly faults: readonly PlacedFault[]
  readonly missing: readonly Fault[]
  readonly changes: readonly Change[]
  readonly restartFor?: readonly string[] | undefined
  readonly proof?: ConfigurationProof
}): ConfigurationCheck {
  const { changes, faults, missing, proof } = found
  return {
    faults: faults.slice(0, MAX_LISTED),
    moreFaults: Math.max(0, faults.length - MAX_LISTED),
    missing: missing.slice(0, MAX_LISTED),
    changes: changes.slice(0, MAX_LISTED),
    moreChanges: Math.max(0, changes.length - MAX_LISTED),
    restartFor: found.restartFor ?? partsOf(changes),
    ...(proof !== undefined && { proof }),
  }
}

/** Undefined also for a text that is no JSON: then everything is new. */
function documentOf(text: string | undefined): unknown {
  const read = text === undefined ? undefined : readJson(text)
  return read?.ok === true ? read.value.document : undefined
}

/** Of what the text says: the layout of JSON does not count. */
function tagOf(text: string): string {
  const read = readJson(text)
  return textTag(read.ok ? JSON.stringify(read.value.document) : text)
}

function cut(text: string): string {
  return text.length > 400 ? `${text.slice(0, 399)}…` : text
}
