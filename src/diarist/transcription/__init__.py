"""From samples to text: engines, the weights they need, and what becomes of their output."""
