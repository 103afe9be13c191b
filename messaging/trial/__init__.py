"""The trial: who is in which arm of it."""
