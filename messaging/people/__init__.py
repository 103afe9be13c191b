"""Units, caseworkers, citizens, their numbers and wishes, and who may see whom."""
