"""Files: read as what anybody may have written, written whole or not at all, kept in one cache."""
