"""The newer Mint API: workflows and journeys."""
