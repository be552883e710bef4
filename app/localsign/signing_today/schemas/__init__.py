"""Wire shapes of Signing Today, by noun."""
