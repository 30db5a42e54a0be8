/**
 * Control by the grid operator as the configuration knows it (par. 14a EnWG, BK6-22-300): through which door its orders come, for
 * how many points, and what holds while nothing is heard. Part of `limit-sources.ts`.
 */
import { z } from 'zod'
import { id } from './ids.js'
import { DOOR_WORDS, inWords, said } from './labels.js'

/** A digital input of a Modbus device that shows its inputs in registers. */
const gridInput = z
  .strictObject({
    host: z.string().min(1).meta(said('Address', 'IP address or name of the Modbus TCP device.')),
    port: z.number().int().min(1).max(65_535).default(502).meta(said('Port', 'TCP.')),
    unitId: z.number().int().min(0).max(255).meta(said('Unit', 'Modbus address.')),
    registers: z.enum(['holding', 'input']).meta({
      ...said('Registers', 'Where the device shows its inputs.'),
      ...inWords({ holding: 'holding registers', input: 'input registers' }),
    }),
    address: z.number().int().min(0).max(65_535).meta(said('Register', 'From 0, as on the wire.')),
    bit: z.number().int().min(0).max(15).default(0).meta(said('Bit', '0 = the lowest.')),
    reducedWhen: z.enum(['set', 'clear']).meta({
      ...said('Reduced when', 'Off (0): also where the wire is cut, as the contact is closed at rest.'),
      ...inWords({ set: 'the input is on (1)', clear: 'the input is off (0)' }),
    }),
    pollMs: z
      .number()
      .int()
      .min(250)
      .max(60_000)
      .default(1_000)
      .meta(said('Poll', 'Time between two reads.', 'ms')),
    releaseAfterS: z
      .number()
      .min(0)
      .max(600)
      .default(3)
      .meta(
        said(
          'Release after',
          'It reduces at once, and releases when the contact has been at rest so long.',
          's',
        ),
      ),
    silentAfterS: z
      .number()
      .int()
      .min(1)
      .max(3_600)
      .default(10)
      .meta(said('Silent after', 'Without a good read this long, what holds in silence holds.', 's')),
  })
  .meta({ title: 'Digital input' })

export const gridControl = z.strictObject({
  id: id.meta(said('Control', 'The id its orders carry.')),
  circuit: id.optional().meta(said('Circuit', 'Of whose stations; absent = of the whole site.')),
  door: z.enum(['mqtt', 'api', 'input']).meta({
    ...said('Door', 'How its orders come; a gateway for EEBus LPC gives them by MQTT or API.'),
    ...DOOR_WORDS,
  }),
  input: gridInput.optional(),
  points: z
    .number()
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .meta(said('Points', 'Controllable devices counted by the grid operator; absent = the stations there.')),
  perPointW: z
    .number()
    .int()
    .min(1_000)
    .max(22_000)
    .default(4_200)
    .meta(said('For one point', 'What the operator has to leave to one.', 'W')),
  onSilence: z
    .enum(['reduce', 'release'])
    .default('reduce')
    .meta({
      ...said('When it is silent', 'Reduce: as if it had ordered, from the start on until it is heard.'),
      ...inWords({ reduce: 'reduce', release: 'do not reduce' }),
    }),
})

export type GridControlConfig = z.infer<typeof gridControl>
export type GridInputConfig = z.infer<typeof gridInput>
