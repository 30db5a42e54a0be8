/** What was noticed of a station, as the core says it in English (`core/view/station-detail`), found by `heard.ts`. */
import { spoken } from './room.js'

export const NOTES = spoken<string>({
  'Connector {0}: {1}': { de: 'Ladepunkt {0}: {1}', pt: 'Ponto {0}: {1}' },
  'it draws more than it was told, and goes on to: booked at its maximum.': {
    de: 'er zieht mehr als vorgegeben und tut es weiter: mit dem Maximum gebucht.',
    pt: 'consome mais do que lhe foi dito, e continua: contado pelo máximo.',
  },
  'its last sample was above everything that may be in force.': {
    de: 'sein letzter Messwert lag über allem, was gelten kann.',
    pt: 'a última amostra estava acima de tudo o que pode estar em vigor.',
  },
  'it has refused {0} profiles in a row.': {
    de: 'er hat {0} Ladeprofile nacheinander abgelehnt.',
    pt: 'recusou {0} perfis seguidos.',
  },
  'it refused its last profile and is asked again later.': {
    de: 'er hat sein letztes Ladeprofil abgelehnt und wird später wieder gefragt.',
    pt: 'recusou o último perfil e será perguntado de novo mais tarde.',
  },
  'the car charges on one phase of three.': {
    de: 'das Auto lädt auf einer von drei Phasen.',
    pt: 'o carro carrega numa de três fases.',
  },
  'it reports no amps of each phase: they are reckoned from energy or power.': {
    de: 'er meldet keine Ampere je Phase: sie sind aus Energie oder Leistung gerechnet.',
    pt: 'não comunica os amperes de cada fase: são calculados da energia ou da potência.',
  },
  'what lies on it cannot be read back.': {
    de: 'was auf ihm liegt, lässt sich nicht zurücklesen.',
    pt: 'o que está nele não se consegue ler de volta.',
  },
  'what lies on it was not read back yet: booked at its maximum.': {
    de: 'was auf ihm liegt, wurde noch nicht zurückgelesen: mit dem Maximum gebucht.',
    pt: 'o que está nele ainda não foi lido de volta: contado pelo máximo.',
  },
  'It says that it knows no charging profiles.': {
    de: 'Sie sagt, dass sie keine Ladeprofile kennt.',
    pt: 'Diz que não conhece perfis de carregamento.',
  },
  'Its clock cannot be trusted now: no more than its fail-safe.': {
    de: 'Ihrer Uhr ist jetzt nicht zu trauen: nicht mehr als ihr Rückfallstrom.',
    pt: 'Agora não se pode confiar no seu relógio: não mais do que a corrente de segurança.',
  },
  'It takes up to {0} s to answer.': {
    de: 'Sie braucht bis zu {0} s für eine Antwort.',
    pt: 'Demora até {0} s a responder.',
  },
  'It knows no TriggerMessage: a sample cannot be asked for. Where its car takes less just as other load rises, current above a limit can last {0} longer than promised.':
    {
      de: 'Sie kennt kein TriggerMessage: ein Messwert lässt sich nicht anfordern. Nimmt ihr Auto gerade weniger, wenn die übrige Last steigt, kann Strom über einer Grenze {0} länger dauern als versprochen.',
      pt: 'Não conhece TriggerMessage: não se pode pedir uma amostra. Se o carro baixar precisamente quando a outra carga sobe, a corrente acima de um limite pode durar mais {0} do que o prometido.',
    },
  'one sample interval': { de: 'einen Messabstand', pt: 'um intervalo de amostragem' },
})
