/**
 * The mirrors of the site (proxy rule 18): further systems that are told what stations say. Gives each station its lines
 * to all of them, and each mirror's state over all stations. Must not know what any message means.
 */
import type { SiteConfig } from '../../core/config/site.js'
import type { MirrorStatus, MirrorTotals } from '../../core/events.js'
import type { Ports } from '../../ports.js'
import { createCsmsLink, csmsUrl } from '../csms/csms-link.js'
import { LinkCircle } from '../csms/link-circle.js'
import type { StationMirrors } from '../session-parts.js'
import { MirrorLine } from './mirror-line.js'
import type { MirrorBudget } from './mirror-queue.js'

/** A mirror has nothing long to say: answers are small, and orders are refused. */
const MAX_FRAME_BYTES = 64 * 1024

type MirrorConfig = NonNullable<SiteConfig['csms']>['mirrors'][number]

export interface MirrorsOptions {
  readonly ports: Pick<Ports, 'clock' | 'random' | 'network' | 'log'>
  readonly mirrors: readonly MirrorConfig[]
  newMessageId(): string
  /** Headers of a connection in this station's name. */
  headersOf(
    mirrorId: string,
    stationId: string,
    through: string | undefined,
  ): Readonly<Record<string, string>>
}

interface Mirror {
  readonly config: MirrorConfig
  readonly circle: LinkCircle
  readonly budget: MirrorBudget
  readonly totals: { -readonly [K in keyof MirrorTotals]: MirrorTotals[K] }
  readonly lines: MirrorLine[]
}

export class Mirrors {
  readonly #options: MirrorsOptions
  readonly #mirrors: readonly Mirror[]
  /** Also of stations that are configured no more: a session that is opened anew goes on with its lines. */
  readonly #stations = new Map<string, StationMirrors>()

  constructor(options: MirrorsOptions) {
    this.#options = options
    this.#mirrors = options.mirrors.map(config => ({
      config,
      circle: new LinkCircle(options.ports),
      budget: { chars: 0 },
      totals: { sent: 0, answered: 0, refused: 0, unanswered: 0, dropped: 0, ordersRefused: 0, badFrames: 0 },
      lines: [],
    }))
  }

  /** Undefined where there is no mirror. */
  station(stationId: string): StationMirrors | undefined {
    if (this.#mirrors.length === 0) return undefined
    const known = this.#stations.get(stationId)
    if (known !== undefined) return known
    const lines = this.#mirrors.map(mirror => this.#line(mirror, stationId))
    const mirrors: StationMirrors = {
      here: through => {
        for (const line of lines) line.stationHere(through)
      },
      gone: () => {
        for (const line of lines) line.stationGone()
      },
      saw: (action, payloadText) => {
        for (const line of lines) line.saw(action, payloadText)
      },
    }
    this.#stations.set(stationId, mirrors)
    return mirrors
  }

  states(): readonly MirrorStatus[] {
    return this.#mirrors.map(({ config, budget, totals, lines }) => ({
      id: config.id,
      url: config.url,
      waiting: lines.reduce((sum, line) => sum + line.waiting, 0),
      waitingChars: budget.chars,
      links: lines.flatMap(line => line.status() ?? []),
      totals: { ...totals },
    }))
  }

  stop(): void {
    for (const { circle, lines } of this.#mirrors) {
      circle.stop()
      for (const line of lines) line.stop()
    }
  }

  #line(mirror: Mirror, stationId: string): MirrorLine {
    const { ports, newMessageId, headersOf } = this.#options
    const { config, circle, budget, totals } = mirror
    const line: MirrorLine = new MirrorLine({
      clock: ports.clock,
      budget,
      totals,
      openLink: (through, handlers) =>
        createCsmsLink({
          ports,
          url: csmsUrl(config.url, stationId),
          headers: headersOf(config.id, stationId, through),
          handlers,
          circle,
          newMessageId,
          maxFrameBytes: MAX_FRAME_BYTES,
          onFrame: kind => {
            if (kind !== 'call' && kind !== 'result' && kind !== 'error') line.badFrame()
          },
        }),
      onFlood: () => ports.log.write('warn', 'mirror-floods', { mirror: config.id, station: stationId }),
    })
    mirror.lines.push(line)
    return line
  }
}
