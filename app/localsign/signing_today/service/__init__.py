"""What Signing Today does, by noun; no HTTP."""
