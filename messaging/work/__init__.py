"""Durable background work: claims and leases, retries, lanes, breakers, and the runner that drains them."""
