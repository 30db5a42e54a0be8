/** What may go wrong, one at a time, by the kinds of the core (`core/site/single-faults`), which says their English itself. */
import type { SingleFaultKind } from '../../../src/core/site/single-faults.js'
import { spoken } from './room.js'

export const FAULTS = spoken<SingleFaultKind>({
  'other load': {
    de: 'Übrige Last springt auf den ungünstigsten Fall',
    pt: 'A outra carga salta para o pior caso',
  },
  'busbar lost': { de: 'Busbar fällt aus', pt: 'O Busbar falha' },
  'meter lost': { de: 'Ein Zähler fällt aus', pt: 'Um contador falha' },
  'meter wrong': {
    de: 'Ein Zähler steht oder zeigt falsch',
    pt: 'Um contador está parado ou errado',
  },
  disobeys: {
    de: 'Eine Ladestation hält sich nicht daran',
    pt: 'Um posto não obedece',
  },
  'profiles lost': {
    de: 'Eine Ladestation verliert ihre Ladeprofile, während sie nicht erreicht wird',
    pt: 'Um posto perde os perfis enquanto não é alcançado',
  },
  restarted: {
    de: 'Eine Ladestation startet neu oder wird zurückgesetzt',
    pt: 'Um posto reinicia ou é reposto',
  },
  unreached: {
    de: 'Ladestationen werden nicht erreicht',
    pt: 'Postos não são alcançados',
  },
  late: {
    de: 'Ladestationen antworten spät oder gar nicht',
    pt: 'Postos respondem tarde ou não respondem',
  },
  phases: { de: 'Ein Auto wechselt seine Phasen', pt: 'Um carro muda de fases' },
  'station clock': {
    de: 'Die Uhr einer Ladestation geht falsch',
    pt: 'O relógio de um posto está errado',
  },
  'site clock': { de: 'Die Uhr von Busbar springt', pt: 'O relógio do Busbar salta' },
  csms: {
    de: 'Das CSMS ist weg, oder setzt und löscht Grenzen',
    pt: 'O CSMS está ausente, ou põe e tira limites',
  },
})
