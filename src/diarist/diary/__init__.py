"""From a transcript to a diary entry: its schema, the writers, and the check of their evidence."""
