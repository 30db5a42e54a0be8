#!/bin/sh
# Starts Busbar under the watchdog of systemd (WatchdogSec in busbar.service). Node has no datagram sockets of the local kind, which
# systemd wants to be told by; so a loop beside the program asks /healthz and passes the answer on. It feeds the watchdog
# - while the control loop decides (a journal that cannot be written is no reason: a restart would only drop the stations),
# - until the page has answered for the first time, so that a wrong address never restarts a program that works.
# Without a watchdog, and outside systemd, it only starts the program. BUSBAR_HEALTH: where to ask.
set -u
health=${BUSBAR_HEALTH:-http://127.0.0.1:8080/healthz}

feed() {
  every=$((WATCHDOG_USEC / 4000000))
  [ "$every" -gt 0 ] || every=1
  answered=no
  asked=0
  # gone with the program: what is left of it is init's child then
  while kill -0 "$1" 2>/dev/null; do
    # also the body of a 503; nothing when nobody answers in time
    said=$(curl --silent --max-time 5 --noproxy '*' "$health") || said=
    case $said in
      '') alive=no ;;
      *control-stalled*) alive=no answered=yes ;;
      *) alive=yes answered=yes ;;
    esac
    if [ "$alive" = yes ] || [ "$answered" = no ]; then
      systemd-notify WATCHDOG=1 || echo '<3>the watchdog cannot be told'
    else
      echo '<4>no sign of life from the control loop'
    fi
    asked=$((asked + 1))
    [ "$answered" = no ] && [ "$asked" -eq 20 ] && echo "<4>nobody answers at $health: the program is not watched"
    sleep "$every"
  done
}

if [ -n "${WATCHDOG_USEC:-}" ] && [ -n "${NOTIFY_SOCKET:-}" ]; then
  feed $$ &
fi
unset WATCHDOG_USEC WATCHDOG_PID
exec "$@"
