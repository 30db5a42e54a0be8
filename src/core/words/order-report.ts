/**
 * What the report about an order says, in the three languages. It leaves Busbar as one file, for a network operator who never sees the
 * page; so it alone of what the core says has all languages here. One without a text does not compile.
 */

export const REPORT_LANGUAGES = ['en', 'de', 'pt'] as const
export type ReportLanguage = (typeof REPORT_LANGUAGES)[number]

/** Rows by what stands in them; a text with `{…}` holds what an order says. */
const ENGLISH = {
  locale: 'en-GB',
  title: 'Order {id} of {time}',
  site: 'Site',
  order: 'Order',
  given: 'Given',
  target: 'For',
  stationsOf: 'the stations of {target}, together',
  value: 'Ordered value',
  fallback: '{value}, because its source was silent',
  reason: 'Reason given',
  noReason: 'none',
  received: 'Received',
  started: 'Busbar started',
  unknownBefore: '{time}; what was before is not known',
  told: 'First station told',
  noneTold: 'none was',
  nobody: 'no station had to draw less',
  accepted: 'Last station had accepted',
  notAccepted: 'not seen: one was away, or did not answer',
  held: 'Measured at or below since',
  notHeld: 'not seen, or not measured',
  ended: 'Ended',
  after: '{time} (after {s} s)',
  record: 'Record',
  unchanged: 'no. {seq}, unchanged since it was written',
  changed: 'no. {seq}, CHANGED since it was written',
  firstHash: 'SHA-256 of this first record',
  hash: 'SHA-256, with the record before',
  quarters: 'Mean power by quarter of an hour',
  noQuarters: 'None was measured.',
  quarter: 'Quarter hour',
  mean: 'Mean',
  measured: 'Measured',
  under: 'Under the order',
  notKnown: 'not known',
  times: 'Times are those of {timeZone}. A mean is that of the time in which it was measured.',
  byPage: 'on the page, by {by}',
  byApi: 'through the API, by {by}',
  byMqtt: 'through MQTT',
  byModbus: 'through the Modbus register',
  byGrid: 'by the grid operator, through {by}',
  byContact: 'by the grid operator, through a contact',
  byWindow: 'by the hours of the configuration',
  byG100: 'by the import limit of the configuration',
  byMean: 'by the mean limit of the configuration',
  bySilence: 'by the configuration, while its source was silent',
  byOther: '{source}, by {by}',
} as const

type ReportText = keyof typeof ENGLISH

const GERMAN: Readonly<Record<ReportText, string>> = {
  locale: 'de-DE',
  title: 'Befehl {id} vom {time}',
  site: 'Anlage',
  order: 'Befehl',
  given: 'Erteilt',
  target: 'Für',
  stationsOf: 'die Ladestationen von {target} zusammen',
  value: 'Befohlener Wert',
  fallback: '{value}, weil die Quelle schwieg',
  reason: 'Angegebener Grund',
  noReason: 'keiner',
  received: 'Empfangen',
  started: 'Busbar gestartet',
  unknownBefore: '{time}; was vorher war, ist nicht bekannt',
  told: 'Erste Ladestation angewiesen',
  noneTold: 'keine',
  nobody: 'keine Ladestation musste weniger ziehen',
  accepted: 'Letzte Ladestation hatte angenommen',
  notAccepted: 'nicht gesehen: eine war nicht verbunden oder antwortete nicht',
  held: 'Gemessen nicht darüber seit',
  notHeld: 'nicht gesehen oder nicht gemessen',
  ended: 'Beendet',
  after: '{time} (nach {s} s)',
  record: 'Eintrag',
  unchanged: 'Nr. {seq}, unverändert, seit er geschrieben wurde',
  changed: 'Nr. {seq}, VERÄNDERT, seit er geschrieben wurde',
  firstHash: 'SHA-256 dieses ersten Eintrags',
  hash: 'SHA-256, mit dem Eintrag davor',
  quarters: 'Mittlere Leistung je Viertelstunde',
  noQuarters: 'Keine wurde gemessen.',
  quarter: 'Viertelstunde',
  mean: 'Mittel',
  measured: 'Gemessen',
  under: 'Unter dem Befehl',
  notKnown: 'nicht bekannt',
  times: 'Zeiten sind die von {timeZone}. Ein Mittel ist das der Zeit, in der gemessen wurde.',
  byPage: 'auf der Seite, von {by}',
  byApi: 'über die API, von {by}',
  byMqtt: 'über MQTT',
  byModbus: 'über das Modbus-Register',
  byGrid: 'vom Netzbetreiber, über {by}',
  byContact: 'vom Netzbetreiber, über einen Kontakt',
  byWindow: 'durch die Tageszeiten der Konfiguration',
  byG100: 'durch die Bezugsgrenze der Konfiguration',
  byMean: 'durch das Viertelstundenmittel der Konfiguration',
  bySilence: 'durch die Konfiguration, solange die Quelle schwieg',
  byOther: '{source}, von {by}',
}

