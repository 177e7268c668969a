"""The checks before sending: what would make a submission bounce."""
