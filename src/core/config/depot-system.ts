/** The door for the depot's planning system (VDV 463): TLS and a password always. Part of `site.ts`. */
import { z } from 'zod'
import { expecting } from './faults.js'
import { id } from './ids.js'
import { inWords, said } from './labels.js'

export const depotSystem = z
  .strictObject({
    host: z.string().min(1).default('0.0.0.0').meta(said('Address', 'To listen on.')),
    port: z
      .number()
      .int()
      .min(0)
      .max(65_535)
      .default(8463)
      .meta(said('Port', 'With TLS, by the certificate of the page.')),
    username: z
      .string()
      .min(1)
      .max(60)
      .regex(/^[^:]+$/, expecting('user-name'))
      .meta(said('User', 'Of the depot system (BMS or ITCS).')),
    priorityFirst: z
      .enum(['lowest', 'highest'])
      .optional()
      .meta({
        ...said(
          'First priority',
          'Which number of a request is served first: 1 or 9. Without it priorities are not used.',
        ),
        ...inWords({ lowest: 'the lowest number', highest: 'the highest number' }),
      }),
    passwordSecret: id.meta(said('Password', 'The name of the entry in secrets.json that holds it.')),
  })
  .meta({ title: 'Depot system (VDV 463)' })
