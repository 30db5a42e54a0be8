/** The parts that reasons are put together from. */
import { room } from './room.js'

export const reasonWords = room({
  pausedNow: { en: 'paused now', de: 'jetzt pausiert', pt: 'em pausa agora' },
  ampsNow: { en: '{amps} now', de: 'jetzt {amps}', pt: '{amps} agora' },
  alone: {
    en: 'this car gets what is left',
    de: 'dieses Auto bekommt den Rest',
    pt: 'este carro recebe o que sobra',
  },
  'share equal': {
    en: '{cars} cars share it equally',
    de: '{cars} Autos teilen es gleich',
    pt: '{cars} carros dividem por igual',
  },
  'share weighted': {
    en: '{cars} cars share it by weight',
    de: '{cars} Autos teilen es nach Gewicht',
    pt: '{cars} carros dividem por peso',
  },
  'share first-come': {
    en: 'of {cars} cars, whoever came first is served first',
    de: 'von {cars} Autos kommt zuerst dran, wer zuerst kam',
    pt: 'de {cars} carros, quem chegou primeiro é servido primeiro',
  },
  'share least-laxity': {
    en: 'of {cars} cars, whoever can wait least is served first',
    de: 'von {cars} Autos kommt zuerst dran, wer am wenigsten warten kann',
    pt: 'de {cars} carros, quem menos pode esperar é servido primeiro',
  },
  orderUnknown: { en: 'a limit from outside', de: 'eine Grenze von außen', pt: 'um limite externo' },
  orderHours: { en: 'the hours of {name}', de: 'Tageszeit {name}', pt: 'o horário {name}' },
  orderTest: {
    en: 'the wiring test ({by})',
    de: 'Verdrahtungsprüfung ({by})',
    pt: 'o teste de cablagem ({by})',
  },
  orderSilence: { en: 'the silence of {name}', de: '{name} schweigt', pt: 'o silêncio de {name}' },
  order: { en: 'order {name} ({by})', de: 'Befehl {name} ({by})', pt: 'ordem {name} ({by})' },
  orderPage: {
    en: 'the order on the page ({by})',
    de: 'der Befehl auf der Seite ({by})',
    pt: 'a ordem na página ({by})',
  },
  orderGrid: {
    en: 'the grid operator ({name})',
    de: 'der Netzbetreiber ({name})',
    pt: 'o operador da rede ({name})',
  },
  orderMean: {
    en: 'the quarter-hour mean {name}',
    de: 'das Viertelstundenmittel {name}',
    pt: 'a média de quarto de hora {name}',
  },
  orderImport: {
    en: 'the import limit {name}',
    de: 'die Bezugsgrenze {name}',
    pt: 'o limite de importação {name}',
  },
  orderLocked: {
    en: 'the lock-out of import limit {name}',
    de: 'die Sperre der Bezugsgrenze {name}',
    pt: 'o bloqueio do limite de importação {name}',
  },
  asOrdered: { en: ', as {order} says', de: ', laut {order}', pt: ', por {order}' },
  ofStations: { en: ' for the stations alone', de: ' nur für die Ladestationen', pt: ' só para os postos' },
  circuit: {
    en: 'Of {amps}{only} on {phase}{by}, {parts}.',
    de: 'Von {amps}{only} auf {phase}{by}: {parts}.',
    pt: 'De {amps}{only} em {phase}{by}: {parts}.',
  },
  oneCar: { en: '{count} car has {amps}', de: '{count} Auto hat {amps}', pt: '{count} carro tem {amps}' },
  cars: {
    en: '{count} cars share {amps}',
    de: '{count} Autos teilen sich {amps}',
    pt: '{count} carros dividem {amps}',
  },
  free: { en: '{amps} are free', de: '{amps} sind frei', pt: '{amps} estão livres' },
  full: { en: 'nothing is left', de: 'nichts ist übrig', pt: 'nada sobra' },
  tooMuch: {
    en: 'and {amps} more are set aside than there is, so nothing is raised',
    de: 'und {amps} mehr sind zurückgelegt, als da sind, darum wird nichts erhöht',
    pt: 'e estão reservados {amps} a mais do que existe, por isso nada é aumentado',
  },
  kept: { en: '{amps} are kept{why}', de: '{amps} sind freigehalten{why}', pt: '{amps} guardados{why}' },
  noOther: {
    en: 'nothing is set aside for other load',
    de: 'für übrige Last ist nichts zurückgelegt',
    pt: 'nada é guardado para outra carga',
  },
  other: { en: 'other load takes {amps}', de: 'übrige Last {amps}', pt: 'outra carga {amps}' },
  otherMeasured: {
    en: 'other load takes {amps} (measured)',
    de: 'übrige Last {amps} (gemessen)',
    pt: 'outra carga {amps} (medida)',
  },
  noneMeasured: {
    en: 'there is no other load (measured)',
    de: 'keine übrige Last (gemessen)',
    pt: 'não há outra carga (medido)',
  },
  otherAssumed: {
    en: 'other load takes {amps} (assumed{why})',
    de: 'übrige Last {amps} (angenommen{why})',
    pt: 'outra carga {amps} (assumida{why})',
  },
  absent: {
    en: 'meter {meter} gives nothing',
    de: 'Zähler {meter} liefert nichts',
    pt: 'o contador {meter} não dá nada',
  },
  'not believed': {
    en: 'meter {meter} is not believed',
    de: 'Zähler {meter} wird nicht geglaubt',
    pt: 'não se acredita no contador {meter}',
  },
  'not proven': {
    en: 'meter {meter} is not proven yet: it has to follow two changes of cars first',
    de: 'Zähler {meter} ist noch nicht bewährt: er muss erst zwei Änderungen von Autos folgen',
    pt: 'o contador {meter} ainda não deu provas: tem de acompanhar primeiro duas mudanças de carros',
  },
  stations: { en: '{count} stations', de: '{count} Ladestationen', pt: '{count} postos' },
  and: { en: '{list} and {last}', de: '{list} und {last}', pt: '{list} e {last}' },
})
