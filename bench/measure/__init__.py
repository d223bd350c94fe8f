"""What the benchmarks share: recordings, engines, rounds, and the reports they write."""
