"""Real signed PDFs and XAdES evidence from a test certificate authority; nothing here has legal value."""
