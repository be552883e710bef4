"""What Mint does, for every face of it."""
