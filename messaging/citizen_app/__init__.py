"""The citizen's app: how her phone is paired, what it shows her, and what she does in it."""
