#!/bin/sh
# One run of the pipeline in its container. The exit code is that of `tutorials run-node`: 75 means
# that another attempt can succeed, and attempts of a run share its id.
run_id=$PIPELINE-$(date -u +%Y%m%d-%H%M%S)-$HOSTNAME
attempt=0
# In the foreground, so that `docker stop` reaches the run and not only this script.
until timeout --foreground --kill-after 60 "$TIMEOUT" tutorials run-node /plan --run-id "$run_id" "$@"; do
    code=$?
    if [ "$code" -ne 75 ] || [ "$attempt" -ge "$RETRIES" ]; then
        exit "$code"
    fi
    attempt=$((attempt + 1))
    echo "Attempt $attempt of $RETRIES to continue the run in 30 s." >&2
    sleep 30
done
