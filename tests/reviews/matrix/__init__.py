"""State × action × role, exhaustively: the stages, the people, the verbs, and what they may do."""
