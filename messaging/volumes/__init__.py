"""Volumes: how much contact there was beside the meetings, how fast it went, and what else reminded of them.

Counts and spreads per unit, week and arm; no person is in any of them.
"""
