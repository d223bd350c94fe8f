"""What happens to a recording, and when: states, tasks with leases, retries. SQL holds the truth."""
