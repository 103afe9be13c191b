"""Ways to reach the outside world. A leaf library: knows providers, nothing of the service that uses it."""
