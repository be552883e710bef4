"""Signicat Mint: workflows and their journeys."""
