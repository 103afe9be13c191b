"""Who did what to what, and when: entries written with what they tell about, then chained so that tampering shows."""
