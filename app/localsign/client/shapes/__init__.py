"""What the control plane takes and answers, for type checkers: plain dictionaries."""
