/**
 * UpdateFirmware, GetDiagnostics, GetLog and SignedUpdateFirmware as a simulated station answers them (OCPP 1.6 §5.9,
 * §5.19; white paper L01, N01). What follows is maintenance.ts.
 */
import { z } from 'zod'
import { answered, type Command, command, status } from './commands.js'

const signedUpdate = z.object({
  requestId: z.number().int(),
  firmware: z.object({
    location: z.string(),
    retrieveDateTime: z.string(),
    signingCertificate: z.string(),
    signature: z.string(),
  }),
})

const getLog = z.object({
  logType: z.enum(['DiagnosticsLog', 'SecurityLog']),
  requestId: z.number().int(),
  log: z.object({ remoteLocation: z.string() }),
})

export const maintenanceCommands: Readonly<Record<string, Command>> = {
  GetDiagnostics: command(z.object({ location: z.string() }), ({ maintenance }) =>
    answered({ fileName: 'diagnostics.txt' }, () => maintenance.uploadDiagnostics()),
  ),
  GetLog: command(getLog, ({ maintenance }, { requestId }) =>
    answered({ status: 'Accepted', filename: 'security.log' }, () => maintenance.uploadLog(requestId)),
  ),
  SignedUpdateFirmware: command(signedUpdate, ({ maintenance }, { requestId }) =>
    status('Accepted', () => maintenance.updateFirmware({ signed: true, requestId })),
  ),
  UpdateFirmware: command(z.object({ location: z.string(), retrieveDate: z.string() }), ({ maintenance }) =>
    answered({}, () => maintenance.updateFirmware({ signed: false })),
  ),
}
