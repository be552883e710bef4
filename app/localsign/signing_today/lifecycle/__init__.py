"""States, events and transition tables of Signing Today, by noun."""