const PORTUGUESE: Readonly<Record<ReportText, string>> = {
  locale: 'pt-PT',
  title: 'Ordem {id} de {time}',
  site: 'Instalação',
  order: 'Ordem',
  given: 'Dada',
  target: 'Para',
  stationsOf: 'os postos de {target}, em conjunto',
  value: 'Valor ordenado',
  fallback: '{value}, porque a sua origem estava em silêncio',
  reason: 'Motivo indicado',
  noReason: 'nenhum',
  received: 'Recebida',
  started: 'Busbar arrancou',
  unknownBefore: '{time}; o que houve antes não se sabe',
  told: 'Primeiro posto avisado',
  noneTold: 'nenhum',
  nobody: 'nenhum posto teve de consumir menos',
  accepted: 'Último posto tinha aceitado',
  notAccepted: 'não visto: um estava sem ligação ou não respondeu',
  held: 'Medido sem exceder desde',
  notHeld: 'não visto ou não medido',
  ended: 'Terminada',
  after: '{time} (após {s} s)',
  record: 'Registo',
  unchanged: 'n.º {seq}, inalterado desde que foi escrito',
  changed: 'n.º {seq}, ALTERADO depois de escrito',
  firstHash: 'SHA-256 deste primeiro registo',
  hash: 'SHA-256, com o registo anterior',
  quarters: 'Potência média por quarto de hora',
  noQuarters: 'Nenhuma foi medida.',
  quarter: 'Quarto de hora',
  mean: 'Média',
  measured: 'Medido',
  under: 'Sob a ordem',
  notKnown: 'não se sabe',
  times: 'As horas são as de {timeZone}. Uma média é a do tempo em que houve medição.',
  byPage: 'na página, por {by}',
  byApi: 'pela API, por {by}',
  byMqtt: 'por MQTT',
  byModbus: 'pelo registo Modbus',
  byGrid: 'pelo operador da rede, por {by}',
  byContact: 'pelo operador da rede, por um contacto',
  byWindow: 'pelas horas do dia da configuração',
  byG100: 'pelo limite de importação da configuração',
  byMean: 'pela média de quarto de hora da configuração',
  bySilence: 'pela configuração, enquanto a sua origem estava em silêncio',
  byOther: '{source}, por {by}',
}

const TEXTS: Readonly<Record<ReportLanguage, Readonly<Record<ReportText, string>>>> = {
  en: ENGLISH,
  de: GERMAN,
  pt: PORTUGUESE,
}

/** What must be given for the places in a text. */
type Places<T> = T extends `${string}{${infer Name}}${infer Rest}` ? Name | Places<Rest> : never
type Given<K extends ReportText> = [Places<(typeof ENGLISH)[K]>] extends [never]
  ? []
  : [given: Readonly<Record<Places<(typeof ENGLISH)[K]>, string | number>>]
export type ReportWords = <K extends ReportText>(text: K, ...given: Given<K>) => string

/** What is given is text, whatever braces it has. */
export function reportWords(language: ReportLanguage): ReportWords {
  return (text, ...given) => {
    const values: Readonly<Record<string, string | number>> = given[0] ?? {}
    return TEXTS[language][text].replace(/\{(\w+)\}/g, (_place, name: string) => `${values[name] ?? ''}`)
  }
}

/** The best of an Accept-Language header (RFC 9110 §12.5.4) that there is; English where it names none. */
export function wantedLanguage(header: string | undefined): ReportLanguage {
  let best: { readonly language: ReportLanguage; readonly weight: number } = { language: 'en', weight: 0 }
  for (const range of (header ?? '').split(',')) {
    const [tag = '', ...parameters] = range.split(';').map(part => part.trim().toLowerCase())
    const language = REPORT_LANGUAGES.find(known => tag === known || tag.startsWith(`${known}-`))
    const quality = parameters.find(parameter => parameter.startsWith('q='))
    const weight = quality === undefined ? 1 : Number(quality.slice(2))
    if (language !== undefined && weight > best.weight && weight <= 1) best = { language, weight }
  }
  return best.language
}
