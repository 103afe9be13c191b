"""The pages of this room, one module for each group of them."""
