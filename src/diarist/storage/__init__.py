"""Where things are kept: the tables and what reads and writes them, and the blob store."""
