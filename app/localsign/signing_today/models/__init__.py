"""The tables of Signing Today, by noun."""
