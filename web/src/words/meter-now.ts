/** A meter's entry: read as it will be wired, and searched for on its line. */
import { room } from './room.js'

export const meterNow = room({
  read: { en: 'Read it now', de: 'Jetzt lesen', pt: 'Ler agora' },
  stop: { en: 'Stop reading', de: 'Nicht mehr lesen', pt: 'Parar de ler' },
  search: { en: 'Search its line', de: 'Seine Leitung absuchen', pt: 'Procurar na sua linha' },
  searching: { en: 'Searching, up to 90 s', de: 'Sucht, bis zu 90 s', pt: 'A procurar, até 90 s' },
  nobody: {
    en: 'Nobody answers there. Check supply, address, cable and unit id.',
    de: 'Dort antwortet niemand. Versorgung, Adresse, Kabel und Geräteadresse prüfen.',
    pt: 'Ninguém responde ali. Verifique a alimentação, o endereço, o cabo e a unidade.',
  },
  busy: {
    en: 'A search or a reading runs already. Try again in a moment.',
    de: 'Eine Suche oder Ablesung läuft schon. Gleich noch einmal versuchen.',
    pt: 'Já está em curso uma procura ou leitura. Tente de novo daqui a pouco.',
  },
  running: {
    en: 'As the running site reads it; what is changed here is not in it yet.',
    de: 'Wie die laufende Anlage ihn liest; was hier geändert ist, gilt noch nicht.',
    pt: 'Como a instalação em serviço o lê; o que aqui mudou ainda não conta.',
  },
  take: { en: 'Take it', de: 'Übernehmen', pt: 'Usar este' },
  unit: {
    en: '{model}, unit {unit}, {how}',
    de: '{model}, Gerät {unit}, {how}',
    pt: '{model}, unidade {unit}, {how}',
  },
})
