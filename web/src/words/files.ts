/** Files for and from stations: firmware they fetch, diagnostics they send. */
import { room } from './room.js'

export const files = room({
  firmware: { en: 'Firmware for stations', de: 'Firmware für Ladestationen', pt: 'Firmware para postos' },
  firmwareAbout: {
    en: 'A station fetches it here, without internet: give its address in UpdateFirmware.',
    de: 'Eine Ladestation holt sie hier, ohne Internet: ihre Adresse im UpdateFirmware angeben.',
    pt: 'O posto vai buscá-la aqui, sem internet: indique o seu endereço no UpdateFirmware.',
  },
  noFirmware: {
    en: 'No firmware is kept here.',
    de: 'Hier liegt keine Firmware.',
    pt: 'Não há firmware aqui.',
  },
  uploads: { en: 'Sent by stations', de: 'Von Ladestationen gesendet', pt: 'Enviados pelos postos' },
  uploadsAbout: {
    en: 'Diagnostics and logs; the oldest give way when there are too many.',
    de: 'Diagnosen und Protokolle; werden es zu viele, weichen die ältesten.',
    pt: 'Diagnósticos e registos; se forem demasiados, os mais antigos saem.',
  },
  noUploads: {
    en: 'No station has sent anything.',
    de: 'Keine Ladestation hat etwas gesendet.',
    pt: 'Nenhum posto enviou nada.',
  },
  name: { en: 'File', de: 'Datei', pt: 'Ficheiro' },
  size: { en: 'Size', de: 'Größe', pt: 'Tamanho' },
  came: { en: 'Came', de: 'Gekommen', pt: 'Chegou' },
  address: { en: 'Address for the station', de: 'Adresse für die Ladestation', pt: 'Endereço para o posto' },
  put: { en: 'Keep a file here', de: 'Datei hier ablegen', pt: 'Guardar aqui um ficheiro' },
  kept: { en: '{name} is kept.', de: '{name} ist abgelegt.', pt: '{name} está guardado.' },
  tooLarge: { en: 'More than 64 MiB.', de: 'Mehr als 64 MiB.', pt: 'Mais de 64 MiB.' },
  remove: { en: 'Delete', de: 'Löschen', pt: 'Apagar' },
  removeSure: { en: 'Delete it, really?', de: 'Wirklich löschen?', pt: 'Apagar mesmo?' },
  removed: { en: '{name} is deleted.', de: '{name} ist gelöscht.', pt: '{name} foi apagado.' },
  ask: { en: 'Ask for diagnostics', de: 'Diagnose anfordern', pt: 'Pedir diagnóstico' },
  station: { en: 'Station', de: 'Ladestation', pt: 'Posto' },
  asked: {
    en: '{id} will send {name}: it is listed here when it has come.',
    de: '{id} wird {name} senden: es steht hier, sobald es da ist.',
    pt: '{id} vai enviar {name}: aparece aqui quando chegar.',
  },
  askedNothing: {
    en: '{id} has nothing to send.',
    de: '{id} hat nichts zu senden.',
    pt: '{id} não tem nada para enviar.',
  },
  notDone: { en: 'Not done: {what}', de: 'Nicht geschehen: {what}', pt: 'Não foi feito: {what}' },
  silent: { en: 'Busbar does not answer.', de: 'Busbar antwortet nicht.', pt: 'O Busbar não responde.' },
})
