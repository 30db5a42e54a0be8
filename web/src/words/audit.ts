/** What was changed by somebody (`web/audit`), by its English with its values left out. */
import { spoken } from './room.js'

export const AUDIT = spoken<string>({
  'session on {0}, connector {1}': {
    de: 'Ladevorgang an {0}, Ladepunkt {1}',
    pt: 'carregamento em {0}, ponto {1}',
  },
  'list of tags': { de: 'Liste der Karten', pt: 'lista de cartões' },
  '{0} tags': { de: '{0} Karten', pt: '{0} cartões' },
  'own password of {0}': { de: 'eigenes Passwort von {0}', pt: 'palavra-passe própria de {0}' },
  set: { de: 'gesetzt', pt: 'definida' },
  another: { de: 'ein anderes', pt: 'outra' },
  'user {0}': { de: 'Benutzer {0}', pt: 'utilizador {0}' },
  none: { de: 'keine', pt: 'nenhum' },
  'configuration, change #{0}, {1} places not listed here': {
    de: 'Konfiguration, Änderung Nr. {0}, {1} Stellen hier nicht genannt',
    pt: 'configuração, alteração n.º {0}, {1} lugares não indicados aqui',
  },
  'backup made with users and secrets': {
    de: 'Sicherung gemacht, mit Benutzern und Geheimnissen',
    pt: 'cópia feita, com utilizadores e segredos',
  },
  'backup made without users and secrets': {
    de: 'Sicherung gemacht, ohne Benutzer und Geheimnisse',
    pt: 'cópia feita, sem utilizadores nem segredos',
  },
  'putting into service: {0}, {1}': { de: 'Inbetriebnahme: {0}, {1}', pt: 'colocação em serviço: {0}, {1}' },
  'test of a CSMS address': { de: 'Test einer CSMS-Adresse', pt: 'teste de um endereço de CSMS' },
  open: { de: 'offen', pt: 'aberto' },
  closed: { de: 'geschlossen', pt: 'fechado' },
  'fail-safe drill: {0}': { de: 'Übung des Rückfalls: {0}', pt: 'exercício de segurança: {0}' },
  'wiring test of {0}': { de: 'Verdrahtungstest von {0}', pt: 'teste de ligações de {0}' },
  begun: { de: 'begonnen', pt: 'iniciado' },
  restart: { de: 'Neustart', pt: 'reinício' },
  'nothing waited for it': { de: 'nichts wartete darauf', pt: 'nada esperava por isso' },
  '{0} to {1}': { de: '{0} an {1}', pt: '{0} a {1}' },
  result: { de: 'beantwortet', pt: 'respondido' },
  'isolation of {0}': { de: 'Freischaltung von {0}', pt: 'isolamento de {0}' },
  isolated: { de: 'freigeschaltet', pt: 'isolado' },
  'not isolated': { de: 'nicht freigeschaltet', pt: 'não isolado' },
  'control of {0}': { de: 'Regelung von {0}', pt: 'controlo de {0}' },
  'window for unknown stations': {
    de: 'Fenster für unbekannte Ladestationen',
    pt: 'janela para postos desconhecidos',
  },
  'password of {0}': { de: 'Passwort von {0}', pt: 'palavra-passe de {0}' },
  'password of station {0}': { de: 'Passwort der Ladestation {0}', pt: 'palavra-passe do posto {0}' },
  'secret "{0}"': { de: 'Geheimnis „{0}“', pt: 'segredo "{0}"' },
  'alarm {0} of {1}': { de: 'Störung {0} von {1}', pt: 'alarme {0} de {1}' },
  noted: { de: 'gesehen', pt: 'anotado' },
  'not noted': { de: 'nicht gesehen', pt: 'não anotado' },
  controlled: { de: 'geregelt', pt: 'controlado' },
  released: { de: 'freigegeben', pt: 'libertado' },
  '{0}, another password': { de: '{0}, ein anderes Passwort', pt: '{0}, outra palavra-passe' },
  'backup of {0} restored with users and secrets': {
    de: 'Sicherung vom {0} eingespielt, mit Benutzern und Geheimnissen',
    pt: 'cópia de {0} reposta, com utilizadores e segredos',
  },
  'backup of {0} restored without users and secrets': {
    de: 'Sicherung vom {0} eingespielt, ohne Benutzer und Geheimnisse',
    pt: 'cópia de {0} reposta, sem utilizadores nem segredos',
  },
  'alarm {0}{1}': { de: 'Störung {0}{1}', pt: 'alarme {0}{1}' },
  'backup made {0} users and secrets': {
    de: 'Sicherung gemacht {0} Benutzer und Geheimnisse',
    pt: 'cópia feita {0} utilizadores e segredos',
  },
  without: { de: 'ohne', pt: 'sem' },
  with: { de: 'mit', pt: 'com' },
  'configuration, change #{0}{1}': {
    de: 'Konfiguration, Änderung Nr. {0}{1}',
    pt: 'configuração, alteração n.º {0}{1}',
  },
  ', {0} places not listed here': {
    de: ', {0} Stellen hier nicht genannt',
    pt: ', {0} lugares não indicados aqui',
  },
})
