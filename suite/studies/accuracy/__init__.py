"""How often a model is right: in float, in integers, and on the board."""
