"""The arena as it was planned against the arena as it was used."""
