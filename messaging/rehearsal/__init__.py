"""The rehearsal: the whole service against a stub of the outside world, and the ledger that counts what went wrong."""
