#!/bin/sh
# Usage: double-fork.sh. Leaves a sleeper in a session of its own whose parent is gone at once, prints its pid,
# says it is ready and lives on. Neither its group nor its parents lead to it.
setsid sh -c 'sleep 1000000 >/dev/null 2>&1 3>&- & echo $!'
printf '{"type":"ready"}\n' >&3
exec sleep 1000000
