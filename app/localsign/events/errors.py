"""How the Events service spells errors: as the platform does."""

from localsign.signicat.problems import render

__all__ = ["render"]
