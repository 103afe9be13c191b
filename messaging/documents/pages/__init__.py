"""Pages of documents for staff, and what the citizen's pages share with them."""
