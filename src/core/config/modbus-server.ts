/** The Modbus TCP server for building controllers. Modbus knows no passwords: it is off unless written, and open to nobody else. */
import { z } from 'zod'
import { said } from './offline-keys.js'

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
  })
  .meta(said('Modbus server', 'Measured values, limits and headroom for building controllers; read-only.'))
