/** Limits the configuration knows: hours of the day with a limit or a priority, and sources that are listened for. Part of `site.ts`. */
import { z } from 'zod'
import { expecting } from './faults.js'
import { gridControl } from './grid-control.js'
import { importLimit, meanLimit } from './held-limits.js'
import { id } from './ids.js'
import { DOOR_WORDS, said, WEEKDAY_WORDS } from './labels.js'
import { sharingKeys } from './vehicle.js'

/** As they are numbered: 0 = Sunday. */
export const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const

const circuit = id.optional().meta(said('Circuit', 'Absent = the whole site.'))
const amps = z.number().min(0).max(6300)
const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, expecting('time-of-day'))

const limitWindow = z.strictObject({
  id: id.meta(said('Window', 'Its name, by which the page gives the reason.')),
  circuit,
  days: z
    .array(z.enum(WEEKDAYS))
    .min(1)
    .default([...WEEKDAYS])
    .meta({ ...said('Days', 'Those it begins on.'), ...WEEKDAY_WORDS }),
  from: timeOfDay.meta(said('From', 'Local time.')),
  to: timeOfDay.meta(said('To', 'Local time; not after "from" = on the next day.')),
  limitA: amps
    .optional()
    .meta(
      said(
        'Limit',
        'Of the whole circuit, per phase. 0 = no station charges. Absent = the hours set the priority alone.',
        'A',
      ),
    ),
  priorityClass: sharingKeys.priorityClass
    .optional()
    .meta(
      said(
        'Priority',
        'Of the cars there meanwhile: 1 is served before 9. What is said for a session or a tag comes before it. Absent = as ever.',
      ),
    ),
})

const limitSource = z.strictObject({
  id: id.meta(said('Source', 'The id its orders carry.')),
  door: z.enum(['mqtt', 'api', 'modbus']).meta({ ...said('Door', 'How its orders come.'), ...DOOR_WORDS }),
  circuit,
  fallbackLimitA: amps
    .optional()
    .meta(
      said(
        'When it is silent',
        'Holds from the start on, whenever none of its orders is in force. Required where it protects what Busbar cannot measure; absent = nothing holds then.',
        'A',
      ),
    ),
  guaranteedMinimumA: amps
    .optional()
    .meta(
      said(
        'Never less than',
        'What it has promised never to go below. The fail-safes of all stations are proven to fit below it.',
        'A',
      ),
    ),
})

export const siteLimits = z
  .strictObject({
    windows: z.array(limitWindow).max(100).default([]).meta({ title: 'Times of day' }),
    sources: z.array(limitSource).max(20).default([]).meta({ title: 'Sources of limits' }),
    gridControls: z.array(gridControl).max(10).default([]).meta({ title: 'Controls by the grid operator' }),
    meanLimits: z.array(meanLimit).max(10).default([]).meta({ title: 'Mean limits' }),
    importLimits: z.array(importLimit).max(10).default([]).meta({ title: 'Import limits' }),
  })
  .prefault({})

export type LimitWindowConfig = z.infer<typeof limitWindow>
export type LimitSourceConfig = z.infer<typeof limitSource>
