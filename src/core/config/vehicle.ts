/** Vehicles known by their tags, and what a session may say of itself beside its departure. Part of `site.ts`. */
import { z } from 'zod'
import { expecting } from './faults.js'
import { said } from './labels.js'

/** 1 is served before 2. */
export const PRIORITY_CLASSES = 9
/** Of whoever says nothing: there is room above and below. */
export const ORDINARY_CLASS = 5
export const MAX_WEIGHT = 100
export const MAX_ENERGY_WH = 1_000_000

/** What a session may say about itself beside its departure. */
export const sharingKeys = {
  weight: z
    .number()
    .min(0.1)
    .max(MAX_WEIGHT)
    .meta(
      said(
        'Weight',
        'Times an equal share above the minimum, where the profile shares by weight. Absent = 1.',
      ),
    ),
  priorityClass: z
    .number()
    .int()
    .min(1)
    .max(PRIORITY_CLASSES)
    .meta(said('Priority', '1 is served before 9 when not everybody can have the minimum. Absent = 5.')),
}

/** A vehicle known by its tag: what holds for its sessions unless somebody says otherwise. */
export const vehicle = z
  .strictObject({
    idTag: z.string().min(1).max(20).meta(said('Tag', 'By which the vehicle is known.')),
    name: z.string().min(1).max(60).meta(said('Name', 'What people and fleet systems call it.')),
    departsAt: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, expecting('time-of-day'))
      .meta(said('Departure', 'Local time it leaves, each day.')),
    energyWh: z
      .number()
      .int()
      .min(1)
      .max(MAX_ENERGY_WH)
      .meta(said('Energy', 'What it wants until then.', 'Wh')),
    batteryWh: z
      .number()
      .int()
      .min(1)
      .max(MAX_ENERGY_WH)
      .meta(said('Battery', 'Makes Wh of what a depot system says in percent.', 'Wh')),
    preconditioningWh: z
      .number()
      .int()
      .min(1)
      .max(MAX_ENERGY_WH)
      .meta(
        said(
          'Preconditioning',
          'What heating or cooling it before it leaves takes, where a depot system asks for it and says no power.',
          'Wh',
        ),
      ),
    ...sharingKeys,
  })
  .partial({
    name: true,
    batteryWh: true,
    preconditioningWh: true,
    departsAt: true,
    energyWh: true,
    weight: true,
    priorityClass: true,
  })
