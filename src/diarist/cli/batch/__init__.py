"""Many recordings in one command: survey them, work through them, report on them."""
