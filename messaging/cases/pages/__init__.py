"""Pages of the card and of the team."""
