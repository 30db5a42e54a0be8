/** What was changed by somebody (`core/words/audit`), in German and Portuguese, by its code. One without its texts does not compile. */
import type { AUDIT_WORDS } from '../../../src/core/words/audit.js'
import { spoken } from './room.js'

export const AUDIT = spoken<keyof typeof AUDIT_WORDS>({
  'audit-session': {
    de: 'Ladevorgang an {station}, Ladepunkt {connector}',
    pt: 'carregamento em {station}, ponto {connector}',
  },
  'audit-tags': { de: 'Liste der Karten', pt: 'lista de cartões' },
  tags: { de: '{count} {count:Karte|Karten}', pt: '{count} {count:cartão|cartões}' },
  'audit-letters-given-up': {
    de: '{count} {count:Meldung|Meldungen} von {station} aufgegeben: das CSMS wird sie nie bekommen',
    pt: '{count} {count:mensagem abandonada|mensagens abandonadas} de {station}: o CSMS nunca {count:a|as} terá',
  },
  'audit-own-password': { de: 'eigenes Passwort von {user}', pt: 'palavra-passe própria de {user}' },
  'audit-password': { de: 'Passwort von {user}', pt: 'palavra-passe de {user}' },
  'audit-station-password': {
    de: 'Passwort der Ladestation {station}',
    pt: 'palavra-passe do posto {station}',
  },
  'audit-secret': { de: 'Geheimnis „{name}“', pt: 'segredo "{name}"' },
  'audit-user': { de: 'Benutzer {user}', pt: 'utilizador {user}' },
  'secret-set': { de: 'gesetzt', pt: 'definida' },
  'secret-another': { de: 'ein anderes', pt: 'outra' },
  'nothing-there': { de: 'keine', pt: 'nenhum' },
  'role-admin': { de: 'Administrator', pt: 'administrador' },
  'role-operator': { de: 'Betreiber', pt: 'operador' },
  'role-viewer': { de: 'Betrachter', pt: 'leitor' },
  'with-another-password': { de: '{role}, ein anderes Passwort', pt: '{role}, outra palavra-passe' },
  'audit-configuration': {
    de: 'Konfiguration, Änderung Nr. {number}',
    pt: 'configuração, alteração n.º {number}',
  },
  'audit-configuration-more': {
    de: 'Konfiguration, Änderung Nr. {number}, {count} {count:Stelle|Stellen} hier nicht genannt',
    pt: 'configuração, alteração n.º {number}, {count} {count:lugar não indicado|lugares não indicados} aqui',
  },
  'audit-backup-whole': {
    de: 'Sicherung gemacht, mit Benutzern und Geheimnissen',
    pt: 'cópia feita, com utilizadores e segredos',
  },
  'audit-backup-part': {
    de: 'Sicherung gemacht, ohne Benutzer und Geheimnisse',
    pt: 'cópia feita, sem utilizadores nem segredos',
  },
  'audit-restored-whole': {
    de: 'Sicherung vom {at} eingespielt, mit Benutzern und Geheimnissen',
    pt: 'cópia de {at} reposta, com utilizadores e segredos',
  },
  'audit-restored-part': {
    de: 'Sicherung vom {at} eingespielt, ohne Benutzer und Geheimnisse',
    pt: 'cópia de {at} reposta, sem utilizadores nem segredos',
  },
  'audit-service': { de: 'Inbetriebnahme: {step}, {state}', pt: 'colocação em serviço: {step}, {state}' },
  'audit-drill': { de: 'Übung des Rückfalls: {kind}', pt: 'exercício de segurança: {kind}' },
  'audit-wiring': { de: 'Verdrahtungstest von {station}', pt: 'teste de ligações de {station}' },
  'wiring-begun': { de: 'begonnen', pt: 'iniciado' },
  'audit-restart': { de: 'Neustart', pt: 'reinício' },
  'restart-needless': { de: 'nichts wartete darauf', pt: 'nada esperava por isso' },
  'audit-command': { de: '{command} an {station}', pt: '{command} a {station}' },
  'command-result': { de: 'beantwortet', pt: 'respondido' },
  'command-error': { de: 'Fehler', pt: 'erro' },
  'command-timeout': { de: 'keine Antwort', pt: 'sem resposta' },
  'command-closed': { de: 'getrennt', pt: 'sem ligação' },
  'audit-isolation': { de: 'Freischaltung von {station}', pt: 'isolamento de {station}' },
  isolated: { de: 'freigeschaltet', pt: 'isolado' },
  'not-isolated': { de: 'nicht freigeschaltet', pt: 'não isolado' },
  'audit-control': { de: 'Regelung von {station}', pt: 'controlo de {station}' },
  controlled: { de: 'geregelt', pt: 'controlado' },
  released: { de: 'freigegeben', pt: 'libertado' },
  'audit-learning': { de: 'Fenster für unbekannte Ladestationen', pt: 'janela para postos desconhecidos' },
  'window-open': { de: 'offen', pt: 'aberto' },
  'window-closed': { de: 'geschlossen', pt: 'fechado' },
  'audit-alarm': { de: 'Störung {alarm}', pt: 'alarme {alarm}' },
  'audit-alarm-of': { de: 'Störung {alarm} von {about}', pt: 'alarme {alarm} de {about}' },
  noted: { de: 'gesehen', pt: 'anotado' },
  'not-noted': { de: 'nicht gesehen', pt: 'não anotado' },
})
