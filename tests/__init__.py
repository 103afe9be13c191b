"""The suite, a mirror of the packages; collaborators are swapped through fixtures and the runtime, not patched."""
