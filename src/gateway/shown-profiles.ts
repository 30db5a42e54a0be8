/**
 * Keeps `security-profiles.json`: the least OCPP security profile each station has shown, a second time beside `state.json`, so that
 * a document that is lost opens no door. The higher of both counts. Where neither can be read, although there was one, every
 * station is wanted on the best door there is until a person says otherwise, also after further restarts.
 */
import { z } from 'zod'
import { parseDocument } from '../core/config/faults.js'
import type { Clock, Files, Log } from '../ports.js'

const NAME = 'security-profiles'

const shownProfilesSchema = z.strictObject({
  version: z.literal(1),
  leastSecurityProfiles: z.record(z.string().min(1).max(48), z.int().min(0).max(3)),
  /** Since when it is not known what others have shown. */
  lostAt: z.iso.datetime().optional(),
})

type Document = z.infer<typeof shownProfilesSchema>
type Profiles = Document['leastSecurityProfiles']

/** What the other place said. */
export type FirstPlace =
  | { readonly kind: 'whole'; readonly profiles: Profiles }
  | { readonly kind: 'absent' | 'damaged' }

interface ProfilePorts {
  readonly clock: Clock
  readonly files: Files
  readonly log: Log
}

export class ShownProfiles {
  readonly #ports: ProfilePorts
  #document: Document
  #saveFault: string | undefined

  private constructor(ports: ProfilePorts, document: Document) {
    this.#ports = ports
    this.#document = document
  }

  static async open(ports: ProfilePorts, first: FirstPlace): Promise<ShownProfiles> {
    const second = await load(ports)
    const profiles = first.kind === 'whole' ? first.profiles : {}
    const known = second.kind === 'whole' ? second.document.leastSecurityProfiles : {}
    const isLost = second.kind === 'damaged' ? first.kind !== 'whole' : isNowhere(first, second)
    const lostAt = second.kind === 'whole' ? second.document.lostAt : isLost ? now(ports.clock) : undefined
    const shown = new ShownProfiles(ports, {
      version: 1,
      leastSecurityProfiles: higherOf(profiles, known),
      ...(lostAt !== undefined && { lostAt }),
    })
    if (isLost) ports.log.write('error', 'security-profiles.lost', { reason: 'neither document can be read' })
    const isWritten = second.kind === 'whole' && JSON.stringify(profiles) === JSON.stringify(known)
    if (!isWritten && (isLost || Object.keys(shown.all()).length > 0)) await shown.save()
    return shown
  }

  /** Why the last change is not on the disk; undefined when it is. */
  get saveFault(): string | undefined {
    return this.#saveFault
  }

  /** What stations have shown that are not in `of` was lost. */
  get isInDoubt(): boolean {
    return this.#document.lostAt !== undefined
  }

  all(): Profiles {
    return this.#document.leastSecurityProfiles
  }

  of(stationId: string): number | undefined {
    return Object.hasOwn(this.all(), stationId) ? this.all()[stationId] : undefined
  }

  /** Undefined = forgotten, by a person's word, which is kept where the others are in doubt. */
  set(stationId: string, profile: number | undefined): void {
    const others = Object.entries(this.all()).filter(([id]) => id !== stationId)
    const kept = profile ?? (this.isInDoubt ? 0 : undefined)
    const entry: readonly (readonly [string, number])[] = kept === undefined ? [] : [[stationId, kept]]
    this.#document = { ...this.#document, leastSecurityProfiles: Object.fromEntries([...others, ...entry]) }
    void this.save()
  }

  save(): Promise<void> {
    return this.#ports.files.save(NAME, this.#document).then(
      () => {
        this.#saveFault = undefined
      },
      (error: unknown) => {
        this.#saveFault = reasonOf(error)
        this.#ports.log.write('error', 'security-profiles.not-written', { reason: this.#saveFault })
      },
    )
  }
}

type Second =
  | { readonly kind: 'whole'; readonly document: Document }
  | { readonly kind: 'absent' | 'damaged' }

async function load({ files, log }: ProfilePorts): Promise<Second> {
  try {
    const found = await files.load(NAME)
    if (found === undefined) return { kind: 'absent' }
    const parsed = parseDocument(shownProfilesSchema, found)
    if (parsed.ok) return { kind: 'whole', document: parsed.value }
    const [fault] = parsed.faults
    log.write('error', 'security-profiles.unreadable', { reason: `${fault?.path}: found ${fault?.found}` })
  } catch (error) {
    log.write('error', 'security-profiles.unreadable', { reason: reasonOf(error) })
  }
  return { kind: 'damaged' }
}

/** Of a document that is damaged nothing is known; of one that never was, all. */
function isNowhere(first: FirstPlace, second: Second): boolean {
  return first.kind === 'damaged' && second.kind === 'absent'
}

function higherOf(some: Profiles, others: Profiles): Profiles {
  const all = Object.entries(others)
  for (const [stationId, profile] of Object.entries(some)) all.push([stationId, profile])
  const highest = new Map<string, number>()
  for (const [stationId, profile] of all)
    highest.set(stationId, Math.max(profile, highest.get(stationId) ?? 0))
  return Object.fromEntries(highest)
}

const now = (clock: Clock): string => new Date(clock.wallMs()).toISOString()

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
