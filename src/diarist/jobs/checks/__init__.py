"""Whether all is as it was promised, in the database and in the blob store."""
