"""What has been said and tried, for the record: the contact ledger and the transcript of a citizen."""
