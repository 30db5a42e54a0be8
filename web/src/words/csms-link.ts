/** Why a station has no link to the CSMS, by the code of `core/events`. */
import { room } from './room.js'

export const csmsLink = room({
  dns: {
    en: 'its name is not found (DNS)',
    de: 'sein Name ist nicht zu finden (DNS)',
    pt: 'o nome não é encontrado (DNS)',
  },
  tcp: {
    en: 'nothing answers at its address (TCP)',
    de: 'an seiner Adresse antwortet niemand (TCP)',
    pt: 'ninguém responde no endereço (TCP)',
  },
  tls: {
    en: 'encryption failed (TLS)',
    de: 'Verschlüsselung fehlgeschlagen (TLS)',
    pt: 'a cifragem falhou (TLS)',
  },
  timeout: { en: 'no answer in time', de: 'keine Antwort in der Zeit', pt: 'sem resposta a tempo' },
  handshake: {
    en: 'it does not speak WebSocket there',
    de: 'spricht dort kein WebSocket',
    pt: 'não fala WebSocket ali',
  },
  unauthorized: {
    en: 'it does not accept the password (401)',
    de: 'nimmt das Passwort nicht an (401)',
    pt: 'não aceita a palavra-passe (401)',
  },
  forbidden: {
    en: 'it does not let this station in (403)',
    de: 'lässt diese Ladestation nicht ein (403)',
    pt: 'não admite este posto (403)',
  },
  'not-found': {
    en: 'it does not know this station or path (404)',
    de: 'kennt diese Ladestation oder diesen Pfad nicht (404)',
    pt: 'não conhece este posto ou caminho (404)',
  },
  status: { en: 'it answered with an error', de: 'antwortete mit einem Fehler', pt: 'respondeu com um erro' },
  'sub-protocol': { en: 'it does not speak OCPP 1.6', de: 'spricht nicht OCPP 1.6', pt: 'não fala OCPP 1.6' },
  closed: { en: 'it closed the connection', de: 'hat die Verbindung geschlossen', pt: 'fechou a ligação' },
  silent: {
    en: 'connected, but it answers nothing',
    de: 'verbunden, antwortet aber nicht',
    pt: 'ligado, mas não responde',
  },
  'tls-unknown-root': {
    en: 'its certificate is signed by nobody we trust (csms.tls.roots)',
    de: 'sein Zertifikat hat niemand unterschrieben, dem wir trauen (csms.tls.roots)',
    pt: 'o certificado não está assinado por ninguém em quem confiemos (csms.tls.roots)',
  },
  'tls-expired': {
    en: 'its certificate has expired: whoever runs it has to renew it',
    de: 'sein Zertifikat ist abgelaufen: der Betreiber muss es erneuern',
    pt: 'o certificado expirou: quem o gere tem de o renovar',
  },
  'tls-not-yet-valid': {
    en: 'its certificate is not valid yet: is the clock of this cabinet right?',
    de: 'sein Zertifikat gilt noch nicht: geht die Uhr dieses Schaltschranks richtig?',
    pt: 'o certificado ainda não é válido: o relógio deste quadro está certo?',
  },
  'tls-wrong-name': {
    en: 'its certificate is for another name than in csms.url',
    de: 'sein Zertifikat gilt für einen anderen Namen als in csms.url',
    pt: 'o certificado é para outro nome que não o de csms.url',
  },
  'tls-wrong-pin': {
    en: 'its key is none of the pinned ones (csms.tls.pins)',
    de: 'sein Schlüssel ist keiner der festgelegten (csms.tls.pins)',
    pt: 'a chave não é nenhuma das fixadas (csms.tls.pins)',
  },
  'tls-wrong-use': {
    en: 'its certificate is not meant for servers',
    de: 'sein Zertifikat ist nicht für Server gedacht',
    pt: 'o certificado não é para servidores',
  },
  'tls-weak-key': {
    en: 'its key is too weak',
    de: 'sein Schlüssel ist zu schwach',
    pt: 'a chave é demasiado fraca',
  },
  'tls-bad-certificate': {
    en: 'its certificate cannot be read or is not signed right',
    de: 'sein Zertifikat ist nicht lesbar oder falsch unterschrieben',
    pt: 'o certificado não se consegue ler ou está mal assinado',
  },
  'tls-revoked': {
    en: 'it says that our certificate is revoked',
    de: 'sagt, unser Zertifikat sei gesperrt',
    pt: 'diz que o nosso certificado foi revogado',
  },
  'tls-certificate-missing': {
    en: 'it wants a client certificate (csms.tls.certificate)',
    de: 'verlangt ein Client-Zertifikat (csms.tls.certificate)',
    pt: 'exige um certificado de cliente (csms.tls.certificate)',
  },
  'tls-peer-distrusts-root': {
    en: 'it does not trust who signed our client certificate',
    de: 'traut dem Aussteller unseres Client-Zertifikats nicht',
    pt: 'não confia em quem assinou o nosso certificado de cliente',
  },
  'tls-peer-says-expired': {
    en: 'it says that our client certificate has expired',
    de: 'sagt, unser Client-Zertifikat sei abgelaufen',
    pt: 'diz que o nosso certificado de cliente expirou',
  },
  'tls-peer-refuses-certificate': {
    en: 'it refuses our client certificate',
    de: 'lehnt unser Client-Zertifikat ab',
    pt: 'recusa o nosso certificado de cliente',
  },
  'tls-no-common-suite': {
    en: 'it offers no cipher suite we accept',
    de: 'bietet kein Verfahren an, das wir annehmen',
    pt: 'não oferece nenhuma cifra que aceitemos',
  },
  'tls-old-version': {
    en: 'it speaks only TLS older than 1.2',
    de: 'spricht nur TLS älter als 1.2',
    pt: 'só fala TLS anterior a 1.2',
  },
  'tls-not-tls': {
    en: 'it does not speak TLS on this port',
    de: 'spricht auf diesem Port kein TLS',
    pt: 'não fala TLS nesta porta',
  },
  'tls-to-plain-port': {
    en: 'it does not speak TLS on this port',
    de: 'spricht auf diesem Port kein TLS',
    pt: 'não fala TLS nesta porta',
  },
  'tls-slow-handshake': {
    en: 'it did not finish the TLS handshake in time',
    de: 'wurde mit dem TLS-Handschlag nicht rechtzeitig fertig',
    pt: 'não terminou a negociação TLS a tempo',
  },
  'tls-cut': {
    en: 'it cut the connection within the TLS handshake',
    de: 'trennte die Verbindung im TLS-Handschlag',
    pt: 'cortou a ligação durante a negociação TLS',
  },
  'tls-refused-by-peer': {
    en: 'it broke off the TLS handshake',
    de: 'brach den TLS-Handschlag ab',
    pt: 'interrompeu a negociação TLS',
  },
})
