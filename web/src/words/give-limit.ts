/** Words of the form in which an operator gives a limit. */
import { room } from './room.js'

export const giving = room({
  title: { en: 'Give a limit', de: 'Grenze vorgeben', pt: 'Dar um limite' },
  circuit: { en: 'Circuit', de: 'Stromkreis', pt: 'Circuito' },
  limit: { en: 'Limit, A per phase', de: 'Grenze, A je Phase', pt: 'Limite, A por fase' },
  onlyStations: {
    en: 'of the stations alone',
    de: 'nur für die Ladestationen',
    pt: 'só dos postos',
  },
  minutes: { en: 'For, min', de: 'Für, min', pt: 'Durante, min' },
  reason: { en: 'Reason', de: 'Grund', pt: 'Motivo' },
  try: { en: 'Try', de: 'Probieren', pt: 'Experimentar' },
  give: { en: 'Give', de: 'Vorgeben', pt: 'Dar' },
  wouldBe: { en: 'Would be: {what}', de: 'Wäre: {what}', pt: 'Seria: {what}' },
  silent: { en: 'Nobody answers.', de: 'Niemand antwortet.', pt: 'Ninguém responde.' },
  notTaken: { en: 'Not taken: {what}.', de: 'Nicht übernommen: {what}.', pt: 'Não aceite: {what}.' },
})
