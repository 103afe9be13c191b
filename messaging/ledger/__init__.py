"""What was done to reach a citizen, for a case: the contact ledger, and the transcript of a thread."""
