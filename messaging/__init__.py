"""Borgerdialog: caseworkers and citizens write to each other; every message is sealed, journaled and accounted for."""
