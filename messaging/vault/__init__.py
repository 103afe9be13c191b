"""The encryption boundary: keys, sealing and opening of content, and keyed look-up values. Nothing else holds a key."""
