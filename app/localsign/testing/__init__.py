"""What tests need beyond the client object: shown timelines, and the worlds of a test run."""
