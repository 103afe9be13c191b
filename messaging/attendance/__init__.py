"""Attendance: what the employment system says became of the meetings that count."""
