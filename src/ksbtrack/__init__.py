"""ksbtrack: is this apprentice ready for gateway, and why."""
