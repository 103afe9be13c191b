"""Tests of the contact ledger and of transcripts."""
