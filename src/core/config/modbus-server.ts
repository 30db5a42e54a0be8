/**
 * The Modbus TCP server for building controllers. Modbus knows no passwords: it is off unless written, and what can be written
 * to it is one limit at most, which lifts nobody else's and ends by itself (control rule 17).
 */
import { z } from 'zod'
import { id } from './ids.js'
import { said } from './labels.js'

export const modbusServer = z
  .strictObject({
    host: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .meta(said('Address', 'Of this machine; whoever reaches it can read the site. 0.0.0.0 = all.')),
    port: z
      .number()
      .int()
      .min(0)
      .max(65535)
      .default(5020)
      .meta(said('Port', 'TCP; 502 needs the right to open it.')),
    unitId: z
      .number()
      .int()
      .min(1)
      .max(255)
      .default(1)
      .meta(said('Unit id', 'Others are not answered; 255 answers all.')),
    passThrough: z
      .array(
        z.strictObject({
          meter: id.meta(said('Meter', 'The id of one that is read here.')),
          unitId: z
            .number()
            .int()
            .min(1)
            .max(247)
            .meta(said('Unit id', 'Under which others ask for it here.')),
        }),
      )
      .max(32)
      .optional()
      .meta(
        said(
          'Pass-through',
          'Meters that let in one client only: others read them through this server, between our own polls. Reads only.',
        ),
      ),
    limit: z
      .strictObject({
        source: id.meta(
          said(
            'Source',
            'An entry of limits.sources by the door "modbus": its circuit, and what its silence means.',
          ),
        ),
        validForS: z
          .number()
          .int()
          .min(10)
          .max(86_400)
          .meta(said('Valid for', 'From each write on; then what its silence means.', 's')),
      })
      .optional()
      .meta(
        said(
          'Limit register',
          'One register that whoever reaches the port may write: tenths of an amp per phase. It only lowers.',
        ),
      ),
  })
  .meta(
    said(
      'Modbus server',
      'Measured values, limits and headroom for building controllers; one limit register where it is written.',
    ),
  )
