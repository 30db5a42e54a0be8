/** Words of the panel with certificates and passwords of stations. */
import { room } from './room.js'

export const certificates = room({
  title: {
    en: 'Certificates and passwords of stations',
    de: 'Zertifikate und Passwörter der Ladestationen',
    pt: 'Certificados e palavras-passe dos postos',
  },
  loading: {
    en: 'Reading the certificates…',
    de: 'Zertifikate werden gelesen…',
    pt: 'A ler os certificados…',
  },
  none: {
    en: 'There is no site authority here: its document cannot be read, or this Busbar has no certificates.',
    de: 'Hier gibt es keine Zertifizierungsstelle: ihr Dokument ist nicht lesbar, oder dieses Busbar hat keine Zertifikate.',
    pt: 'Não há aqui autoridade certificadora: o documento dela não se lê, ou este Busbar não tem certificados.',
  },
  root: { en: 'Root of the site', de: 'Wurzelzertifikat des Standorts', pt: 'Certificado raiz do local' },
  rootHelp: {
    en: 'Carry it to each station and browser that is to trust this cabinet.',
    de: 'Auf jede Ladestation und jeden Browser bringen, die diesem Schaltschrank trauen sollen.',
    pt: 'Leve-o a cada posto e navegador que deva confiar neste quadro.',
  },
  download: { en: 'Download the root', de: 'Wurzelzertifikat laden', pt: 'Transferir o certificado raiz' },
  codes: {
    en: 'As QR codes, for a phone',
    de: 'Als QR-Codes, für ein Telefon',
    pt: 'Como códigos QR, para um telemóvel',
  },
  codeAddress: {
    en: 'Its address. The phone must be on this network, and log in.',
    de: 'Seine Adresse. Das Telefon muss in diesem Netz sein und sich anmelden.',
    pt: 'O endereço. O telemóvel tem de estar nesta rede e iniciar sessão.',
  },
  codePem: {
    en: 'The certificate itself, as text: scan it, copy it, paste it into the web form of the station.',
    de: 'Das Zertifikat selbst, als Text: einlesen, kopieren, in das Webformular der Ladestation einfügen.',
    pt: 'O próprio certificado, em texto: ler, copiar e colar no formulário web do posto.',
  },
  cabinet: { en: 'This cabinet', de: 'Dieser Schaltschrank', pt: 'Este quadro' },
  station: { en: 'Station', de: 'Ladestation', pt: 'Posto' },
  profile: { en: 'Profile shown / least', de: 'Profil gezeigt / mindestens', pt: 'Perfil mostrado / mínimo' },
  certificate: { en: 'Certificate', de: 'Zertifikat', pt: 'Certificado' },
  nothing: { en: 'none from here', de: 'keines von hier', pt: 'nenhum daqui' },
  revoked: { en: 'revoked', de: 'gesperrt', pt: 'revogado' },
  revoke: { en: 'Revoke', de: 'Sperren', pt: 'Revogar' },
  revokeSure: {
    en: 'Revoke: it is out at once?',
    de: 'Sperren: sie ist sofort draußen?',
    pt: 'Revogar: fica logo fora?',
  },
  forget: { en: 'Let in with less', de: 'Mit weniger einlassen', pt: 'Deixar entrar com menos' },
  forgetSure: {
    en: 'Forget the profile it has shown?',
    de: 'Das gezeigte Profil vergessen?',
    pt: 'Esquecer o perfil que mostrou?',
  },
  rotate: { en: 'New password', de: 'Neues Passwort', pt: 'Nova palavra-passe' },
  rotateSure: {
    en: 'Have it take a new password?',
    de: 'Neues Passwort an sie geben?',
    pt: 'Dar-lhe uma nova palavra-passe?',
  },
  rotated: {
    en: '{station} took a new password and comes back with it.',
    de: '{station} hat ein neues Passwort übernommen und kommt damit zurück.',
    pt: '{station} aceitou uma nova palavra-passe e volta com ela.',
  },
  revokedNow: {
    en: '{station} is not let in with that certificate any more, nor with those before it.',
    de: '{station} wird mit diesem Zertifikat und mit früheren nicht mehr eingelassen.',
    pt: '{station} já não entra com esse certificado nem com os anteriores.',
  },
  forgotten: {
    en: '{station} is let in again with what the configuration says.',
    de: '{station} wird wieder mit dem eingelassen, was die Konfiguration sagt.',
    pt: '{station} volta a entrar com o que a configuração diz.',
  },
  notKept: {
    en: 'It holds until the next start: the disk did not keep it.',
    de: 'Es gilt bis zum nächsten Start: nicht auf den Datenträger geschrieben.',
    pt: 'Vale até ao próximo arranque: o disco não o guardou.',
  },
  silent: { en: 'No connection to Busbar.', de: 'Keine Verbindung zu Busbar.', pt: 'Sem ligação ao Busbar.' },
  expired: { en: 'has expired', de: 'ist abgelaufen', pt: 'expirou' },
  lastDay: { en: 'ends within a day', de: 'endet binnen eines Tages', pt: 'termina dentro de um dia' },
  left: {
    en: '{days} {days:day|days} left',
    de: 'noch {days} {days:Tag|Tage}',
    pt: '{days:falta|faltam} {days} {days:dia|dias}',
  },
  refused: { en: 'It did not: {what}.', de: 'Nicht getan: {what}.', pt: 'Não foi feito: {what}.' },
})
