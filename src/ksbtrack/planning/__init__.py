"""What to do next, in which order, and how long it may take: pure functions on an analysis."""
