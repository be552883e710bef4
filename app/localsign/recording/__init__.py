"""What a journal holds, for other tools: tests, archives, collections, commands, diagrams."""
