"""What the integration tests share: the programs they start, and how they ask."""
