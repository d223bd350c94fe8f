"""The only place that builds concrete things. Everything else is handed what it needs."""
