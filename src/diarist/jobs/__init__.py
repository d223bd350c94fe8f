"""What happens to a recording, and when: states, tasks with leases, retries.

SQL holds the truth; the queue only carries hints.
"""
