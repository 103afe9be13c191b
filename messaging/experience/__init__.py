"""Experience: how citizens and staff of the trial find it, asked so that no answer can be led back to anybody."""
