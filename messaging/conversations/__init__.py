"""Threads between citizens and caseworkers: messages both ways, what may be said in them, and how they are sent."""
