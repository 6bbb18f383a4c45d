#!/bin/sh
# Usage: surroundings.sh. Prints what it finds itself in: folder, two variables, its job, whether input ends.
echo "folder $(pwd)"
echo "outer${OUTER:+ $OUTER}"
echo "edited $EDITED"
echo "job $SUPERVISE_JOB#$SUPERVISE_INCARNATION"
read -r line || echo 'input ends at once'
