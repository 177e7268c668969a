"""The nouns of ksbtrack: frozen, typed, without input or output."""
