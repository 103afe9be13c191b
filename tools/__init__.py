"""What building the project needs beside its packages."""
