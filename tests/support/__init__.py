"""What tests share: made-up media, recordings of our own, and servers that speak real protocols."""
