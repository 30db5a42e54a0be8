/** Why a link is down or a station was not let in, inside an alarm (`core/words/links`), in German and Portuguese, by its code. */
import type { LINK_WORDS } from '../../../src/core/words/links.js'
import { spoken } from './room.js'

export const LINKS = spoken<keyof typeof LINK_WORDS>({
  'connection-refused': { de: 'Verbindung abgelehnt', pt: 'ligação recusada' },
  'connection-cut': { de: 'von der Gegenseite getrennt', pt: 'ligação cortada pelo outro lado' },
  'connection-given-up': { de: 'Verbindung aufgegeben', pt: 'ligação abandonada' },
  'connection-closed': { de: 'Verbindung geschlossen', pt: 'ligação fechada' },
  'no-way-to-address': { de: 'kein Weg zu dieser Adresse', pt: 'sem caminho para este endereço' },
  'no-way-to-network': { de: 'kein Weg in dieses Netz', pt: 'sem caminho para esta rede' },
  'host-down': { de: 'Rechner ist aus', pt: 'a máquina está desligada' },
  'own-network-down': { de: 'eigenes Netz ist aus', pt: 'a rede própria está em baixo' },
  'no-answer': { de: 'keine Antwort', pt: 'sem resposta' },
  'name-unknown': { de: 'Name ist nicht bekannt', pt: 'o nome não é conhecido' },
  'name-not-looked-up': { de: 'Name lässt sich nicht auflösen', pt: 'não se consegue resolver o nome' },
  'no-name-server': {
    de: 'Name lässt sich nicht auflösen, kein Namensserver antwortet',
    pt: 'não se consegue resolver o nome, nenhum servidor responde',
  },
  'no-connection': { de: 'keine Verbindung', pt: 'sem ligação' },
  'no-secure-connection': { de: 'keine sichere Verbindung', pt: 'sem ligação segura' },
  'link-handshake': { de: 'spricht dort kein WebSocket', pt: 'não fala WebSocket ali' },
  'link-unauthorized': { de: 'nimmt das Passwort nicht an', pt: 'não aceita a palavra-passe' },
  'link-forbidden': { de: 'lässt diese Ladestation nicht ein', pt: 'não admite este posto' },
  'link-not-found': {
    de: 'kennt diese Ladestation oder diesen Pfad nicht',
    pt: 'não conhece este posto ou caminho',
  },
  'link-status': { de: 'antwortete mit einem Fehler', pt: 'respondeu com um erro' },
  'link-sub-protocol': { de: 'spricht nicht OCPP 1.6', pt: 'não fala OCPP 1.6' },
  'link-silent': { de: 'verbunden, antwortet aber nicht', pt: 'ligado, mas não responde' },
  'link-refused': { de: 'abgelehnt', pt: 'recusado' },
  'link-other': { de: 'fehlgeschlagen', pt: 'falhou' },
  'with-detail': { de: '{what} ({detail})', pt: '{what} ({detail})' },
  'tls-unknown-root': {
    de: '{server}: sein Zertifikat hat niemand unterschrieben, dem wir trauen',
    pt: '{server}: o certificado não está assinado por ninguém em quem confiemos',
  },
  'tls-expired': {
    de: '{server}: sein Zertifikat ist abgelaufen: der Betreiber muss es erneuern',
    pt: '{server}: o certificado expirou: quem o gere tem de o renovar',
  },
  'tls-not-yet-valid': {
    de: '{server}: sein Zertifikat gilt noch nicht: geht die Uhr dieses Schaltschranks richtig?',
    pt: '{server}: o certificado ainda não é válido: o relógio deste quadro está certo?',
  },
  'tls-wrong-name': {
    de: '{server}: sein Zertifikat gilt für einen anderen Namen',
    pt: '{server}: o certificado é para outro nome',
  },
  'tls-wrong-pin': {
    de: '{server}: sein Schlüssel ist keiner der festgelegten',
    pt: '{server}: a chave não é nenhuma das fixadas',
  },
  'tls-wrong-use': {
    de: '{server}: sein Zertifikat ist nicht für Server gedacht',
    pt: '{server}: o certificado não é para servidores',
  },
  'tls-weak-key': {
    de: '{server}: sein Schlüssel ist zu schwach',
    pt: '{server}: a chave é demasiado fraca',
  },
  'tls-bad-certificate': {
    de: '{server}: sein Zertifikat ist nicht lesbar oder falsch unterschrieben',
    pt: '{server}: o certificado não se consegue ler ou está mal assinado',
  },
  'tls-revoked': {
    de: '{server}: sagt, unser Zertifikat sei gesperrt',
    pt: '{server}: diz que o nosso certificado foi revogado',
  },
  'tls-certificate-missing': {
    de: '{server}: verlangt ein Client-Zertifikat',
    pt: '{server}: exige um certificado de cliente',
  },
  'tls-peer-distrusts-root': {
    de: '{server}: traut dem Aussteller unseres Client-Zertifikats nicht',
    pt: '{server}: não confia em quem assinou o nosso certificado de cliente',
  },
  'tls-peer-says-expired': {
    de: '{server}: sagt, unser Client-Zertifikat sei abgelaufen',
    pt: '{server}: diz que o nosso certificado de cliente expirou',
  },
  'tls-peer-refuses-certificate': {
    de: '{server}: lehnt unser Client-Zertifikat ab',
    pt: '{server}: recusa o nosso certificado de cliente',
  },
  'tls-no-common-suite': {
    de: '{server}: bietet kein Verfahren an, das wir annehmen',
    pt: '{server}: não oferece nenhuma cifra que aceitemos',
  },
  'tls-old-version': {
    de: '{server}: spricht nur TLS älter als 1.2',
    pt: '{server}: só fala TLS anterior a 1.2',
  },
  'tls-not-tls': {
    de: '{server}: spricht auf diesem Port kein TLS',
    pt: '{server}: não fala TLS nesta porta',
  },
  'tls-to-plain-port': {
    de: '{server}: spricht auf diesem Port kein TLS',
    pt: '{server}: não fala TLS nesta porta',
  },
  'tls-slow-handshake': {
    de: '{server}: wurde mit dem TLS-Handschlag nicht rechtzeitig fertig',
    pt: '{server}: não terminou a negociação TLS a tempo',
  },
  'tls-cut': {
    de: '{server}: trennte die Verbindung im TLS-Handschlag',
    pt: '{server}: cortou a ligação durante a negociação TLS',
  },
  'tls-refused-by-peer': {
    de: '{server}: brach den TLS-Handschlag ab',
    pt: '{server}: interrompeu a negociação TLS',
  },
  'server-broker': { de: 'Broker', pt: 'broker' },
  'refused-wrong-path': { de: 'Adresse ohne /ocpp/<Ladestation>', pt: 'endereço sem /ocpp/<id do posto>' },
  'refused-unknown-station': { de: 'nicht in der Konfiguration', pt: 'não está na configuração' },
  'refused-too-many-unknown': {
    de: 'nicht in der Konfiguration, und es sind schon zu viele solche da',
    pt: 'não está na configuração, e já há demasiados assim',
  },
  'refused-no-password': { de: 'schickt kein Passwort', pt: 'não envia palavra-passe' },
  'refused-password-unknown': {
    de: 'ihr Passwort ist hier nicht bekannt, und kein CSMS urteilt darüber',
    pt: 'a palavra-passe não é conhecida aqui, e nenhum CSMS a julga',
  },
  'refused-wrong-password': { de: 'falsches Passwort', pt: 'palavra-passe errada' },
  'refused-too-many-tries': { de: 'zu viele falsche Passwörter', pt: 'demasiadas palavras-passe erradas' },
  'refused-sub-protocol': { de: 'bietet ocpp1.6 nicht an', pt: 'não oferece ocpp1.6' },
  'refused-second-connection': {
    de: 'schon verbunden, von woanders',
    pt: 'já ligado, a partir de outro lado',
  },
  'refused-repeated-header': {
    de: 'Zugangsdaten oder Protokoll doppelt angegeben',
    pt: 'credenciais ou protocolo indicados duas vezes',
  },
  'refused-csms-refused': { de: 'ihre Zugangsdaten, durch das CSMS', pt: 'as suas credenciais, pelo CSMS' },
  'refused-leads-back': {
    de: 'Busbar selbst: die Adresse des CSMS führt hierher zurück',
    pt: 'o próprio Busbar: o endereço do CSMS leva de volta aqui',
  },
  'refused-downgrade': {
    de: 'mit einem niedrigeren Sicherheitsprofil als bisher oder als verlangt',
    pt: 'com um perfil de segurança inferior ao que já usou, ou ao exigido',
  },
  'refused-no-certificate': { de: 'zeigt kein Zertifikat', pt: 'não apresenta certificado' },
  'refused-certificate-of-another': {
    de: 'ihr Zertifikat gehört einer anderen Ladestation',
    pt: 'o certificado é de outro posto',
  },
})
