/** Where somebody begins who has no configuration yet: one fuse, no meter, no station; every number is to be looked at. */

/** Sound as it stands: nothing is given to anybody before a station is put in. The page stays where it is. */
export function startingDocument(): string {
  const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const port = Number(location.port === '' ? 80 : location.port)
  const document = {
    version: 1,
    site: { id: 'depot', timeZone },
    circuits: [{ id: 'main', ratedCurrentA: 63, worstCaseOtherLoadA: 20 }],
    meters: [],
    ocpp: { port: 9000 },
    stations: [],
    web: { port },
  }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

/** To be copied into "stations": what one looks like. */
export const STATION_EXAMPLE = JSON.stringify(
  {
    id: 'CP-1',
    device: 'generic',
    circuit: 'main',
    connectors: [{ id: 1, phases: 'L1L2L3', phaseRotation: 'Unknown', maxCurrentA: 32, failSafeCurrentA: 6 }],
  },
  undefined,
  2,
)

export const METER_EXAMPLE = JSON.stringify(
  {
    id: 'main',
    device: 'eastron-sdm630-v2',
    unitId: 1,
    connection: { kind: 'tcp', host: '10.0.0.20', port: 502 },
  },
  undefined,
  2,
)
