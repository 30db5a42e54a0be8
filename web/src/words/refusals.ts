/** Why a station was not let in, by the code of `core/events`. */
import { room } from './room.js'

export const refusals = room({
  'wrong-path': {
    en: 'address without /ocpp/<station id>',
    de: 'Adresse ohne /ocpp/<Ladestation>',
    pt: 'endereço sem /ocpp/<id do posto>',
  },
  'unknown-station': {
    en: 'not in the configuration',
    de: 'nicht in der Konfiguration',
    pt: 'não está na configuração',
  },
  'too-many-unknown': {
    en: 'not in the configuration, and too many such are in already',
    de: 'nicht in der Konfiguration, und es sind schon zu viele solche da',
    pt: 'não está na configuração, e já há demasiados assim',
  },
  'password-unknown': {
    en: 'its password is not known here, and no CSMS judges it',
    de: 'ihr Passwort ist hier nicht bekannt, und kein CSMS urteilt darüber',
    pt: 'a palavra-passe não é conhecida aqui, e nenhum CSMS a julga',
  },
  'no-password': { en: 'sends no password', de: 'schickt kein Passwort', pt: 'não envia palavra-passe' },
  'wrong-password': { en: 'wrong password', de: 'falsches Passwort', pt: 'palavra-passe errada' },
  'too-many-tries': {
    en: 'too many wrong passwords',
    de: 'zu viele falsche Passwörter',
    pt: 'demasiadas palavras-passe erradas',
  },
  'sub-protocol': { en: 'does not offer ocpp1.6', de: 'bietet ocpp1.6 nicht an', pt: 'não oferece ocpp1.6' },
  'second-connection': {
    en: 'connected already, from elsewhere',
    de: 'schon verbunden, von woanders',
    pt: 'já ligado, a partir de outro lado',
  },
  'repeated-header': {
    en: 'credentials or protocol given twice',
    de: 'Zugangsdaten oder Protokoll doppelt angegeben',
    pt: 'credenciais ou protocolo indicados duas vezes',
  },
  'csms-refused': {
    en: 'its credentials, by the CSMS',
    de: 'ihre Zugangsdaten, durch das CSMS',
    pt: 'as suas credenciais, pelo CSMS',
  },
  'leads-back': {
    en: 'Busbar itself: the CSMS address leads back here',
    de: 'Busbar selbst: die Adresse des CSMS führt hierher zurück',
    pt: 'o próprio Busbar: o endereço do CSMS leva de volta aqui',
  },
  downgrade: {
    en: 'with a lower security profile than it has used before, or than is demanded of it',
    de: 'mit einem niedrigeren Sicherheitsprofil als bisher oder als verlangt',
    pt: 'com um perfil de segurança inferior ao que já usou, ou ao exigido',
  },
  'no-certificate': {
    en: 'shows no certificate',
    de: 'zeigt kein Zertifikat',
    pt: 'não apresenta certificado',
  },
  'certificate-of-another': {
    en: 'its certificate is for another station',
    de: 'ihr Zertifikat gehört einer anderen Ladestation',
    pt: 'o certificado é de outro posto',
  },
  'tls-unknown-root': {
    en: 'its certificate is signed by nobody we trust',
    de: 'ihr Zertifikat hat niemand unterschrieben, dem wir trauen',
    pt: 'o certificado não está assinado por ninguém em quem confiemos',
  },
  'tls-expired': {
    en: 'its certificate has expired',
    de: 'ihr Zertifikat ist abgelaufen',
    pt: 'o certificado expirou',
  },
  'tls-not-yet-valid': {
    en: 'its certificate is not valid yet',
    de: 'ihr Zertifikat gilt noch nicht',
    pt: 'o certificado ainda não é válido',
  },
  'tls-wrong-name': {
    en: 'it dials another name than our certificate has',
    de: 'sie wählt einen anderen Namen als den in unserem Zertifikat',
    pt: 'liga para um nome diferente do do nosso certificado',
  },
  'tls-wrong-pin': {
    en: 'the key is none of the pinned ones',
    de: 'der Schlüssel ist keiner der festgelegten',
    pt: 'a chave não é nenhuma das fixadas',
  },
  'tls-wrong-use': {
    en: 'its certificate is not meant for clients',
    de: 'ihr Zertifikat ist nicht für Clients gedacht',
    pt: 'o certificado não é para clientes',
  },
  'tls-weak-key': {
    en: 'the key of its certificate is too weak',
    de: 'der Schlüssel ihres Zertifikats ist zu schwach',
    pt: 'a chave do certificado é demasiado fraca',
  },
  'tls-bad-certificate': {
    en: 'its certificate cannot be read or is not signed right',
    de: 'ihr Zertifikat ist nicht lesbar oder falsch unterschrieben',
    pt: 'o certificado não se consegue ler ou está mal assinado',
  },
  'tls-revoked': {
    en: 'its certificate is revoked',
    de: 'ihr Zertifikat ist gesperrt',
    pt: 'o certificado foi revogado',
  },
  'tls-certificate-missing': {
    en: 'shows no certificate',
    de: 'zeigt kein Zertifikat',
    pt: 'não apresenta certificado',
  },
  'tls-peer-distrusts-root': {
    en: 'does not trust our certificate: put the root of this site on it',
    de: 'traut unserem Zertifikat nicht: die Wurzel dieser Anlage auf sie laden',
    pt: 'não confia no nosso certificado: instale nele a raiz desta instalação',
  },
  'tls-peer-says-expired': {
    en: 'says that our certificate has expired: is its clock right?',
    de: 'sagt, unser Zertifikat sei abgelaufen: geht ihre Uhr richtig?',
    pt: 'diz que o nosso certificado expirou: o seu relógio está certo?',
  },
  'tls-peer-refuses-certificate': {
    en: 'refuses our certificate: does it dial by a name that is in it?',
    de: 'lehnt unser Zertifikat ab: wählt sie einen Namen, der darin steht?',
    pt: 'recusa o nosso certificado: liga para um nome que está nele?',
  },
  'tls-no-common-suite': {
    en: 'knows no cipher suite that is safe',
    de: 'kennt kein sicheres Verfahren',
    pt: 'não conhece nenhuma cifra segura',
  },
  'tls-old-version': {
    en: 'speaks only TLS older than 1.2',
    de: 'spricht nur TLS älter als 1.2',
    pt: 'só fala TLS anterior a 1.2',
  },
  'tls-not-tls': {
    en: 'speaks ws:// to a port for wss://',
    de: 'spricht ws:// an einem Port für wss://',
    pt: 'fala ws:// para uma porta de wss://',
  },
  'tls-to-plain-port': {
    en: 'speaks wss:// to a port for ws://',
    de: 'spricht wss:// an einem Port für ws://',
    pt: 'fala wss:// para uma porta de ws://',
  },
  'tls-slow-handshake': {
    en: 'did not finish the TLS handshake in time',
    de: 'wurde mit dem TLS-Handschlag nicht rechtzeitig fertig',
    pt: 'não terminou a negociação TLS a tempo',
  },
  'tls-cut': {
    en: 'cut the connection within the TLS handshake',
    de: 'trennte die Verbindung im TLS-Handschlag',
    pt: 'cortou a ligação durante a negociação TLS',
  },
  'tls-refused-by-peer': {
    en: 'broke off the TLS handshake',
    de: 'brach den TLS-Handschlag ab',
    pt: 'interrompeu a negociação TLS',
  },
})
