"""The case systems: one module per way of journaling."""
