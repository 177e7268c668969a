"""Two versions of a standard side by side, and what a change means for a portfolio: pure functions."""
