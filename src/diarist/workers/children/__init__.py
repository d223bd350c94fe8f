"""Processes that do the work: what crashes, hangs or leaks in a native library stays in them."""
