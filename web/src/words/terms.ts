/** What the technical words mean, in one line each, for whoever stands in front of one. */
import { room } from './room.js'

export const terms = room({
  otherLoad: {
    en: 'Load on this circuit that is no station here: building, lights, machines.',
    de: 'Last an diesem Stromkreis, die keine Ladestation hier ist: Gebäude, Licht, Maschinen.',
    pt: 'Carga deste circuito que não é nenhum posto daqui: edifício, iluminação, máquinas.',
  },
  booked: {
    en: 'What the stations below may draw at most, by what they have confirmed or been seen to draw.',
    de: 'Was die Ladestationen darunter höchstens ziehen dürfen, nach dem, was sie bestätigt haben oder sichtbar ziehen.',
    pt: 'O máximo que os postos abaixo podem consumir, pelo que confirmaram ou se vê que consomem.',
  },
  allocation: {
    en: 'What Busbar has decided to give this connector.',
    de: 'Was Busbar diesem Ladepunkt zugeteilt hat.',
    pt: 'O que o Busbar decidiu dar a este ponto.',
  },
  headroom: {
    en: 'What could still be given out now, on the phase with the least left.',
    de: 'Was jetzt noch vergeben werden könnte, auf der Phase mit dem wenigsten Rest.',
    pt: 'O que ainda se pode atribuir agora, na fase com menos sobra.',
  },
  failSafe: {
    en: 'What a connector falls to by itself when it does not hear Busbar.',
    de: 'Worauf ein Ladepunkt von selbst fällt, wenn er Busbar nicht hört.',
    pt: 'Aquilo a que um ponto passa por si quando não ouve o Busbar.',
  },
  worstCase: {
    en: 'The most the other load is configured to take; used while no meter can be trusted.',
    de: 'Das Höchste, was die übrige Last laut Konfiguration zieht; gilt, solange keinem Zähler zu trauen ist.',
    pt: 'O máximo que a outra carga consome segundo a configuração; usa-se quando não se pode confiar em nenhum contador.',
  },
  limit: {
    en: 'What this circuit may carry now: its rating less the margin, or less by an order or the hours of the day.',
    de: 'Was dieser Stromkreis jetzt führen darf: Nennstrom abzüglich Sicherheitsabstand, oder weniger durch einen Befehl oder die Tageszeit.',
    pt: 'O que este circuito pode levar agora: a corrente nominal menos a margem, ou menos por uma ordem ou pela hora do dia.',
  },
  reserve: {
    en: 'Kept free because not everything that is drawn can be seen.',
    de: 'Freigehalten, weil nicht alles zu sehen ist, was gezogen wird.',
    pt: 'Guardado porque nem tudo o que se consome é visível.',
  },
})

/** As they stand in the tables. */
export const termNames = room({
  otherLoad: { en: 'Other', de: 'Übrige', pt: 'Outra' },
  booked: { en: 'Booked', de: 'Gebucht', pt: 'Reservado' },
  allocation: { en: 'Allocation', de: 'Zuteilung', pt: 'Atribuição' },
  headroom: { en: 'Headroom', de: 'Spielraum', pt: 'Folga' },
  failSafe: { en: 'Fail-safe', de: 'Rückfallstrom', pt: 'Corrente de recurso' },
  worstCase: { en: 'Worst case (wc)', de: 'Ungünstigster Fall (u.F.)', pt: 'Pior caso (pc)' },
  limit: { en: 'Limit', de: 'Grenze', pt: 'Limite' },
  reserve: { en: 'Reserve', de: 'Zuschlag', pt: 'Margem' },
})

export const termsHead = room({
  about: { en: 'What these words mean', de: 'Was diese Wörter heißen', pt: 'O que dizem estas palavras' },
})
