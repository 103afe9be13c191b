"""Documents both ways: received in pieces, sealed, inspected before anybody may open them, and kept with a receipt."""
