"""Processes that take tasks and do them: one file for each stage."""
