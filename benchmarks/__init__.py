"""Programs that measure Touchpoint on data of a chosen size; ``RESULTS.md`` holds what they found."""
