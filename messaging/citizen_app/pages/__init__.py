"""Pages of the citizen's app, and those on which staff let a phone in."""
