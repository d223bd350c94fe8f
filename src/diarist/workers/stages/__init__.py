"""One file for each stage: load what it works on, take the step, say what it led to."""
