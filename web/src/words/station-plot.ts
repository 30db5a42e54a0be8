/** The plot of one station. */
import { room } from './room.js'

export const stationPlot = room({
  title: { en: 'How it went', de: 'Wie es verlief', pt: 'Como correu' },
  about: {
    en: 'amps per phase by its own meter',
    de: 'Ampere je Phase nach eigenem Zähler',
    pt: 'amperes por fase pelo seu contador',
  },
  kept: { en: 'Kept free', de: 'Freigehalten', pt: 'Reservado' },
  keptAbout: {
    en: 'What may flow there at most, and is booked on its circuits for it',
    de: 'Was dort höchstens fließen kann und auf seinen Stromkreisen dafür gebucht ist',
    pt: 'O que lá pode passar no máximo, e está reservado nos seus circuitos',
  },
  lineKept: { en: 'kept free', de: 'freigehalten', pt: 'reservado' },
  label: {
    en: 'Amps per phase of {id}, {span}, with what it was told and what is kept free for it',
    de: 'Ampere je Phase von {id}, {span}, mit dem, was vorgegeben und was freigehalten war',
    pt: 'Amperes por fase de {id}, {span}, com o que lhe foi ordenado e o que está reservado',
  },
  none: {
    en: 'Nothing is kept of this time.',
    de: 'Aus dieser Zeit ist nichts aufbewahrt.',
    pt: 'Nada ficou guardado deste período.',
  },
})
