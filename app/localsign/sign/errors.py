"""How Sign v2 spells errors: problem+json with `code` and `invalidParams` (documented in REF and SEED)."""

from localsign.signicat.problems import render

__all__ = ["render"]
