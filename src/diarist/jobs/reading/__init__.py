"""What owners and stages read of jobs. Nothing here changes anything."""
