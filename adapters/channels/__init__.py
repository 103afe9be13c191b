"""The channels: one module per way of reaching citizens, each with both directions."""
