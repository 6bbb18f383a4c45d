#!/bin/sh
# Answers each message it gets. It shows that a job needs no library and no Node to take part: whatever can
# read and write lines on file descriptor 3 can. Messages come as one JSON object a line, the envelope
# (from, id) before the body; anything but a message (a receipt, an error) is passed over.

# The string value of a key: field KEY TEXT
field() {
  case $2 in
    *"\"$1\":\""*) ;;
    *) return 1 ;;
  esac
  value=${2#*"\"$1\":\""}
  printf '%s' "${value%%\"*}"
}

printf '{"type":"ready"}\n' >&3

while read -r line <&3; do
  envelope=${line%%\"body\":*}
  [ "$(field type "$envelope")" = message ] || continue
  from=$(field from "$envelope") || continue
  id=$(field id "$envelope") || continue
  printf '{"to":"%s","inReplyTo":"%s","body":"pong"}\n' "$from" "$id" >&3
  printf 'answered question %s of %s\n' "${id%%@*}" "$from"
done
