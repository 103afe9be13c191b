"""What the figures in README come from: `python -m benchmarks`, or `make bench`. See README.md beside this."""
