"""PDFs written front to back: pages of text and simple shapes, in any script, in bounded memory."""
