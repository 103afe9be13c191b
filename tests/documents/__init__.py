"""Documents both ways."""
