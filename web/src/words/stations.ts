/** The table of stations. */
import { room } from './room.js'

export const stations = room({
  stations: { en: 'Stations', de: 'Ladestationen', pt: 'Postos' },
  connectedOf: {
    en: '{count} of {of} connected · {charging} charging',
    de: '{count} von {of} verbunden · {charging} laden',
    pt: '{count} de {of} ligados · {charging} a carregar',
  },
  find: {
    en: 'Find by id, circuit, status, reason',
    de: 'Suchen nach Name, Stromkreis, Status, Grund',
    pt: 'Procurar por id, circuito, estado, motivo',
  },
  findLabel: { en: 'Find stations', de: 'Ladestationen suchen', pt: 'Procurar postos' },
  station: { en: 'Station', de: 'Ladestation', pt: 'Posto' },
  status: { en: 'Status', de: 'Status', pt: 'Estado' },
  allocation: { en: 'Allocation', de: 'Zuteilung', pt: 'Atribuição' },
  measured: { en: 'Measured', de: 'Gemessen', pt: 'Medido' },
  why: { en: 'Why', de: 'Warum', pt: 'Porquê' },
  asAbove: { en: 'as above', de: 'wie oben', pt: 'como acima' },
  noneFits: { en: 'No station fits.', de: 'Keine Ladestation passt.', pt: 'Nenhum posto corresponde.' },
  paused: { en: 'paused', de: 'pausiert', pt: 'em pausa' },
  atLeast: {
    en: 'at least {energy} ({why})',
    de: 'mindestens {energy} ({why})',
    pt: 'pelo menos {energy} ({why})',
  },
  'start unknown': {
    en: 'its start is not known',
    de: 'ihr Beginn ist nicht bekannt',
    pt: 'o início não é conhecido',
  },
  doubt: {
    en: 'its energy register {what}',
    de: 'ihr Energiezähler: {what}',
    pt: 'o seu registo de energia: {what}',
  },
  jumped: { en: 'jumped', de: 'sprang', pt: 'saltou' },
  'went back': { en: 'went back', de: 'lief zurück', pt: 'recuou' },
  estimate: {
    en: 'best estimate: it does not report amps of each phase',
    de: 'beste Schätzung: sie meldet nicht die Ampere jeder Phase',
    pt: 'melhor estimativa: não comunica os amperes de cada fase',
  },
  inTransaction: {
    en: '{energy} in this transaction',
    de: '{energy} in diesem Ladevorgang',
    pt: '{energy} neste carregamento',
  },
  Available: { en: 'Available', de: 'Frei', pt: 'Livre' },
  Preparing: { en: 'Preparing', de: 'Vorbereitung', pt: 'A preparar' },
  Charging: { en: 'Charging', de: 'Lädt', pt: 'A carregar' },
  SuspendedEVSE: { en: 'Paused', de: 'Pausiert', pt: 'Em pausa' },
  SuspendedEV: { en: 'Car not taking', de: 'Auto nimmt nichts', pt: 'O carro não aceita' },
  Finishing: { en: 'Finishing', de: 'Endet', pt: 'A terminar' },
  Reserved: { en: 'Reserved', de: 'Reserviert', pt: 'Reservado' },
  Unavailable: { en: 'Unavailable', de: 'Außer Betrieb', pt: 'Indisponível' },
  Faulted: { en: 'Faulted', de: 'Gestört', pt: 'Avariado' },
  unknown: { en: 'No status yet', de: 'Noch kein Status', pt: 'Ainda sem estado' },
  faultedBy: { en: 'Faulted: {code}', de: 'Gestört: {code}', pt: 'Avariado: {code}' },
  notConnected: { en: 'Not connected', de: 'Nicht verbunden', pt: 'Sem ligação' },
})
