/** What may go wrong, one at a time, as the core names it in English (`core/site/single-faults`). */
import { spoken } from './room.js'

export const FAULTS = spoken<string>({
  'other load jumps to its worst case': {
    de: 'Übrige Last springt auf den ungünstigsten Fall',
    pt: 'A outra carga salta para o pior caso',
  },
  'Busbar is lost': { de: 'Busbar fällt aus', pt: 'O Busbar falha' },
  'a meter is lost': { de: 'Ein Zähler fällt aus', pt: 'Um contador falha' },
  'a meter is frozen or wrong': {
    de: 'Ein Zähler steht oder zeigt falsch',
    pt: 'Um contador está parado ou errado',
  },
  'a station does not obey': {
    de: 'Eine Ladestation hält sich nicht daran',
    pt: 'Um posto não obedece',
  },
  'a station loses its profiles while not reached': {
    de: 'Eine Ladestation verliert ihre Ladeprofile, während sie nicht erreicht wird',
    pt: 'Um posto perde os perfis enquanto não é alcançado',
  },
  'a station restarts or is reset': {
    de: 'Eine Ladestation startet neu oder wird zurückgesetzt',
    pt: 'Um posto reinicia ou é reposto',
  },
  'stations are not reached': {
    de: 'Ladestationen werden nicht erreicht',
    pt: 'Postos não são alcançados',
  },
  'stations answer late or not at all': {
    de: 'Ladestationen antworten spät oder gar nicht',
    pt: 'Postos respondem tarde ou não respondem',
  },
  'a car changes its phases': { de: 'Ein Auto wechselt seine Phasen', pt: 'Um carro muda de fases' },
  'the clock of a station is wrong': {
    de: 'Die Uhr einer Ladestation geht falsch',
    pt: 'O relógio de um posto está errado',
  },
  "Busbar's own clock jumps": { de: 'Die Uhr von Busbar springt', pt: 'O relógio do Busbar salta' },
  'the CSMS is away, or sets and clears limits': {
    de: 'Das CSMS ist weg, oder setzt und löscht Grenzen',
    pt: 'O CSMS está ausente, ou põe e tira limites',
  },
})
