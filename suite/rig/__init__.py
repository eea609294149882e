"""The one way from a case to a Record."""
