#!/bin/sh
# One run of the pipeline in its container. Attempts of a run share its id. The exit code is that of
# `tutorials run-node`, where 75 means that another attempt can succeed, or 124 after $TIMEOUT.
run_id=$PIPELINE-$(date -u +%Y%m%d-%H%M%S)-$HOSTNAME
attempt=0
stopped=
# `docker stop` signals this script and the run, which needs time to end.
trap 'stopped=yes' INT TERM
while :; do
    timeout --foreground --kill-after 60 "$TIMEOUT" tutorials run-node /plan --run-id "$run_id" "$@"
    code=$?
    if [ "$code" -ne 75 ] || [ "$attempt" -ge "$RETRIES" ] || [ -n "$stopped" ]; then
        exit "$code"
    fi
    attempt=$((attempt + 1))
    echo "Attempt $attempt of $RETRIES to continue the run in $PAUSE s." >&2
    sleep "$PAUSE"
    [ -z "$stopped" ] || exit 75
done
