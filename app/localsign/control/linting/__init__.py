"""What is to be said about the client that a workspace has been used with."""
