#!/bin/sh
# What the GitHub Action runs: the policies' pipeline, a summary of the job, and a comment on the pull request.
#
#   POLICY          paths, separated by spaces            BASE            the revision to compare with, or empty
#   FAIL_ON         widening, narrowing, any, or empty    MUTATION_SCORE  a percentage, or empty
#   COMMENT         "true" to comment                     PULL_REQUEST    its number, or empty
#   OUTPUT          where the reports go
set -u
output="${OUTPUT:-hoop-report}"

# POLICY is a list of words; everything else is one word each.
# shellcheck disable=SC2086
set -- ${POLICY:-policies}
set -- "$@" --output "$output" --annotations
if [ -n "${BASE:-}" ]; then set -- "$@" --base "$BASE"; fi
if [ -n "${FAIL_ON:-}" ]; then set -- "$@" --fail-on "$FAIL_ON"; fi
if [ -n "${MUTATION_SCORE:-}" ]; then set -- "$@" --mutation-score "$MUTATION_SCORE"; fi

status=0
python -m policy_lang.pipeline "$@" || status=$?

if [ -f "$output/diff.md" ]; then
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat "$output/diff.md" >> "$GITHUB_STEP_SUMMARY"; fi
    if [ "${COMMENT:-}" = true ] && [ -n "${PULL_REQUEST:-}" ]; then
        # A pull request from a fork has no right to comment; the summary above says the same.
        gh pr comment "$PULL_REQUEST" --edit-last --create-if-none --body-file "$output/diff.md" ||
            echo "::notice::no comment could be written; the job's summary has what changes"
    fi
fi
exit "$status"
