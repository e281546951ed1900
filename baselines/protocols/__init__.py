"""What a user can ask for: score, screen, benchmark, scoreboard, decide."""
