"""Files of other shapes: one module an outside format."""
