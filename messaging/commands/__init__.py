"""The commands behind `borgerdialog`, a module per subject: read the arguments, open an act, call a verb, print a line."""
