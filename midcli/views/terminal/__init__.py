"""Results as Rich renderables: what they look like in a terminal."""
