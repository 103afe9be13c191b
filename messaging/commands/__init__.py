"""The commands behind `borgerdialog`, a module per subject: read arguments, open an act, call a verb, print a line."""
