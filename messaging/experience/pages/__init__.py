"""Pages of the two questions: for citizens by a code, for staff, and at the desk where codes are shown."""
