"""The citizen's card, and the opening and closing of her case: what touches numbers, messages and meetings at once."""
