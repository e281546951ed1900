"""What a user asks for: score, screen, benchmark, scoreboard, decide."""
