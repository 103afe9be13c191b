"""Meetings: how they are imported, reminded of, answered, and what became of them."""
