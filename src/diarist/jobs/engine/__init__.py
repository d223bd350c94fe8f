"""The engine: transactions that claim tasks, end them, and put right what was left behind."""
