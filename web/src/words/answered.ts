/** What came of a change or an order (`core/words/answers`), in German and Portuguese, by its code. One without its texts does not compile. */
import type { ANSWER_WORDS } from '../../../src/core/words/answers.js'
import { spoken } from './room.js'

export const ANSWERED_TEXTS = spoken<keyof typeof ANSWER_WORDS>({
  unchanged: { de: 'Es ist nichts anders.', pt: 'Nada é diferente.' },
  'holds-now': {
    de: 'Es gilt jetzt, ohne Neustart: Ladevorgänge laufen weiter. Was sinkt, sinkt sofort; keine Ladestation bekommt mehr, bevor Platz dafür ist.',
    pt: 'Vale agora, sem reiniciar: os carregamentos continuam. O que baixa, baixa de imediato; nenhum posto recebe mais antes de haver folga.',
  },
  'restarts-alone': {
    de: 'Busbar startet in {inS} s neu. Keine Ladestation ist verbunden.',
    pt: 'O Busbar reinicia em {inS} s. Nenhum posto está ligado.',
  },
  restarts: {
    de: 'Busbar startet in {inS} s neu. {sessions} {sessions:Ladevorgang bleibt an seiner Ladestation|Ladevorgänge bleiben an ihren Ladestationen}, {links} {links:Verbindung ist|Verbindungen sind} für einige Sekunden weg. Keine Ladestation bekommt mehr, bevor Platz ist.',
    pt: 'O Busbar reinicia em {inS} s. {sessions} {sessions:carregamento fica no seu posto|carregamentos ficam nos seus postos}, {links} {links:ligação cai|ligações caem} por alguns segundos. Nenhum posto recebe mais antes de haver folga.',
  },
  'order-changes-nothing': { de: 'jetzt ändert sich nichts', pt: 'nada muda agora' },
  'order-circuit': { de: '{circuit} {limit}', pt: '{circuit} {limit}' },
  'order-circuit-until': { de: '{circuit} {limit} bis {until}', pt: '{circuit} {limit} até {until}' },
  'order-stations': { de: 'Ladestationen von {circuit} {limit}', pt: 'postos de {circuit} {limit}' },
  'order-stations-until': {
    de: 'Ladestationen von {circuit} {limit} bis {until}',
    pt: 'postos de {circuit} {limit} até {until}',
  },
  'order-car': { de: '{place} von {from} auf {to}', pt: '{place} de {from} para {to}' },
  'order-keeps': { de: '{place} behält {booked}: {because}', pt: '{place} mantém {booked}: {because}' },
  'kept-not-connected': { de: 'nicht verbunden', pt: 'sem ligação' },
  'kept-not-read-back': { de: 'noch nicht zurückgelesen', pt: 'ainda não lido de volta' },
  'kept-does-not-follow': { de: 'folgt nicht', pt: 'não obedece' },
  'departure-told': { de: '{name}: {told}', pt: '{name}: {told}' },
  'departure-of-nothing': { de: '{name}: nichts angegeben', pt: '{name}: nada foi dito' },
  'departure-leaves': { de: 'fährt ab um {at}', pt: 'parte às {at}' },
  'departure-wants': { de: 'braucht {energy}', pt: 'quer {energy}' },
  'departure-class': { de: 'Klasse {class}', pt: 'classe {class}' },
  'departure-waits': {
    de: 'wartet auf den Ladevorgang, zugesagt ist noch nichts',
    pt: 'espera pelo carregamento, nada está ainda prometido',
  },
  'departure-withdrawn': { de: '{name}: nichts mehr angegeben', pt: '{name}: já nada está dito' },
  'departure-unforeseen': { de: 'dazu lässt sich jetzt nichts vorhersagen', pt: 'agora nada se pode prever' },
  'departure-possible': { de: '{energy} sind möglich', pt: 'são possíveis {energy}' },
  'departure-short': {
    de: '{energy} sind möglich, {short} fehlen',
    pt: 'são possíveis {energy}, faltam {short}',
  },
  'vehicle-without-name': { de: 'das Fahrzeug', pt: 'o veículo' },
  'vehicle-at': { de: '{vehicle} an {place}', pt: '{vehicle} em {place}' },
  'two-of-departure': { de: '{one}, {other}', pt: '{one}, {other}' },
})
