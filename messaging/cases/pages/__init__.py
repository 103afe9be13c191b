"""Pages of the card."""
