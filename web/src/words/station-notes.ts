/** What was noticed of a station (`core/words/station-notes`), in German and Portuguese, by its code. One without its texts does not compile. */
import type { NOTE_WORDS } from '../../../src/core/words/station-notes.js'
import { spoken } from './room.js'

export const NOTES = spoken<keyof typeof NOTE_WORDS>({
  'note-of-connector': { de: 'Ladepunkt {connector}: {note}', pt: 'Ponto {connector}: {note}' },
  'note-disobeys': {
    de: 'er zieht mehr als vorgegeben und tut es weiter: mit dem Maximum gebucht.',
    pt: 'consome mais do que lhe foi dito, e continua: contado pelo máximo.',
  },
  'note-overshoots': {
    de: 'sein letzter Messwert lag über allem, was gelten kann.',
    pt: 'a última amostra estava acima de tudo o que pode estar em vigor.',
  },
  'note-refuses': {
    de: 'er hat {count} {count:Ladeprofil|Ladeprofile nacheinander} abgelehnt.',
    pt: 'recusou {count} {count:perfil|perfis seguidos}.',
  },
  'note-asked-later': {
    de: 'er hat sein letztes Ladeprofil abgelehnt und wird später wieder gefragt.',
    pt: 'recusou o último perfil e será perguntado de novo mais tarde.',
  },
  'note-one-phase': {
    de: 'das Auto lädt auf einer von drei Phasen.',
    pt: 'o carro carrega numa de três fases.',
  },
  'note-first-seen': {
    de: 'in {sessions} Ladevorgängen sah der Zähler seinen ersten Leiter auf {phase}.',
    pt: 'em {sessions} sessões o contador viu o seu primeiro condutor em {phase}.',
  },
  'note-third-seen': {
    de: 'in {sessions} Ladevorgängen zweiphasiger Autos sah der Zähler nichts auf {phase}: dort hängt sein dritter Leiter.',
    pt: 'em {sessions} sessões de carros bifásicos o contador não viu nada em {phase}: é aí que está o seu terceiro condutor.',
  },
  'note-car-on': {
    de: 'der Zähler sah dieses Auto nur auf {phases}: der Rest bleibt anderen, bis etwas dagegen spricht.',
    pt: 'o contador viu este carro só em {phases}: o resto fica para outros até algo o contradizer.',
  },
  'note-energy-only': {
    de: 'er meldet keine Ampere je Phase: sie sind aus Energie oder Leistung gerechnet.',
    pt: 'não comunica os amperes de cada fase: são calculados da energia ou da potência.',
  },
  'note-unreadable': {
    de: 'was auf ihm liegt, lässt sich nicht zurücklesen.',
    pt: 'o que está nele não se consegue ler de volta.',
  },
  'note-not-verified': {
    de: 'was auf ihm liegt, wurde noch nicht zurückgelesen: mit dem Maximum gebucht.',
    pt: 'o que está nele ainda não foi lido de volta: contado pelo máximo.',
  },
  'note-no-smart-charging': {
    de: 'Sie sagt, dass sie keine Ladeprofile kennt.',
    pt: 'Diz que não conhece perfis de carregamento.',
  },
  'note-clock': {
    de: 'Ihrer Uhr ist jetzt nicht zu trauen: nicht mehr als ihr Rückfallstrom.',
    pt: 'Agora não se pode confiar no seu relógio: não mais do que a corrente de segurança.',
  },
  'note-slow': {
    de: 'Sie braucht bis zu {seconds} s für eine Antwort.',
    pt: 'Demora até {seconds} s a responder.',
  },
  'note-no-trigger': {
    de: 'Sie kennt kein TriggerMessage: ein Messwert lässt sich nicht anfordern. Nimmt ihr Auto gerade weniger, wenn die übrige Last steigt, kann Strom über einer Grenze {longer} länger dauern als versprochen.',
    pt: 'Não conhece TriggerMessage: não se pode pedir uma amostra. Se o carro baixar precisamente quando a outra carga sobe, a corrente acima de um limite pode durar mais {longer} do que o prometido.',
  },
  'note-one-interval': { de: 'einen Messabstand', pt: 'um intervalo de amostragem' },
})
