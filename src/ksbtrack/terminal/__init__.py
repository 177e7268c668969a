"""What a person reads in a terminal: views of the analysis, as text with shapes."""
