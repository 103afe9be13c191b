"""Tests of the citizen's card, and of closing a case."""
