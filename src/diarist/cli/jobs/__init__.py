"""Jobs on the command line: hand in, look at, wait for, take back, and work on them."""
